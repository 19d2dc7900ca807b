"""What an objective knows beside a network's output and a batch."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from torch import Tensor

if TYPE_CHECKING:
    from core.models.codecs.codec import Codec

LossT = TypeVar("LossT")


@dataclass(frozen=True)
class Setting(Generic[LossT]):
    """The fixed part of an objective; tensors lie on the device of the batches.

    Attributes:
        codec: makes targets of places, and places of answers.
        loss: the family's own loss config, of this epoch and with counted weights filled in: every
            field is a number or a name here.
        sigmas: (K,) float32, OKS sigmas of the keypoints; the falloff is k_i = 2 sigma_i.
        swap: (K,) int64, index of each keypoint's mirror image.
        crop_size_wh_px: of the batches' crops.
    """

    codec: "Codec"
    loss: LossT
    sigmas: Tensor
    swap: Tensor
    crop_size_wh_px: tuple[int, int]
