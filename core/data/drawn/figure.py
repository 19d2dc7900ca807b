"""Figures: flesh and clothes around the bones of one person, and where its keypoints are."""

from collections.abc import Mapping

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from core.data.drawn.faces import (
    EAR_AZIMUTH,
    EAR_ELEVATION,
    EYE_AZIMUTH,
    EYE_ELEVATION,
    NOSE_ELEVATION,
    head_point,
)
from core.data.drawn.head import add_head
from core.data.drawn.limbs import add_arm, add_foot, add_hand, add_leg
from core.data.drawn.parts import Figure, thickness
from core.data.drawn.shapes import MeshBuilder
from core.data.drawn.trunk import add_skirt, add_torso

FloatArray = NDArray[np.float64]


def add_figure(mesh: MeshBuilder, figure: Figure, rng: Generator) -> None:
    """Add everything of one person to the mesh."""
    add_head(mesh, figure, rng)
    add_torso(mesh, figure)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        add_arm(mesh, figure, side)
        add_hand(mesh, figure, side, sign, rng)
        add_leg(mesh, figure, side)
        add_foot(mesh, figure, side)
    if figure.outfit.lower in ("skirt", "dress"):
        add_skirt(mesh, figure)


def keypoints_m(figure: Figure) -> FloatArray:
    """(17, 3) COCO's keypoints in the world: on the skin of the face, else inside the flesh."""
    at, head = figure.bones.at_m, figure.build.head_m
    frame = figure.bones.frame["head"]

    def on_head(azimuth: float, elevation: float, out: float) -> FloatArray:
        place: FloatArray = at["head"] + frame @ (head_point(azimuth, elevation) * head * out)
        return place

    face = [
        on_head(0, NOSE_ELEVATION, 1.10),
        *(on_head(side * EYE_AZIMUTH, EYE_ELEVATION, 1.0) for side in (1, -1)),
        *(on_head(side * EAR_AZIMUTH, EAR_ELEVATION, 1.06) for side in (1, -1)),
    ]
    names = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    limbs = [at[f"{side}_{name}"] for name in names for side in ("left", "right")]
    return np.array(face + limbs)


def keypoint_radii_m(figure: Figure) -> FloatArray:
    """(17,) how deep inside the clothed flesh each keypoint lies."""
    thick = thickness(figure.build)
    loose = figure.outfit.loose_m + 0.01
    radii: Mapping[str, float] = {
        "face": 0.02, "ear": 0.035, "shoulder": 0.068, "elbow": 0.042, "wrist": 0.034,
        "hip": 0.15, "knee": 0.062, "ankle": 0.05,
    }  # fmt: skip
    kinds = ["face"] * 3 + ["ear"] * 2
    kinds += [name for name in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle") for _ in "lr"]
    return np.array(
        [radii[kind] * (thick if i > 4 else 1) + loose * (i > 4) for i, kind in enumerate(kinds)]
    )
