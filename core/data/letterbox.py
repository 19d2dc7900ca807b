"""Whole photos on a canvas of a given size: where they lie, the way there and the way back.

Two frames meet here, as everywhere: pixel centres of points are whole numbers, so the centre of the
first pixel is (0, 0); boxes are counted from the photo's corner, so a box of the whole photo is
(0, 0, width, height).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
GREY = 114  # around a photo, as in YOLOv5


@dataclass(frozen=True)
class Placement:
    """A photo of one size laid on a canvas in another.

    Attributes:
        photo_size_wh_px: of the photo.
        size_wh_px: on the canvas, whole pixels; so the scales of x and y may differ a little.
        corner_xy_px: of the photo's upper left corner on the canvas; may lie off it.
    """

    photo_size_wh_px: tuple[int, int]
    size_wh_px: tuple[int, int]
    corner_xy_px: tuple[int, int]

    @property
    def scale_xy(self) -> NDArray[np.float64]:
        """(2,) canvas pixels per photo pixel."""
        found: NDArray[np.float64] = np.array(self.size_wh_px) / np.array(self.photo_size_wh_px)
        return found

    def points_on(self, xy_px: Floats) -> NDArray[np.float64]:
        """Points (..., 2) of the photo, on the canvas."""
        found: NDArray[np.float64] = (xy_px + 0.5) * self.scale_xy + self.corner_xy_px - 0.5
        return found

    def points_back(self, xy_px: Floats) -> NDArray[np.float64]:
        """Points (..., 2) of the canvas, on the photo."""
        found: NDArray[np.float64] = (xy_px + 0.5 - self.corner_xy_px) / self.scale_xy - 0.5
        return found

    def boxes_on(self, xywh_px: Floats) -> NDArray[np.float64]:
        """Boxes (..., 4) of the photo, on the canvas."""
        corner = xywh_px[..., :2] * self.scale_xy + self.corner_xy_px
        return np.concatenate([corner, xywh_px[..., 2:] * self.scale_xy], axis=-1)

    def boxes_back(self, xywh_px: Floats) -> NDArray[np.float64]:
        """Boxes (..., 4) of the canvas, on the photo."""
        corner = (xywh_px[..., :2] - self.corner_xy_px) / self.scale_xy
        return np.concatenate([corner, xywh_px[..., 2:] / self.scale_xy], axis=-1)

    def draw(
        self,
        photo_bgr: NDArray[np.uint8],
        canvas_bgr: NDArray[np.uint8],
        part_xyxy_px: tuple[int, int, int, int],
    ) -> None:
        """Lay the photo on the canvas, as far as it falls into a part of it.

        Args:
            photo_bgr: (H, W, 3) uint8.
            canvas_bgr: (H', W', 3) uint8, written to.
            part_xyxy_px: edges on the canvas.
        """
        part = np.array(part_xyxy_px)
        corner = np.array(self.corner_xy_px)
        low = np.maximum(part[:2], corner)
        high = np.minimum(part[2:], corner + self.size_wh_px)
        if (high <= low).any():
            return
        # By area where it shrinks, since a plain interpolation skips pixels.
        how = cv2.INTER_AREA if self.scale_xy.max() < 1 else cv2.INTER_LINEAR
        drawn = cv2.resize(photo_bgr, self.size_wh_px, interpolation=how)
        (left, top), (right, bottom) = low - corner, high - corner
        canvas_bgr[low[1] : high[1], low[0] : high[0]] = drawn[top:bottom, left:right]


def letterbox(photo_size_wh_px: tuple[int, int], canvas_wh_px: tuple[int, int]) -> Placement:
    """The photo as large as fits on the canvas, in its middle.

    >>> letterbox((640, 480), (320, 320))
    Placement(photo_size_wh_px=(640, 480), size_wh_px=(320, 240), corner_xy_px=(0, 40))
    """
    size = _fitted(photo_size_wh_px, canvas_wh_px)
    left, top = ((whole - own) // 2 for whole, own in zip(canvas_wh_px, size, strict=True))
    return Placement(photo_size_wh_px, size, (left, top))


def tight_canvas(
    photo_size_wh_px: tuple[int, int], canvas_wh_px: tuple[int, int], *, multiple: int
) -> tuple[int, int]:
    """The canvas without what a letterboxed photo leaves empty; both sides whole multiples.

    >>> tight_canvas((640, 427), (1280, 1280), multiple=64)
    (1280, 896)
    """
    width, height = (
        min(whole, -(-own // multiple) * multiple)
        for whole, own in zip(canvas_wh_px, _fitted(photo_size_wh_px, canvas_wh_px), strict=True)
    )
    return width, height


def letterboxed(
    photo_bgr: NDArray[np.uint8], canvas_wh_px: tuple[int, int], *, fill: int = GREY
) -> tuple[NDArray[np.uint8], Placement]:
    """The photo in the middle of a grey canvas (H, W, 3) uint8, and where it lies there."""
    height, width = photo_bgr.shape[:2]
    placement = letterbox((width, height), canvas_wh_px)
    canvas = np.full((canvas_wh_px[1], canvas_wh_px[0], 3), fill, dtype=np.uint8)
    placement.draw(photo_bgr, canvas, (0, 0, *canvas_wh_px))
    return canvas, placement


def _fitted(photo_size_wh_px: tuple[int, int], canvas_wh_px: tuple[int, int]) -> tuple[int, int]:
    scale = min(whole / own for whole, own in zip(canvas_wh_px, photo_size_wh_px, strict=True))
    width, height = (max(1, round(own * scale)) for own in photo_size_wh_px)
    return width, height
