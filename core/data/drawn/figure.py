"""Figures: flesh and clothes around the bones of one person, and where its keypoints are."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from core.data.drawn.atlas import clothes_tile, fixed_tile, head_tile, part_of
from core.data.drawn.body import THIGH, UPPER_ARM, Bones, Build
from core.data.drawn.clothes import Outfit
from core.data.drawn.faces import (
    EAR_AZIMUTH,
    EAR_ELEVATION,
    EYE_AZIMUTH,
    EYE_ELEVATION,
    NOSE_ELEVATION,
    Face,
    head_grid,
    head_point,
)
from core.data.drawn.hair import hair_grids, hat_grids
from core.data.drawn.shapes import Colour, MeshBuilder, Tile, ellipsoid, rings

FloatArray = NDArray[np.float64]
Limb = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


class Part(IntEnum):
    """Parts of a person, as told apart in the picture."""

    TORSO = 0
    HEAD = 1
    NOSE = 2
    LEFT_EAR = 3
    RIGHT_EAR = 4
    HAIR = 5
    HAT = 6
    LEFT_ARM = 7
    RIGHT_ARM = 8
    LEFT_HAND = 9
    RIGHT_HAND = 10
    LEFT_LEG = 11
    RIGHT_LEG = 12
    LEFT_FOOT = 13
    RIGHT_FOOT = 14
    SKIRT = 15


PARTS_PER_PERSON = 16
MAX_PERSONS = 8


def thing_of(person: int, part: Part) -> int:
    """The number a part of a person (from 0) has in the picture; 0 is the background."""
    return 1 + person * PARTS_PER_PERSON + int(part)


@dataclass(frozen=True)
class Figure:
    """One person to draw.

    Attributes:
        number: place among the persons of the scene, from 0.
    """

    number: int
    build: Build
    bones: Bones
    outfit: Outfit
    face: Face
    hair_style: str
    pose: str


# Body shape at a height of 1.75 m. Arm and leg: share of the way shoulder-elbow-wrist
# (0, 0.5, 1) and radius there; torso: share of the spine, half width, half depth, shift forwards.
_ARM_AT = np.array([-0.16, -0.08, -0.02, 0.05, 0.13, 0.26, 0.42, 0.5, 0.57, 0.68, 0.85, 1.02])
_ARM_M = np.array(
    [0.034, 0.046, 0.053, 0.054, 0.051, 0.047, 0.041, 0.039, 0.042, 0.041, 0.031, 0.025]
)
_LEG_AT = np.array([-0.10, -0.04, 0.0, 0.08, 0.2, 0.35, 0.45, 0.5, 0.56, 0.66, 0.76, 0.9, 1.02])
_LEG_M = np.array(
    [0.060, 0.080, 0.088, 0.091, 0.084, 0.070, 0.060, 0.058, 0.054, 0.059, 0.055, 0.038, 0.034]
)
_TORSO = np.array([
    (-0.24, 0.020, 0.03, 0.000), (-0.21, 0.080, 0.070, -0.005), (-0.14, 0.140, 0.098, -0.010),
    (-0.04, 0.166, 0.114, -0.012), (0.06, 0.164, 0.112, -0.008), (0.18, 0.148, 0.100, 0.0),
    (0.32, 0.136, 0.094, 0.004), (0.48, 0.146, 0.102, 0.008), (0.62, 0.158, 0.112, 0.010),
    (0.76, 0.170, 0.114, 0.006), (0.87, 0.176, 0.102, 0.0), (0.95, 0.160, 0.086, -0.006),
    (1.01, 0.124, 0.072, -0.008), (1.06, 0.082, 0.062, -0.004), (1.09, 0.060, 0.056, 0.0),
])  # fmt: skip
_COLUMNS = 13


def add_figure(mesh: MeshBuilder, figure: Figure, rng: Generator) -> None:
    """Add everything of one person to the mesh."""
    _add_head(mesh, figure, rng)
    _add_torso(mesh, figure)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        _add_arm(mesh, figure, side)
        _add_hand(mesh, figure, side, sign, rng)
        _add_leg(mesh, figure, side)
        _add_foot(mesh, figure, side)
    if figure.outfit.lower in ("skirt", "dress"):
        _add_skirt(mesh, figure)


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


def _thickness(build: Build) -> float:
    return build.height_m / 1.75 * build.girth * (1.08 if build.child else 1.0)


def limb_rings(
    points_m: Limb,
    hinge: FloatArray,
    at: FloatArray,
    radius_m: FloatArray,
) -> FloatArray:
    """Rings around a limb of two bones, bent smoothly where they meet.

    Args:
        points_m: root in the trunk, upper end, hinge and lower end.
        hinge: (3,) unit axis both bones turn about.
        at: (N,) share of the way, 0 upper end, 0.5 hinge, 1 lower end; below 0 towards the root.
        radius_m: (N,) radius there.
    """
    root, upper, middle, lower = points_m

    def way(share: FloatArray) -> FloatArray:
        inwards = np.minimum(share, 0.0)[:, None] * 2 * (upper - root)
        first = np.clip(share, 0, 0.5)[:, None] * 2 * (middle - upper)
        second = np.maximum(share - 0.5, 0)[:, None] * 2 * (lower - middle)
        return upper + inwards + first + second

    before, after = way(at - 0.055), way(at + 0.055)
    centres = (before + way(at) + after) / 3
    along = after - before
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
    front = np.cross(along, hinge)
    return rings(centres, radius_m[:, None] * hinge, radius_m[:, None] * front, _COLUMNS)


def _arm(figure: Figure, side: str) -> Limb:
    at, bones = figure.bones.at_m, figure.bones
    shoulder = at[f"{side}_shoulder"]
    # the collar bone, as long as the upper arm for an even spacing of rings
    inwards = at["neck"] - 0.05 * bones.frame["chest"][:, 1] - shoulder
    inwards *= figure.build.height_m * UPPER_ARM / np.linalg.norm(inwards)
    return shoulder + inwards, shoulder, at[f"{side}_elbow"], at[f"{side}_wrist"]


def _leg(figure: Figure, side: str) -> Limb:
    at = figure.bones.at_m
    hip = at[f"{side}_hip"]
    root = hip + figure.bones.frame["pelvis"] @ [0, figure.build.height_m * THIGH, 0]
    return root, hip, at[f"{side}_knee"], at[f"{side}_ankle"]


def _add_arm(mesh: MeshBuilder, figure: Figure, side: str) -> None:
    points = _arm(figure, side)
    hinge = figure.bones.frame[f"{side}_upper_arm"][:, 0]
    thick = _thickness(figure.build)
    thing = thing_of(figure.number, Part[f"{side.upper()}_ARM"])
    bare = np.maximum(_ARM_AT, figure.outfit.sleeve - 0.15) if figure.outfit.sleeve else _ARM_AT
    skin = limb_rings(points, hinge, bare, np.interp(bare, _ARM_AT, _ARM_M) * thick)
    mesh.add(skin, bgr=figure.face.skin, tile=fixed_tile("skin"), thing=thing)
    if figure.outfit.sleeve > 0:
        _add_cloth_tube(
            mesh,
            figure,
            points,
            hinge,
            (_ARM_AT, _ARM_M * thick),
            figure.outfit.sleeve,
            part_of(clothes_tile(figure.number, 0), 0, 0.15, 0.5, 0.8),
            thing,
        )


def _add_leg(mesh: MeshBuilder, figure: Figure, side: str) -> None:
    points = _leg(figure, side)
    hinge = figure.bones.frame[f"{side}_thigh"][:, 0]
    radius = _LEG_M * _thickness(figure.build)
    thing = thing_of(figure.number, Part[f"{side.upper()}_LEG"])
    covered = figure.outfit.lower in ("trousers", "shorts")
    bare = np.maximum(_LEG_AT, figure.outfit.leg - 0.15) if covered else _LEG_AT
    skin = limb_rings(points, hinge, bare, np.interp(bare, _LEG_AT, radius))
    mesh.add(skin, bgr=figure.face.skin, tile=fixed_tile("skin"), thing=thing)
    if covered:
        tile = clothes_tile(figure.number, 1)
        _add_cloth_tube(
            mesh, figure, points, hinge, (_LEG_AT, radius), figure.outfit.leg, tile, thing
        )


def _add_cloth_tube(
    mesh: MeshBuilder,
    figure: Figure,
    points_m: Limb,
    hinge: FloatArray,
    shape: tuple[FloatArray, FloatArray],
    end: float,
    tile: Tile,
    thing: int,
) -> None:
    at, radius = shape
    along = np.append(np.linspace(at[0], end, 14), end)
    wide = np.interp(along, at, radius) + 0.005 + figure.outfit.loose_m * np.clip(along + 0.3, 0, 1)
    wide[-1] *= 0.8  # the hem turns inwards, so that nothing shows through
    tube_rings = limb_rings(points_m, hinge, along, wide)
    mesh.add(tube_rings, bgr=(1, 1, 1), tile=tile, thing=thing)


def _spine(figure: Figure, at: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Centres (N, 3), left axes and forward axes at shares of the spine."""
    bones = figure.bones
    marks = np.array([0, 0.30, 0.60, 1.06])
    points = np.stack([bones.at_m[name] for name in ("pelvis", "waist", "chest", "neck")])
    frames = np.stack([bones.frame[name] for name in ("pelvis", "waist", "chest", "chest")])
    below = np.minimum(at, 0.0)[:, None] * figure.build.height_m * 0.288 * frames[0][:, 1]
    centres = np.stack([np.interp(at, marks, points[:, k]) for k in range(3)], axis=-1) + below
    beyond = np.maximum(at - 1.06, 0)[:, None] * figure.build.height_m * 0.288 * frames[3][:, 1]

    def axis(column: int) -> FloatArray:
        return np.stack([np.interp(at, marks, frames[:, k, column]) for k in range(3)], axis=-1)

    return centres + beyond, axis(0), axis(2)


