"""Scores of whole poses: which of a model's people are likeliest to be right. Pure, no torch.

Every score is in 0..1, higher = better pose; AP sorts people by it. The arrays are (..., K), scores
(...,). A keypoint the model does not know is NaN and has no say; where nothing has a say, the score
is 0, the worst. For a detected box every score is multiplied with the detector's (paper 003, 5.3).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.prediction import Prediction

Array = NDArray[np.floating]
Scores = NDArray[np.float64]
HEAT_LIMIT = 0.2  # SimpleBaseline's IN_VIS_THRE
PRESENCE_LIMIT = 0.5  # paper 003 calls a keypoint visible above it


def conventional(heat_score: Array) -> Scores:
    """Mean height of the K peaks (paper 003, eq. 3, S_MH): hidden keypoints pull it down.

    Args:
        heat_score: (..., K) in 0..1.

    >>> conventional(np.array([0.9, 0.8, 0.1])).round(3).tolist()
    0.6
    """
    return _weighted_mean(heat_score, np.ones_like(heat_score))


def above_limit(heat_score: Array, *, limit: float = HEAT_LIMIT) -> Scores:
    """Mean height of the peaks above `limit`: SimpleBaseline's rescoring, mmpose's `bbox_keypoint`.

    Args:
        heat_score: (..., K) in 0..1. Peaks of SimCC are far lower: 0.01 is its code's limit.

    >>> above_limit(np.array([0.9, 0.8, 0.1])).round(3).tolist()
    0.85
    """
    return _weighted_mean(heat_score, heat_score > limit)


def oaks(similarity: Array, presence: Array) -> Scores:
    """Occlusion-aware score of paper 003 (algorithm 1, line 6): sum of KS v over sum of v.

    Args:
        similarity: (..., K) expected KS in 0..1 of a keypoint if it is labelled.
        presence: (..., K) v in 0..1, the probability that it is.

    >>> oaks(np.array([0.9, 0.8, 0.1]), np.array([1.0, 0.5, 0.0])).round(3).tolist()
    0.867
    """
    return _weighted_mean(similarity, presence)


def oaks_hard(similarity: Array, presence: Array, *, limit: float = PRESENCE_LIMIT) -> Scores:
    """As `oaks` with v = 1 above `limit` and 0 elsewhere: the mean of KS over what is there.

    Ours, for comparison: the paper's algorithm weighs by the probability itself.
    """
    return _weighted_mean(similarity, _where_known(presence, presence > limit))


def expected_oks(similarity: Array, presence: Array) -> Scores:
    """Paper 004's rescoring: the sum of presence x similarity, its OPKS, over that of presence.

    The poster prints no formula; this is OKS with both of its parts expected. It is `oaks` by
    another paper's name, where similarity and presence come from one network's two heads.

    Args:
        similarity: (..., K) in 0..1, expected of a keypoint if it is labelled.
        presence: (..., K) in 0..1.
    """
    return _weighted_mean(similarity, presence)


def oracle(
    xy: Array, xy_true: Array, flags: NDArray[np.integer], area: Array, sigmas: Array
) -> Scores:
    """The true OKS (paper 003, eq. 1), the best any score can do; NaN where nothing is labelled.

    Args:
        xy, xy_true: (..., K, 2) in one frame; a keypoint labelled but not predicted counts as 0.
        flags: (..., K); v > 0 counts.
        area: (...,) of the annotation in that frame.
        sigmas: (K,); the falloff is 2 sigma (COCO keypoint evaluation).
    """
    labelled = flags > 0
    squared = np.square(np.asarray(xy, dtype=np.float64) - xy_true).sum(axis=-1)  # (..., K)
    falloff = 2 * (np.asarray(area)[..., None] + np.spacing(1)) * (2 * sigmas) ** 2
    similarity = np.nan_to_num(np.exp(-squared / falloff)) * labelled
    count = labelled.sum(axis=-1)
    found: Scores = np.where(count > 0, similarity.sum(axis=-1) / np.maximum(count, 1), np.nan)
    return found


@dataclass(frozen=True)
class PoseScore:
    """A score that a prediction's own arrays are enough for.

    Attributes:
        of: from the arrays in `needs` to the score.
        needs: fields of `Prediction`, in the order of `of`.
        what: one sentence for lists.
    """

    of: Callable[..., Scores]
    needs: tuple[str, ...]
    what: str


_RATED = ("keypoint_similarity", "presence")
POSE_SCORES: Mapping[str, PoseScore] = {
    "conventional": PoseScore(conventional, ("heat_score",), "mean of the heat scores"),
    "above_limit": PoseScore(
        above_limit, ("heat_score",), f"mean of the heat scores above {HEAT_LIMIT:g}"
    ),
    "oaks": PoseScore(oaks, _RATED, "mean expected similarity, weighed by presence (paper 003)"),
    "oaks_hard": PoseScore(
        oaks_hard, _RATED, f"mean expected similarity where presence is above {PRESENCE_LIMIT:g}"
    ),
    "expected_oks": PoseScore(
        expected_oks, _RATED, "OKS as the model expects it (paper 004); the same number as oaks"
    ),
}


def pose_scores(
    prediction: Prediction, *, box_score: float = 1.0, heat_limit: float = HEAT_LIMIT
) -> dict[str, float]:
    """Every score of `POSE_SCORES` that the prediction's arrays allow.

    Args:
        box_score: the detector's, in 0..1; 1 for a box somebody drew.
        heat_limit: of `above_limit`; what the model's codec says, as SimCC's peaks are low.
    """
    found = {}
    for name, score in POSE_SCORES.items():
        arrays = [getattr(prediction, field) for field in score.needs]
        if all(array is not None for array in arrays):
            limit = {"limit": heat_limit} if score.of is above_limit else {}
            found[name] = float(score.of(*arrays, **limit)) * box_score
    return found


def _weighted_mean(values: Array, weights: NDArray[np.generic]) -> Scores:
    """(...,) mean over the last axis, where both are known; 0 where the weights sum to 0."""
    values = np.asarray(values, dtype=np.float64)
    weights = np.asarray(weights, dtype=np.float64)
    known = ~(np.isnan(values) | np.isnan(weights))
    weights = np.where(known, weights, 0.0)
    weighted = (np.where(known, values, 0.0) * weights).sum(axis=-1)
    total = weights.sum(axis=-1)
    mean: Scores = weighted / np.where(total > 0, total, 1.0)
    return mean


def _where_known(array: Array, chosen: NDArray[np.bool_]) -> Array:
    return np.where(np.isnan(array), np.nan, chosen)
