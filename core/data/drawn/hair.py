"""Hair and hats: caps of points around a head."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from core.data.drawn.faces import head_point
from core.data.drawn.shapes import ellipsoid

FloatArray = NDArray[np.float64]
STYLES = ("short", "crop", "bob", "long", "ponytail", "bun", "curly", "buzz", "bald")
_RINGS, _COLUMNS = 13, 25
_AZIMUTH = 180 - np.linspace(0, 360, _COLUMNS)  # from the back over the left to the front
# where hair ends, as elevation over |azimuth|, below a forehead line that varies
_SIDE_DEG = np.array([0, 40, 58, 72, 88, 106, 118, 135, 180.0])


def draw_style(rng: Generator, *, womanly: float, child: bool) -> str:
    """A hair style, by sex and age."""
    long = np.array([2, 0.5, 3, 5, 3, 2, 1.5, 0, 0])
    short = np.array([6, 4, 0.4, 0.5, 0.2, 0.2, 1.2, 1.6, 0.0 if child else 1.0])
    weights = womanly * long / long.sum() + (1 - womanly) * short / short.sum()
    return str(rng.choice(STYLES, p=weights / weights.sum()))


def hair_grids(rng: Generator, style: str, *, hat: bool) -> list[FloatArray]:
    """Grids of hair around a head of height 1, in the head's own frame."""
    if style in ("bald", "buzz"):
        return []
    volume = {"crop": 1.045, "short": 1.09, "curly": 1.28, "bob": 1.12}.get(style, 1.08)
    if hat:
        volume = min(volume, 1.06)
    front = float(rng.uniform(38, 56))
    drop = {"bob": 0.42, "long": rng.uniform(0.75, 1.25)}.get(style, 0.0)
    grids = [_cap(rng, volume, front, style, drop)]
    tail = np.eye(3)
    if drop:  # what one sees of long hair from the front, on both sides of the neck
        middle = np.array([0, -0.10 - 0.36 * drop, -0.17])
        grids.append(ellipsoid(middle, tail, (0.37, 0.26 + 0.44 * drop, 0.16), fine=True))
    if style == "ponytail":
        grids.append(ellipsoid(np.array([0, 0.22, -0.50]), tail, (0.10, 0.10, 0.11), fine=False))
        grids.append(ellipsoid(np.array([0, -0.16, -0.58]), tail, (0.10, 0.42, 0.09), fine=False))
    if style == "bun":
        grids.append(ellipsoid(np.array([0, 0.42, -0.36]), tail, (0.17, 0.15, 0.16), fine=False))
    return grids


def _cap(rng: Generator, volume: float, front: float, style: str, drop: float) -> FloatArray:
    nape = -32.0 if drop or style == "curly" else -22.0
    ear = -12.0 if drop or style == "curly" else 10.0
    ends = np.array([front, front - 3, front - 14, 14, ear, ear - 4, -12, nape, nape - 4])
    line = np.interp(np.abs(_AZIMUTH), _SIDE_DEG, ends)
    parted = 1 + 0.03 * np.sin(np.radians(_AZIMUTH) * 2 + rng.uniform(0, 6))
    share = np.linspace(0, 1, _RINGS)[:, None]
    elevation = 89 - (89 - line) * np.minimum(share * 1.35, 1.0)
    grow = volume * parted - (volume - 0.99) * np.clip((share - 0.66) / 0.12, 0, 1) * (drop == 0)
    if style == "curly":
        grow = grow + 0.035 * rng.standard_normal((_RINGS, _COLUMNS))
        grow[:, -1] = grow[:, 0]
    grid = head_point(np.broadcast_to(_AZIMUTH, elevation.shape), elevation) * grow[..., None]
    if drop:
        _let_fall(grid, share, drop)
    return grid


def _let_fall(grid: FloatArray, share: FloatArray, drop: float) -> None:
    """Pull the lower rings of long hair down, at the sides and the back only."""
    sideways = np.clip((np.abs(_AZIMUTH) - 78) / 10, 0, 1)[None, :]
    fall = np.clip((share - 0.72) / 0.28, 0, 1) * sideways
    grid[..., 1] -= fall * drop
    grid[..., 2] -= fall * 0.06
    grid[..., 0] *= 1 + 0.06 * fall


def hat_grids(kind: str) -> list[FloatArray]:
    """Grids of a hat on a head of height 1: "cap", "beanie" or "brim"."""
    if kind == "none":
        return []
    share = np.linspace(0, 1, _RINGS)[:, None]
    end = {"cap": 24.0, "beanie": 18.0, "brim": 26.0}[kind]
    elevation = np.broadcast_to(89 - (89 - end) * share, (_RINGS, _COLUMNS))
    grow = 1.13 + (0.04 if kind == "beanie" else 0.0)
    crown = head_point(np.broadcast_to(_AZIMUTH, elevation.shape), elevation) * grow
    grids = [crown]
    if kind == "cap":
        frame = np.array([[1, 0, 0], [0, 0.97, 0.24], [0, -0.24, 0.97]])
        grids.append(ellipsoid(np.array([0, 0.20, 0.50]), frame, (0.30, 0.025, 0.34), fine=False))
    if kind == "brim":
        grids.append(ellipsoid(np.array([0, 0.22, 0]), np.eye(3), (0.78, 0.03, 0.84), fine=True))
    return grids