def _torso_rings(figure: Figure, spans: FloatArray, extra_m: float) -> FloatArray:
    """Rings of the torso at rows of `_TORSO`, widened by cloth."""
    build = figure.build
    at, wide, deep, shift = spans.T
    scale = build.height_m / 1.75
    belly = np.exp(-(((at - 0.25) / 0.25) ** 2)) * max(0.0, build.girth - 0.98) * 0.16
    bust = np.exp(-(((at - 0.72) / 0.10) ** 2)) * 0.022 * build.bust
    width_gain = np.interp(
        at, [0.1, 0.35, 0.7], [build.hips, 1 - 0.08 * build.bust, build.shoulders]
    )
    girth = np.interp(at, [0.9, 1.06], [build.girth, 1.0])
    left = wide * width_gain * (0.35 + 0.65 * girth) * scale + extra_m
    front = (deep * girth + belly * 0.5 + bust * 0.6) * scale + extra_m
    centres, left_axis, front_axis = _spine(figure, at)
    centres = centres + front_axis * ((shift + belly * 0.5 + bust * 0.5) * scale)[:, None]
    return rings(centres, left_axis * left[:, None], front_axis * front[:, None], 19)


def _resampled(low: float, high: float, count: int) -> FloatArray:
    at = np.linspace(low, high, count)
    return np.stack([at, *(np.interp(at, _TORSO[:, 0], _TORSO[:, k]) for k in (1, 2, 3))], axis=-1)


