"""The texture atlas: one picture that holds every texture of a scene.

Top half: one large tile per head. Below: small tiles, first the fixed ones, then clothes.
A texture value multiplies the colour of the shape; `NEUTRAL` leaves it as it is.
"""

from functools import lru_cache

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from core.data.drawn.renderer import NEUTRAL
from core.data.drawn.shapes import Tile

SIDE_PX = 1024
HEAD_PX, SMALL_PX = 256, 128
NUM_HEADS = 8
Texture = NDArray[np.uint8]
FIXED = ("nothing", "skin", "wood", "fabric", "paint", "leaf", "stone", "hair")


def small_tile(place: int) -> Tile:
    """The small tile number `place`, from 0."""
    row, column = divmod(place, SIDE_PX // SMALL_PX)
    return _inner(column * SMALL_PX, NUM_HEADS // 4 * HEAD_PX + row * SMALL_PX, SMALL_PX)


def head_tile(place: int) -> Tile:
    """The head tile number `place`, from 0."""
    row, column = divmod(place, SIDE_PX // HEAD_PX)
    return _inner(column * HEAD_PX, row * HEAD_PX, HEAD_PX)


def fixed_tile(name: str) -> Tile:
    """The tile of a material."""
    return small_tile(FIXED.index(name))


def clothes_tile(person: int, which: int) -> Tile:
    """The tile of a person's upper (0) or lower (1) clothes."""
    return small_tile(len(FIXED) + 2 * person + which)


def part_of(tile: Tile, left: float, top: float, width: float, height: float) -> Tile:
    """A piece of a tile, in shares of it."""
    return (
        tile[0] + left * tile[2], tile[1] + top * tile[3], tile[2] * width, tile[3] * height
    )  # fmt: skip


def paint(atlas: Texture, tile: Tile, texture: Texture) -> None:
    """Put a texture of the tile's size into the atlas."""
    left, top = round(tile[0] * SIDE_PX) - 1, round(tile[1] * SIDE_PX) - 1
    atlas[top : top + texture.shape[0], left : left + texture.shape[1]] = texture


def new_atlas() -> Texture:
    """An atlas with the fixed tiles painted; the rest is never looked at before it is painted."""
    atlas = np.empty((SIDE_PX, SIDE_PX, 3), np.uint8)
    fixed = _fixed_rows()
    top = NUM_HEADS // 4 * HEAD_PX
    atlas[top : top + SMALL_PX] = fixed
    return atlas


def _inner(left_px: int, top_px: int, size_px: int) -> Tile:
    # one pixel of margin, so that interpolation never reaches the neighbouring tile
    side = size_px - 3
    return (
        (left_px + 1) / SIDE_PX, (top_px + 1) / SIDE_PX, side / SIDE_PX, side / SIDE_PX
    )  # fmt: skip


@lru_cache(maxsize=1)
def _fixed_rows() -> Texture:
    """(SMALL_PX, SIDE_PX, 3) the row of the fixed tiles."""
    rng = np.random.default_rng(20240501)
    atlas = np.full((SIDE_PX, SIDE_PX, 3), NEUTRAL, np.uint8)
    materials = {
        "skin": smooth_noise(rng, 6, 6, 0.05),
        "wood": smooth_noise(rng, 26, 2, 0.22),
        "fabric": smooth_noise(rng, 90, 90, 0.06) * smooth_noise(rng, 5, 5, 0.10),
        "paint": smooth_noise(rng, 3, 3, 0.08),
        "leaf": smooth_noise(rng, 24, 24, 0.22),
        "stone": smooth_noise(rng, 40, 40, 0.2),
        "hair": smooth_noise(rng, 4, 50, 0.2),
    }
    for name, gain in materials.items():
        texture = np.clip(gain * NEUTRAL, 0, 255).astype(np.uint8)
        paint(atlas, fixed_tile(name), cv2.merge([texture] * 3))
    top = NUM_HEADS // 4 * HEAD_PX
    return atlas[top : top + SMALL_PX].copy()


def keep_backdrop_neutral(atlas: Texture) -> None:
    """Pixel (0, 0), a tile's margin, is where the backdrop looks its texture up."""
    atlas[0, 0] = int(NEUTRAL)


def smooth_noise(rng: Generator, rows: int, columns: int, strength: float) -> NDArray[np.float32]:
    """(SMALL_PX, SMALL_PX) gains around 1, of about `rows` x `columns` blobs."""
    coarse = rng.standard_normal((rows, columns)).astype(np.float32)
    size = (SMALL_PX, SMALL_PX)
    noise = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
    return np.asarray(1 + strength * noise, dtype=np.float32)


@lru_cache(maxsize=1)
def folds() -> tuple[NDArray[np.float32], ...]:
    """Eight textures of cloth folds, (SMALL_PX, SMALL_PX) gains around 1."""
    rng = np.random.default_rng(77)
    found = []
    for _ in range(8):
        wide, fine = smooth_noise(rng, 5, 9, 1.0) - 1, smooth_noise(rng, 9, 26, 1.0) - 1
        weave = rng.standard_normal((SMALL_PX, SMALL_PX)).astype(np.float32)
        found.append((1 + 0.075 * wide + 0.05 * fine + 0.02 * weave).astype(np.float32))
    return tuple(found)
