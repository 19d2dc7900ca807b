"""Cutting a person out of a photo: the affine between photo and crop, and the way back.

Pixel centres are whole numbers in every frame (the centre of the top left pixel is (0, 0)), so a
mirrored crop is `width - 1 - x` exactly.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from core.errors import UserError

BOX_PADDING = 1.25  # crop side over box side, as in SimpleBaseline and its descendants

Vector = NDArray[np.float64]  # (2,) x, y


class Laid(NamedTuple):
    """How a padded box lies on a crop.

    Attributes:
        scale: (2,) crop pixels per photo pixel.
        box_centre_px: (2,) photo frame; falls on `crop_centre_px`, (2,) crop frame.
    """

    scale: Vector
    box_centre_px: Vector
    crop_centre_px: Vector


def centres(corner_px: Vector, side_px: Vector, padded_px: Vector, crop_px: Vector) -> Laid:
    """Areas fall on each other: a box at x = 0 begins half a pixel left of its first centre."""
    return Laid(crop_px / padded_px, corner_px + side_px / 2 - 0.5, (crop_px - 1) / 2)


def classic(corner_px: Vector, side_px: Vector, padded_px: Vector, crop_px: Vector) -> Laid:
    """SimpleBaseline's code: x + w / 2 of the photo falls on W / 2 of the crop.

    Against `centres` the content lies half a crop pixel less half a photo pixel off.
    """
    return Laid(crop_px / padded_px, corner_px + side_px / 2, crop_px / 2)


def udp(corner_px: Vector, side_px: Vector, padded_px: Vector, crop_px: Vector) -> Laid:
    """Unbiased data processing (Huang et al. 2020): sides are counted between pixel centres."""
    return Laid((crop_px - 1) / padded_px, corner_px + side_px / 2, (crop_px - 1) / 2)


# From a box's corner, its side, that of the padded box of the crop's aspect, and the crop's, each
# (2,). `core.models.codecs.map_frame.MAP_FRAMES` holds the other half, by the same names.
ALIGNMENTS: Mapping[str, Callable[[Vector, Vector, Vector, Vector], Laid]] = {
    "centres": centres,
    "classic": classic,
    "udp": udp,
}


def crop_affine(
    box_xywh_px: NDArray[np.floating],
    crop_size_wh_px: tuple[int, int],
    *,
    padding: float = BOX_PADDING,
    rotation_deg: float = 0.0,
    shift: tuple[float, float] = (0.0, 0.0),
    alignment: str = "centres",
) -> NDArray[np.float64]:
    """The affine that takes photo pixels to crop pixels.

    The box keeps its centre and is widened to the crop's aspect, then by `padding`. It may lie
    partly or wholly outside the photo: what is outside becomes black.

    Args:
        box_xywh_px: (4,) photo frame; width and height above 0.
        crop_size_wh_px: width, height of the crop.
        padding: crop side over box side.
        rotation_deg: turns the content of the crop clockwise, about the box's centre.
        shift: moves the box's centre by this fraction of the crop's sides.
        alignment: a name of `ALIGNMENTS`.

    Returns:
        (2, 3) float64.

    Raises:
        UserError: the box has no area or is not a number.
    """
    x, y, width, height = (float(value) for value in box_xywh_px)
    if not np.isfinite([x, y, width, height]).all() or width <= 0 or height <= 0:
        raise UserError(
            f"The box ({x:g}, {y:g}, {width:g}, {height:g}) has no area.",
            remedy="A box is x, y, width, height in pixels with width and height above 0.",
        )
    crop = np.array(crop_size_wh_px, dtype=np.float64)
    side = np.array([width, height])
    padded = crop * (side / crop).max() * padding
    laid = ALIGNMENTS[alignment](np.array([x, y]), side, padded, crop)
    angle = np.deg2rad(rotation_deg)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = laid.scale[:, None] * turn
    crop_centre = laid.crop_centre_px + np.array(shift) * crop
    return np.hstack([linear, (crop_centre - linear @ laid.box_centre_px)[:, None]])


def invert_affine(affine: NDArray[np.float64]) -> NDArray[np.float64]:
    """The way back of one or many affines: (..., 2, 3) to (..., 2, 3)."""
    linear = np.linalg.inv(affine[..., :2])
    return np.concatenate([linear, -linear @ affine[..., 2:]], axis=-1)


def apply_affine(affine: NDArray[np.float64], xy_px: NDArray[np.floating]) -> NDArray[np.float64]:
    """Move points: affine (..., 2, 3), xy_px (..., K, 2) to (..., K, 2)."""
    moved: NDArray[np.float64] = xy_px @ np.swapaxes(affine[..., :2], -1, -2) + np.swapaxes(
        affine[..., 2:], -1, -2
    )
    return moved


def cut_out(
    photo_bgr: NDArray[np.uint8], affine: NDArray[np.float64], crop_size_wh_px: tuple[int, int]
) -> NDArray[np.uint8]:
    """The crop as (H, W, 3) uint8 in the photo's channel order; black outside the photo.

    A photo much larger than the crop is shrunk by area first, since a plain warp skips pixels.
    """
    shrink = float(np.sqrt(abs(np.linalg.det(affine[:, :2]))))
    if shrink < 0.5:
        photo_bgr, affine = _shrunk(photo_bgr, affine, crop_size_wh_px, shrink)
    crop: NDArray[np.uint8] = cv2.warpAffine(
        photo_bgr, affine, crop_size_wh_px, flags=cv2.INTER_LINEAR, borderValue=(0, 0, 0)
    ).astype(np.uint8, copy=False)
    return crop


def _shrunk(
    photo_bgr: NDArray[np.uint8],
    affine: NDArray[np.float64],
    crop_size_wh_px: tuple[int, int],
    shrink: float,
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The part of the photo that the crop needs, made smaller, and the affine from it."""
    width, height = crop_size_wh_px
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height]], dtype=np.float64)
    needed = apply_affine(invert_affine(affine), corners)
    limit = np.array([photo_bgr.shape[1], photo_bgr.shape[0]])
    low = np.clip(np.floor(needed.min(axis=0)).astype(int) - 2, 0, limit - 1)
    high = np.clip(np.ceil(needed.max(axis=0)).astype(int) + 2, low + 1, limit)
    part = photo_bgr[low[1] : high[1], low[0] : high[0]]
    size = np.maximum(1, np.round((high - low) * shrink).astype(int))
    small = cv2.resize(part, (int(size[0]), int(size[1])), interpolation=cv2.INTER_AREA)
    # Pixel i of the small picture covers `ratio` pixels: its centre is ratio * (i + 0.5) - 0.5.
    ratio = (high - low) / size
    to_photo = np.hstack([np.diag(ratio), (low + ratio / 2 - 0.5)[:, None]])
    linear = affine[:, :2] @ to_photo[:, :2]
    offset = affine[:, :2] @ to_photo[:, 2:] + affine[:, 2:]
    return small.astype(np.uint8, copy=False), np.hstack([linear, offset])