def _add_torso(mesh: MeshBuilder, figure: Figure) -> None:
    outfit, number = figure.outfit, figure.number
    thing = thing_of(number, Part.TORSO)
    lower = _resampled(-0.24, 0.20, 12)
    mesh.add(
        _torso_rings(figure, lower, 0.006), bgr=(1, 1, 1), tile=clothes_tile(number, 1), thing=thing
    )
    hem = 0.02 if outfit.loose_m > 0.008 or outfit.lower == "dress" else 0.10
    upper = _resampled(hem, 1.075, 18)
    mesh.add(
        _torso_rings(figure, upper, 0.008 + outfit.loose_m * 0.5),
        bgr=(1, 1, 1),
        tile=clothes_tile(number, 0),
        thing=thing,
    )
    _add_neck(mesh, figure, thing)


def _add_neck(mesh: MeshBuilder, figure: Figure, thing: int) -> None:
    bones, scale = figure.bones, figure.build.head_m / 0.228
    frame = bones.frame["neck"]
    start = bones.at_m["neck"] - 0.05 * frame[:, 1]
    end = bones.at_m["head"] - 0.18 * figure.build.head_m * bones.frame["head"][:, 1]
    share = np.linspace(0, 1, 6)[:, None]
    radius = np.array([0.078, 0.066, 0.058, 0.055, 0.055, 0.056])[:, None] * scale
    grid = rings(
        start + share * (end - start), radius * frame[:, 0], radius * frame[:, 2], _COLUMNS
    )
    mesh.add(grid, bgr=figure.face.skin, tile=fixed_tile("skin"), thing=thing)


