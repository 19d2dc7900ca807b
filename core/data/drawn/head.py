"""The head of a figure: skull, nose, ears, hair and hat."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from core.data.drawn.atlas import fixed_tile, head_tile
from core.data.drawn.faces import (
    EAR_AZIMUTH,
    EAR_ELEVATION,
    NOSE_ELEVATION,
    head_grid,
    head_point,
)
from core.data.drawn.hair import hair_grids, hat_grids
from core.data.drawn.parts import Figure, Part, thing_of
from core.data.drawn.shapes import Colour, MeshBuilder, ellipsoid

FloatArray = NDArray[np.float64]


def add_head(mesh: MeshBuilder, figure: Figure, rng: Generator) -> None:
    """Add the head, with hair and hat."""
    centre, frame = figure.bones.at_m["head"], figure.bones.frame["head"]
    size, number, skin = figure.build.head_m, figure.number, figure.face.skin

    def place(grid: FloatArray) -> FloatArray:
        return grid @ frame.T * size + centre

    mesh.add(
        place(head_grid()), bgr=(1, 1, 1), tile=head_tile(number), thing=thing_of(number, Part.HEAD)
    )
    nose = ellipsoid(
        head_point(0.0, NOSE_ELEVATION + 5), np.eye(3), (0.044, 0.092, 0.044), fine=False
    )
    nose[..., 2] += (
        np.clip(-(nose[..., 1] + 0.05), 0, 1) * 0.20
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


def _scaled(colour: Colour, gain: float) -> Colour:
    return colour[0] * gain, colour[1] * gain, colour[2] * gain
