"""Furniture and plants: things people sit on and stand behind, out of boxes, bars and balls."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from core.data.drawn.atlas import fixed_tile
from core.data.drawn.body import turn
from core.data.drawn.shapes import Colour, MeshBuilder, box, ellipsoid, rod

FloatArray = NDArray[np.float64]
_WOOD_BGR: tuple[Colour, ...] = (
    (0.20, 0.33, 0.50), (0.12, 0.20, 0.33), (0.38, 0.55, 0.70), (0.82, 0.85, 0.87),
    (0.13, 0.13, 0.14),
)  # fmt: skip
_CLOTH_BGR: tuple[Colour, ...] = (
    (0.35, 0.30, 0.28), (0.45, 0.55, 0.62), (0.35, 0.25, 0.18), (0.22, 0.22, 0.45),
    (0.30, 0.42, 0.30), (0.65, 0.66, 0.68), (0.18, 0.30, 0.45),
)  # fmt: skip


class Builder:
    """Puts shapes of one thing into the mesh, given in the thing's own frame.

    Args:
        mesh: where to.
        thing: the thing's number in the picture.
        at_m: (3,) the thing's origin on the floor.
        yaw_deg: the way it faces; 0 = towards +z.
    """

    def __init__(self, mesh: MeshBuilder, thing: int, at_m: FloatArray, yaw_deg: float) -> None:
        self._mesh, self._thing, self._at = mesh, thing, at_m
        self._frame = turn("y", yaw_deg)

    def box(
        self,
        middle: tuple[float, float, float],
        size: tuple[float, float, float],
        colour: Colour,
        *,
        tile: str = "wood",
        pitch_deg: float = 0.0,
    ) -> None:
        """A box of full sides `size`."""
        half = (size[0] / 2, size[1] / 2, size[2] / 2)
        grid = box(np.array(middle), turn("x", pitch_deg), half)
        self._add(grid, colour, tile)

    def ball(
        self,
        middle: tuple[float, float, float],
        half: tuple[float, float, float],
        colour: Colour,
        *,
        tile: str = "leaf",
        fine: bool = False,
    ) -> None:
        """An ellipsoid."""
        self._add(ellipsoid(np.array(middle), np.eye(3), half, fine=fine), colour, tile)

    def rod(
        self,
        start: tuple[float, float, float],
        end: tuple[float, float, float],
        radius: float,
        colour: Colour,
        *,
        tile: str = "paint",
    ) -> None:
        """A round bar."""
        self._add(rod(np.array(start), np.array(end), radius), colour, tile)

    def grid(self, points: FloatArray, colour: Colour, tile: str) -> None:
        """Any grid of points in the thing's frame."""
        self._add(points, colour, tile)

    def _add(self, grid: FloatArray, colour: Colour, tile: str) -> None:
        self._mesh.add(
            grid @ self._frame.T + self._at, bgr=colour, tile=fixed_tile(tile), thing=self._thing
        )


def wood(rng: Generator) -> Colour:
    """A colour of wood or paint."""
    return _WOOD_BGR[int(rng.integers(len(_WOOD_BGR)))]


def upholstery(rng: Generator) -> Colour:
    """A colour of covers."""
    return _CLOTH_BGR[int(rng.integers(len(_CLOTH_BGR)))]


def add_chair(thing: Builder, rng: Generator, *, seat_m: float) -> None:
    """A chair whose seat is `seat_m` high; its back is behind the origin."""
    if rng.random() < 0.3:
        add_armchair(thing, rng, seat_m=seat_m)
        return
    colour, legs = wood(rng), wood(rng)
    thing.box((0, seat_m - 0.02, 0.10), (0.46, 0.04, 0.50), colour)
    for x in (-0.20, 0.20):
        for z in (-0.12, 0.32):
            thing.rod((x, 0, z), (x, seat_m - 0.03, z), 0.018, legs)
        thing.rod((x, seat_m, -0.16), (x, seat_m + 0.46, -0.21), 0.018, legs)
    if rng.random() < 0.5:
        thing.box((0, seat_m + 0.30, -0.195), (0.44, 0.34, 0.025), colour)
        return
    for height in (0.14, 0.27, 0.40):
        thing.box((0, seat_m + height, -0.185), (0.42, 0.07, 0.02), colour)


def add_armchair(thing: Builder, rng: Generator, *, seat_m: float) -> None:
    """A chair with arms, or a sofa, with covers."""
    colour = upholstery(rng)
    width = float(rng.choice([0.62, 1.5]))
    thing.box((0, seat_m / 2, 0.12), (width, seat_m, 0.62), colour, tile="fabric")
    thing.box((0, seat_m + 0.22, -0.27), (width + 0.2, 0.62, 0.18), colour, tile="fabric")
    for side in (-1, 1):
        thing.box(
            (side * (width / 2 + 0.09), seat_m / 2 + 0.08, 0.08),
            (0.16, seat_m + 0.16, 0.68),
            colour,
            tile="fabric",
        )


def add_table(thing: Builder, rng: Generator) -> None:
    """A table with a few things on it."""
    colour, legs = wood(rng), wood(rng)
    width, depth, height = rng.uniform(0.9, 1.7), rng.uniform(0.55, 0.85), rng.uniform(0.68, 0.78)
    thing.box((0, height - 0.02, 0), (width, 0.045, depth), colour)
    for x in (-1, 1):
        for z in (-1, 1):
            thing.rod(
                (x * (width / 2 - 0.06), 0, z * (depth / 2 - 0.06)),
                (x * (width / 2 - 0.06), height - 0.03, z * (depth / 2 - 0.06)),
                0.03,
                legs,
            )
    for _ in range(int(rng.integers(0, 4))):
        across, along = rng.uniform(-0.4, 0.4) * width, rng.uniform(-0.3, 0.3) * depth
        tall = rng.uniform(0.04, 0.13)
        tint = upholstery(rng)
        if rng.random() < 0.5:
            thing.rod((across, height, along), (across, height + tall * 1.6, along), 0.038, tint)
        else:
            thing.box(
                (across, height + tall / 4, along), (0.24, tall / 2, 0.18), tint, tile="paint"
            )