def _add_head(mesh: MeshBuilder, figure: Figure, rng: Generator) -> None:
    centre, frame = figure.bones.at_m["head"], figure.bones.frame["head"]
    size, number, skin = figure.build.head_m, figure.number, figure.face.skin

    def place(grid: FloatArray) -> FloatArray:
        return grid @ frame.T * size + centre

    mesh.add(
        place(head_grid()), bgr=(1, 1, 1), tile=head_tile(number), thing=thing_of(number, Part.HEAD)
    )
    nose = ellipsoid(
        head_point(0.0, NOSE_ELEVATION + 5), np.eye(3), (0.055, 0.105, 0.055), fine=False
    )
    nose[..., 2] += (
        np.clip(-(nose[..., 1] + 0.05), 0, 1) * 0.22
    )  # the tip stands out, the root does not
    mesh.add(place(nose), bgr=skin, tile=fixed_tile("skin"), thing=thing_of(number, Part.NOSE))
    for part, side in ((Part.LEFT_EAR, 1), (Part.RIGHT_EAR, -1)):
        ear = ellipsoid(
            head_point(side * EAR_AZIMUTH, EAR_ELEVATION),
            np.eye(3),
            (0.045, 0.135, 0.085),
            fine=False,
        )
        mesh.add(
            place(ear),
            bgr=_scaled(skin, 0.93),
            tile=fixed_tile("skin"),
            thing=thing_of(number, part),
        )
    hat = figure.outfit.hat
    for grid in hair_grids(rng, figure.hair_style, hat=hat != "none"):
        mesh.add(
            place(grid),
            bgr=figure.face.hair,
            tile=fixed_tile("hair"),
            thing=thing_of(number, Part.HAIR),
        )
    for grid in hat_grids(hat):
        mesh.add(
            place(grid),
            bgr=figure.outfit.hat_colour,
            tile=fixed_tile("fabric"),
            thing=thing_of(number, Part.HAT),
        )


def _add_hand(mesh: MeshBuilder, figure: Figure, side: str, sign: float, rng: Generator) -> None:
    frame, wrist = figure.bones.frame[f"{side}_hand"], figure.bones.at_m[f"{side}_wrist"]
    scale = figure.build.height_m / 1.75
    thing = thing_of(figure.number, Part[f"{side.upper()}_HAND"])
    skin = figure.face.skin

    def add(
        offset: tuple[float, float, float], half: tuple[float, float, float], bend: float
    ) -> None:
        turned = frame @ _bend(bend * sign)
        size = (half[0] * scale, half[1] * scale, half[2] * scale)
        grid = ellipsoid(wrist + frame @ (np.array(offset) * scale), turned, size, fine=False)
        mesh.add(grid, bgr=skin, tile=fixed_tile("skin"), thing=thing)

    add((0, -0.052, 0.002), (0.018, 0.056, 0.041), 0)
    curl = float(rng.uniform(0, 50))
    for finger, (z, reach) in enumerate(
        ((0.029, 0.036), (0.010, 0.041), (-0.010, 0.038), (-0.028, 0.030))
    ):
        bend = curl * (1 + 0.08 * finger)
        drop = -0.098 - reach * np.cos(np.radians(bend)) * 0.8
        add(
            (-sign * reach * np.sin(np.radians(bend)) * 0.8, drop, z),
            (0.0095, reach, 0.0095),
            -bend,
        )
    add((-sign * 0.012, -0.060, 0.045), (0.011, 0.034, 0.012), -18)


def _bend(angle_deg: float) -> FloatArray:
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])


