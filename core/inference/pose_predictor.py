"""What every predictor can, whatever its network, and what it is given and gives beside places."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.data.prediction import FloatArray, Prediction
from core.data.skeleton import Skeleton
from core.errors import UserError


@dataclass(frozen=True)
class PersonCrop:
    """One person to predict.

    Attributes:
        photo_bgr: (H, W, 3) uint8; shared, never written to.
        box_xywh_px: (4,) image frame, width and height above 0; may lie outside the photo.
        image_id, annotation_id, index: handed on to the prediction.
    """

    photo_bgr: NDArray[np.uint8]
    box_xywh_px: NDArray[np.floating]
    image_id: int = 0
    annotation_id: int | None = None
    index: int = 0


@dataclass(frozen=True)
class HeatMaps:
    """The maps of one person, for display.

    Attributes:
        maps: (K, h, w) float32, in 0..1 up to noise.
        map_to_image: (2, 3) float64, from map pixels to image pixels.
    """

    maps: FloatArray
    map_to_image: NDArray[np.float64]


class PosePredictor(Protocol):
    """A loaded model that answers in image pixels.

    Attributes:
        name: the model's.
        checkpoint_sha256: of its weights.
        skeleton: the keypoints it predicts, in its order.
    """

    name: str
    checkpoint_sha256: str
    skeleton: Skeleton

    def predict(
        self,
        photo_bgr: NDArray[np.uint8],
        boxes_xywh_px: NDArray[np.floating],
        *,
        image_id: int = 0,
        annotation_ids: Sequence[int | None] | None = None,
    ) -> list[Prediction]:
        """One prediction per box (N, 4), in the boxes' order; the rest as `people_in`."""

    def predict_many(self, people: Sequence[PersonCrop]) -> list[Prediction]:
        """One prediction per person, in order; persons of several photos share batches.

        Raises:
            UserError: a box without area, or a picture that is none.
        """

    def heat_maps(
        self, photo_bgr: NDArray[np.uint8], box_xywh_px: NDArray[np.floating]
    ) -> HeatMaps:
        """The maps of the person in a box, and where they lie in the photo.

        Raises:
            UserError: as `predict_many`.
        """


def people_in(
    photo_bgr: NDArray[np.uint8],
    boxes_xywh_px: NDArray[np.floating],
    *,
    image_id: int,
    annotation_ids: Sequence[int | None] | None,
) -> list[PersonCrop]:
    """The persons in the boxes of one photo, `index` counting from 0.

    Args:
        photo_bgr: (H, W, 3) uint8.
        boxes_xywh_px: (N, 4) image frame.
        image_id: handed on to the predictions.
        annotation_ids: N ids, handed on; None for persons without an annotation.
    """
    boxes = np.asarray(boxes_xywh_px, dtype=np.float64).reshape(-1, 4)
    ids = [None] * len(boxes) if annotation_ids is None else annotation_ids
    return [
        PersonCrop(photo_bgr, box, image_id, annotation_id, index)
        for index, (box, annotation_id) in enumerate(zip(boxes, ids, strict=True))
    ]


def require_photo(photo_bgr: NDArray[np.uint8]) -> None:
    """Pass where this is a colour picture of 8 bits.

    Raises:
        UserError: it is none.
    """
    if photo_bgr.ndim != 3 or photo_bgr.shape[2] != 3 or 0 in photo_bgr.shape:
        raise UserError(
            f"This is no colour picture: its shape is {photo_bgr.shape}.",
            remedy="A picture is height x width x 3, 8 bits each.",
        )
    if photo_bgr.dtype != np.uint8:
        raise UserError(
            f"This picture is made of {photo_bgr.dtype} numbers.",
            remedy="A picture is height x width x 3, 8 bits each.",
        )
