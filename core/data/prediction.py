"""What a model says about one person."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class Prediction:
    """One person as a model sees it; every field a different quantity, None where not predicted.

    A keypoint the model does not know is NaN throughout: "not predicted", never "wrong".

    Attributes:
        image_id: the file's image id (0 for an upload).
        annotation_id: the file's annotation id; None for a detected person.
        matched_annotation_id: of the annotation a detected person is, as far as can be told.
        likeness: 0..1, how alike those two are (`core.data.person_match`); None without a match.
        index: place among the persons of this image, for those without an annotation id.
        box_xywh_px: (4,) float32, image frame; the box the person was cut out by.
        xy_image_px: (K, 2) float32.
        heat_score: (K,) float32 in 0..1, height of the heat map's peak; higher = surer place.
        presence: (K,) float32 in 0..1, p(v > 0).
        visible: (K,) float32 in 0..1, p(v = 2).
        vis3: (K, 3) float32, p(v = 0), p(v = 1), p(v = 2); rows sum to 1.
        keypoint_similarity: (K,) float32 in 0..1, expected of a keypoint if it is labelled.
        map_score: (K,) float32 in 0..1, visibility map at the keypoint.
        pose_scores: one number per person by name (conventional, oaks, expected_oks, detection).
    """

    image_id: int
    annotation_id: int | None
    index: int
    box_xywh_px: FloatArray
    xy_image_px: FloatArray
    heat_score: FloatArray | None = None
    presence: FloatArray | None = None
    visible: FloatArray | None = None
    vis3: FloatArray | None = None
    keypoint_similarity: FloatArray | None = None
    map_score: FloatArray | None = None
    pose_scores: Mapping[str, float] = field(default_factory=dict)
    matched_annotation_id: int | None = None
    likeness: float | None = None

    @property
    def of_annotation(self) -> int | None:
        """Whom it is about: the annotation it was asked of, else the one it was matched with."""
        return self.matched_annotation_id if self.annotation_id is None else self.annotation_id


def p_of_flags(presence: FloatArray, visible: FloatArray) -> FloatArray:
    """(..., 3) p(v = 0, 1, 2) of a model that says p(v > 0) and p(v = 2) apart, both (...,).

    Where it contradicts itself (visible above presence), presence holds.
    """
    visible = np.minimum(visible, presence)
    return np.stack([1 - presence, presence - visible, visible], axis=-1)