def _add_foot(mesh: MeshBuilder, figure: Figure, side: str) -> None:
    frame, ankle = figure.bones.frame[f"{side}_foot"], figure.bones.at_m[f"{side}_ankle"]
    height = figure.build.height_m
    thing = thing_of(figure.number, Part[f"{side.upper()}_FOOT"])
    sole = -0.039 * height
    shoe = ellipsoid(
        np.zeros(3), np.eye(3), (0.027 * height, 0.036 * height, 0.082 * height), fine=True
    )
    shoe[..., 2] += 0.038 * height
    shoe[..., 1] -= 0.012 * height + 0.016 * height * np.clip(shoe[..., 2] / (0.12 * height), 0, 1)
    tread = shoe.copy()
    shoe[..., 1] = np.maximum(shoe[..., 1], sole + 0.006 * height)
    tread[..., 1] = np.clip(tread[..., 1], sole, sole + 0.011 * height)
    tread[..., [0, 2]] *= 1.03
    mesh.add(
        shoe @ frame.T + ankle, bgr=figure.outfit.shoes, tile=fixed_tile("fabric"), thing=thing
    )
    mesh.add(tread @ frame.T + ankle, bgr=(0.75, 0.76, 0.76), tile=fixed_tile("paint"), thing=thing)
    sock = ellipsoid(
        ankle + frame @ [0, 0.0, -0.004],
        frame,
        (0.024 * height, 0.030 * height, 0.026 * height),
        fine=False,
    )
    mesh.add(sock, bgr=figure.outfit.socks, tile=fixed_tile("fabric"), thing=thing)


def _add_skirt(mesh: MeshBuilder, figure: Figure) -> None:
    frame = figure.bones.frame["pelvis"]
    reach = np.linspace(0.0, figure.outfit.leg, 9)
    sides = []
    for side in ("left", "right"):
        _, hip, knee, ankle = _leg(figure, side)
        thigh = hip + np.minimum(reach, 0.5)[:, None] * 2 * (knee - hip)
        sides.append(thigh + np.maximum(reach - 0.5, 0)[:, None] * 2 * (ankle - knee))
    centres = (sides[0] + sides[1]) / 2
    apart = sides[0] - sides[1]
    thick = np.interp(reach, _LEG_AT, _LEG_M) * _thickness(figure.build) + 0.012 + 0.03 * reach
    along = np.gradient(centres, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
    across = apart / (np.linalg.norm(apart, axis=1, keepdims=True) + 1e-9)
    across -= np.einsum("nc,nc->n", across, along)[:, None] * along
    across /= np.linalg.norm(across, axis=1, keepdims=True) + 1e-9
    front = np.cross(across, -along)
    half = (np.abs(np.einsum("nc,nc->n", apart, across)) / 2 + thick)[:, None]
    lowest = np.concatenate([centres, centres[-1:]])
    shrink = np.append(np.ones(len(reach)), 0.75)[:, None]
    left = np.concatenate([half * across, (half * across)[-1:]]) * shrink
    depth = np.concatenate([thick[:, None] * 1.15 * front, (thick[:, None] * front)[-1:]]) * shrink
    top = centres[:1] + 0.10 * figure.build.height_m * 0.288 * frame[:, 1]
    left = np.concatenate([left[:1] * 0.92, left])
    depth = np.concatenate([depth[:1] * 1.1, depth])
    mesh.add(
        rings(np.concatenate([top, lowest]), left, depth, 19),
        bgr=(1, 1, 1),
        tile=clothes_tile(figure.number, 1),
        thing=thing_of(figure.number, Part.SKIRT),
    )


def _scaled(colour: Colour, gain: float) -> Colour:
    return colour[0] * gain, colour[1] * gain, colour[2] * gain


def keypoint_radii_m(figure: Figure) -> FloatArray:
    """(17,) how deep inside the clothed flesh each keypoint lies."""
    thick = _thickness(figure.build)
    loose = figure.outfit.loose_m + 0.01
    radii: Mapping[str, float] = {
        "face": 0.02, "ear": 0.035, "shoulder": 0.058, "elbow": 0.042, "wrist": 0.034,
        "hip": 0.125, "knee": 0.062, "ankle": 0.05,
    }  # fmt: skip
    kinds = ["face"] * 3 + ["ear"] * 2
    kinds += [name for name in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle") for _ in "lr"]
    return np.array(
        [radii[kind] * (thick if i > 4 else 1) + loose * (i > 4) for i, kind in enumerate(kinds)]
    )
