"""Vehicles: cars to stand before, behind and in, and bicycles to ride."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from core.data.drawn.body import Bones
from core.data.drawn.furniture import Builder
from core.data.drawn.shapes import Colour, rings, tube

FloatArray = NDArray[np.float64]
_PAINT_BGR: tuple[Colour, ...] = (
    (0.16, 0.16, 0.62), (0.50, 0.30, 0.16), (0.84, 0.85, 0.85), (0.16, 0.16, 0.17),
    (0.56, 0.56, 0.55), (0.40, 0.42, 0.20), (0.20, 0.58, 0.78),
)  # fmt: skip
_BLACK: Colour = (0.08, 0.08, 0.09)
DRIVER_SEAT_M = 0.36  # to the left of the middle
# along the car from tail to nose: place, height of the lower and the upper edge, half width
_BODY = np.array([
    (-2.10, 0.45, 0.62, 0.66), (-2.08, 0.30, 0.86, 0.78), (-1.75, 0.24, 0.95, 0.84),
    (-0.90, 0.22, 0.93, 0.87), (0.50, 0.22, 0.92, 0.87), (1.25, 0.24, 0.86, 0.84),
    (1.80, 0.28, 0.76, 0.78), (2.08, 0.34, 0.66, 0.68), (2.12, 0.45, 0.55, 0.55),
])  # fmt: skip
_CABIN = np.array([
    (-1.55, 0.88, 0.95, 0.70), (-1.10, 0.88, 1.36, 0.66), (-0.50, 0.88, 1.46, 0.64),
    (0.10, 0.88, 1.43, 0.64), (0.85, 0.88, 0.98, 0.70),
])  # fmt: skip


def add_car(thing: Builder, rng: Generator, *, roof: bool = True) -> None:
    """A car that faces +z; without a roof it is a convertible whose seat is at the origin."""
    paint = _PAINT_BGR[int(rng.integers(len(_PAINT_BGR)))]
    thing.grid(_hull(_BODY), paint, "paint")
    if roof:
        thing.grid(_hull(_CABIN), (0.30, 0.26, 0.22), "paint")
        top = _CABIN[1:4].copy()
        top[:, 1] = top[:, 2] - 0.05
        top[:, 2] += 0.012
        top[:, 3] *= 1.01
        thing.grid(_hull(top), paint, "paint")
        for door in (-1, 1):
            for z in (-0.45, 0.32):
                thing.rod((door * 0.685, 0.9, z), (door * 0.645, 1.45, z - 0.04), 0.035, paint)
    else:
        _open_cabin(thing)
    for side in (-1.0, 1.0):
        for axle in (-1.35, 1.32):
            thing.grid(_wheel(side * 0.80, axle), _BLACK, "stone")
            thing.ball(
                (side * 0.90, 0.33, axle),
                (0.03, 0.19, 0.19),
                (0.66, 0.67, 0.67),
                tile="paint",
                fine=True,
            )
        thing.ball((side * 0.58, 0.62, 2.06), (0.13, 0.08, 0.08), (0.85, 0.92, 0.95), tile="paint")
        thing.ball((side * 0.62, 0.74, -2.07), (0.12, 0.08, 0.06), (0.14, 0.12, 0.70), tile="paint")
    thing.box((0, 0.48, 2.10), (0.52, 0.12, 0.05), (0.85, 0.88, 0.88), tile="paint")


def _open_cabin(thing: Builder) -> None:
    """Two seats, a steering wheel and the frame of a windscreen."""
    foot, top = ((-0.66, 0.90, 0.80), (0.66, 0.90, 0.80)), ((-0.60, 1.30, 0.56), (0.60, 1.30, 0.56))
    for start, end in ((foot[0], top[0]), (top[0], top[1]), (top[1], foot[1])):
        thing.rod(start, end, 0.02, _BLACK)
    for side in (-DRIVER_SEAT_M, DRIVER_SEAT_M):
        thing.box((side, 0.80, -0.32), (0.48, 0.66, 0.14), (0.16, 0.22, 0.34), tile="fabric")
    angle = np.linspace(0, 2 * np.pi, 17)
    wheel = np.stack([DRIVER_SEAT_M + 0.18 * np.cos(angle), 0.98 + 0.14 * np.sin(angle),
                      0.50 - 0.10 * np.sin(angle)], axis=-1)  # fmt: skip
    thing.grid(tube(wheel, np.full(17, 0.015), columns=7), _BLACK, "stone")


def _hull(stations: FloatArray) -> FloatArray:
    """A rounded body along z out of stations (place, bottom, top, half width)."""
    first, last = stations[:1].copy(), stations[-1:].copy()
    # both ends are closed by a station that is almost a point
    for end in (first, last):
        middle = (end[:, 1] + end[:, 2]) / 2
        end[:, 1], end[:, 2], end[:, 3] = middle - 0.01, middle + 0.01, 0.01
    # the edges stand twice, so that ends and sides have normals of their own
    rows = [first, stations[:1], stations, stations[-1:], last]
    place, bottom, top, half = np.concatenate(rows).T
    centres = np.stack([0 * place, (bottom + top) / 2, place], axis=-1)
    across = np.stack([half, 0 * place, 0 * place], axis=-1)
    upwards = np.stack([0 * place, (top - bottom) / 2, 0 * place], axis=-1)
    grid = rings(np.zeros_like(centres), across, upwards, 25)
    size = np.abs(np.stack([half, (top - bottom) / 2], axis=-1))[:, None, :]
    # a superellipse of power 5: a box with round edges
    share = grid[..., :2] / np.maximum(size, 1e-6)
    norm = (np.abs(share) ** 5).sum(axis=-1, keepdims=True) ** 0.2
    grid[..., :2] /= norm
    hull: FloatArray = grid + centres[:, None]
    return hull


def _wheel(x: float, z: float, radius: float = 0.33, half: float = 0.10) -> FloatArray:
    path = np.array([[x + side * half, radius, z] for side in (-1, -1, -0.9, 0.9, 1, 1)])
    size = np.array([0.02, 0.9, 1, 1, 0.9, 0.02]) * radius
    return rings(
        path, size[:, None] * np.array([0, 0, 1.0]), size[:, None] * np.array([0, 1.0, 0]), 25
    )


def add_bicycle(thing: Builder, rng: Generator, *, seat_m: float = 0.92) -> None:
    """A bicycle that faces +z; its saddle is above the origin, `seat_m` high."""
    paint = _PAINT_BGR[int(rng.integers(len(_PAINT_BGR)))]
    back, front, wheel = -0.42, 0.62, 0.34
    angle = np.linspace(0, 2 * np.pi, 21)
    for z in (back, front):
        path = np.stack(
            [0 * angle, wheel + wheel * np.sin(angle), z + wheel * np.cos(angle)], axis=-1
        )
        thing.grid(tube(path, np.full(21, 0.021), columns=7), _BLACK, "stone")
        for spoke in np.linspace(0, np.pi, 5, endpoint=False):
            y, s = wheel * np.sin(spoke), wheel * np.cos(spoke)
            thing.rod((0, wheel - y, z - s), (0, wheel + y, z + s), 0.004, (0.6, 0.6, 0.6))
    crank, saddle = (0.0, 0.30, 0.0), (0.0, seat_m - 0.06, -0.10)
    head, bars = (0.0, seat_m - 0.12, 0.44), (0.0, seat_m + 0.08, 0.46)
    for start, end in (
        (crank, saddle),
        (crank, head),
        (saddle, head),
        (head, (0.0, wheel, front)),
        (head, bars),
        (crank, (0.0, wheel, back)),
        (saddle, (0.0, wheel, back)),
    ):
        thing.rod(start, end, 0.019, paint)
    thing.rod((-0.26, seat_m + 0.08, 0.43), (0.26, seat_m + 0.08, 0.43), 0.016, _BLACK)
    thing.ball((0, seat_m - 0.03, -0.10), (0.09, 0.035, 0.15), _BLACK, tile="fabric")


def saddle_height_m(bones: Bones) -> float:
    """How high a saddle must be for a rider posed on it."""
    return float(bones.at_m["pelvis"][1] - 0.08)