def add_boxes(thing: Builder, rng: Generator) -> None:
    """A pile of cardboard boxes or a crate."""
    tall = 0.0
    for _ in range(int(rng.integers(1, 4))):
        size = (rng.uniform(0.4, 0.75), rng.uniform(0.28, 0.5), rng.uniform(0.35, 0.55))
        shade = rng.uniform(0.8, 1.1)
        thing.box(
            (rng.uniform(-0.06, 0.06), tall + size[1] / 2, 0),
            size,
            (0.36 * shade, 0.52 * shade, 0.68 * shade),
            tile="paint",
        )
        thing.box(
            (0, tall + size[1] / 2, 0),
            (0.06, size[1] + 0.012, size[2] + 0.012),
            (0.45, 0.60, 0.72),
            tile="paint",
        )
        tall += size[1]


def add_plant(thing: Builder, rng: Generator) -> None:
    """A plant in a pot."""
    pot = wood(rng)
    thing.ball((0, 0.16, 0), (0.19, 0.20, 0.19), pot, tile="stone", fine=True)
    green = (0.16 * rng.uniform(0.8, 1.4), 0.42 * rng.uniform(0.7, 1.2), 0.20)
    for _ in range(int(rng.integers(12, 22))):
        angle, lean = rng.uniform(0, 2 * np.pi), rng.uniform(0.05, 0.42)
        height = rng.uniform(0.45, 1.15)
        gain = rng.uniform(0.7, 1.25)
        tint = (green[0] * gain, green[1] * gain, green[2] * gain)
        thing.ball(
            (lean * np.cos(angle), height, lean * np.sin(angle)),
            (0.13, rng.uniform(0.07, 0.2), 0.11),
            tint,
        )
    thing.rod((0, 0.2, 0), (0, 0.9, 0), 0.02, (0.15, 0.25, 0.35))


def add_bush(thing: Builder, rng: Generator) -> None:
    """A bush."""
    for _ in range(int(rng.integers(16, 26))):
        gain = rng.uniform(0.7, 1.2)
        size = rng.uniform(0.12, 0.26)
        thing.ball(
            (rng.normal(0, 0.4), rng.uniform(0.12, 0.8), rng.normal(0, 0.22)),
            (size, size * 0.9, size),
            (0.15 * gain, 0.38 * gain, 0.20 * gain),
        )


def add_tree(thing: Builder, rng: Generator) -> None:
    """A tree."""
    tall = rng.uniform(2.2, 3.4)
    thing.rod(
        (0, 0, 0),
        (rng.normal(0, 0.1), tall, 0),
        rng.uniform(0.09, 0.2),
        (0.16, 0.22, 0.30),
        tile="wood",
    )
    for _ in range(int(rng.integers(22, 34))):
        gain = rng.uniform(0.6, 1.15)
        size = rng.uniform(0.25, 0.55)
        thing.ball(
            (rng.normal(0, 0.7), tall + rng.uniform(-0.4, 1.5), rng.normal(0, 0.6)),
            (size, size * 0.8, size),
            (0.16 * gain, 0.42 * gain, 0.24 * gain),
        )


def add_fence(thing: Builder, rng: Generator) -> None:
    """A low fence or railing."""
    colour, height = wood(rng), rng.uniform(0.75, 1.1)
    for x in np.linspace(-1.3, 1.3, int(rng.integers(7, 16))):
        thing.box((float(x), height / 2, 0), (0.05, height, 0.03), colour)
    for level in (0.25, 0.85):
        thing.box((0, height * level, 0.02), (2.8, 0.06, 0.03), colour)


def add_suitcase(thing: Builder, rng: Generator) -> None:
    """A suitcase with its handle out."""
    colour = upholstery(rng)
    thing.box((0, 0.38, 0), (0.44, 0.64, 0.26), colour, tile="paint")
    for x in (-0.12, 0.12):
        thing.rod((x, 0.7, -0.08), (x, 1.02, -0.08), 0.012, (0.6, 0.6, 0.6))
    thing.rod((-0.13, 1.02, -0.08), (0.13, 1.02, -0.08), 0.016, (0.15, 0.15, 0.15))


def add_lamp(thing: Builder, rng: Generator) -> None:
    """A standing lamp or a street post."""
    tall = rng.uniform(1.5, 3.2)
    thing.rod((0, 0, 0), (0, tall, 0), 0.03, (0.25, 0.25, 0.26))
    thing.ball((0, tall, 0), (0.13, 0.15, 0.13), (0.70, 0.86, 0.95), tile="paint")


# how far each reaches from its origin, so that nobody stands in it
REACH_M: Mapping[str, float] = {
    "table": 0.85, "boxes": 0.5, "plant": 0.4, "suitcase": 0.35, "lamp": 0.2, "bush": 0.85,
    "tree": 0.3, "fence": 0.5,
}  # fmt: skip
IN_ROOMS: Mapping[str, Callable[[Builder, Generator], None]] = {
    "table": add_table,
    "boxes": add_boxes,
    "plant": add_plant,
    "suitcase": add_suitcase,
    "lamp": add_lamp,
}
OUTDOORS: Mapping[str, Callable[[Builder, Generator], None]] = {
    "bush": add_bush,
    "tree": add_tree,
    "fence": add_fence,
    "boxes": add_boxes,
    "suitcase": add_suitcase,
    "lamp": add_lamp,
}
