"""Persons cut out for a network, stacked to one batch."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.data.crops import crop_affine, cut_out
from core.inference.pose_predictor import PersonCrop, require_photo
from core.models.model_config import ModelConfig

MOST_PEOPLE = 32  # of a batch; twice as many crops, since each is looked at mirrored as well
MOST_PIXELS = MOST_PEOPLE * 288 * 384  # of its crops: larger ones take their memory from others


class CropBatch(NamedTuple):
    """Crops as the network wants them, but for normalisation.

    Attributes:
        to_crop: (B, 2, 3) float64, from photo pixels to crop pixels.
        pixels: (B, H, W, 3) uint8, the network's channel order.
    """

    to_crop: NDArray[np.float64]
    pixels: NDArray[np.uint8]


def people_at_once(config: ModelConfig) -> int:
    """How many persons a batch holds: fewer where crops are large, at least one."""
    width, height = config.crop_size_wh_px
    return max(1, min(MOST_PEOPLE, MOST_PIXELS // (width * height)))


def cut_people(people: Sequence[PersonCrop], config: ModelConfig) -> CropBatch:
    """Cut persons out as the network was trained: size, padding, alignment, channel order.

    Raises:
        UserError: a box without area, or a picture that is none.
    """
    size = config.crop_size_wh_px
    affines, crops = [], []
    for person in people:
        require_photo(person.photo_bgr)
        affine = crop_affine(
            person.box_xywh_px, size, padding=config.padding, alignment=config.alignment
        )
        crop = cut_out(person.photo_bgr, affine, size)
        affines.append(affine)
        crops.append(crop[..., ::-1] if config.channel_order == "RGB" else crop)
    return CropBatch(np.stack(affines), np.stack(crops))
