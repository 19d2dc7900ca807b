"""Photos as files, packed."""

import io

import numpy as np
from PIL import Image


def a_photo(kind: str = "PNG", *, size_wh_px: tuple[int, int] = (64, 48)) -> bytes:
    """Noise, so that it does not pack to nothing."""
    width, height = size_wh_px
    noise = np.random.default_rng(1).integers(0, 255, (height, width, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, kind)
    return buffer.getvalue()
