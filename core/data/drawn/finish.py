"""The finish: what a camera adds to a picture: exposure, colour cast, softness and grain."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

_GRAIN_PX = 1024


def finish_photo(rng: Generator, photo_bgr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W, 3) uint8, as if photographed: every part of it weak enough to leave flags true."""
    gain = rng.uniform(0.85, 1.15) * rng.uniform(0.95, 1.05, 3)
    gamma, lift = rng.uniform(0.85, 1.2), rng.uniform(0, 14)
    level = np.linspace(0, 1, 256)[:, None] ** gamma
    curve = np.clip(lift + (255 - lift) * level * gain, 0, 255).astype(np.uint8)
    photo = cv2.LUT(photo_bgr, curve.reshape(256, 1, 3))
    if rng.random() < 0.35:
        photo = cv2.GaussianBlur(photo, (3, 3), rng.uniform(0.4, 0.8))
    strength = float(rng.uniform(0.0, 0.35))
    height, width = photo.shape[:2]
    grain = _grain()
    times = (-(-height // _GRAIN_PX) + 1, -(-width // _GRAIN_PX) + 1, 1)
    if height > _GRAIN_PX or width > _GRAIN_PX:
        grain = np.tile(grain, times)
    top = int(rng.integers(0, grain.shape[0] - height + 1))
    left = int(rng.integers(0, grain.shape[1] - width + 1))
    noise = grain[top : top + height, left : left + width]
    grainy = cv2.addWeighted(photo, 1.0, noise, strength, -128.0 * strength)
    return np.asarray(grainy, dtype=np.uint8)


@lru_cache(maxsize=1)
def _grain() -> NDArray[np.uint8]:
    """(_GRAIN_PX, _GRAIN_PX, 3) noise around 128, mostly in brightness."""
    rng = np.random.default_rng(5)
    grey = rng.normal(0, 16, (_GRAIN_PX, _GRAIN_PX, 1))
    tint = rng.normal(0, 8, (_GRAIN_PX, _GRAIN_PX, 3))
    return np.clip(128 + grey + tint, 0, 255).astype(np.uint8)
