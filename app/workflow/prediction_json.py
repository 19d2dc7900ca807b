"""A prediction as JSON and back; NaN, which JSON does not know, is null."""

import math
from typing import Any

import numpy as np

from core.data.prediction import FloatArray, Prediction

_ARRAYS = (
    "box_xywh_px", "xy_image_px", "heat_score", "presence", "visible", "vis3",
    "keypoint_similarity", "map_score",
)  # fmt: skip


def prediction_json(prediction: Prediction) -> dict[str, Any]:
    """Every field of the prediction by its name; null where it was not predicted."""
    said: dict[str, Any] = {name: _plain(getattr(prediction, name)) for name in _ARRAYS}
    ids = {"image_id": prediction.image_id, "annotation_id": prediction.annotation_id}
    return ids | {"index": prediction.index, **said, "pose_scores": dict(prediction.pose_scores)}


def prediction_from_json(said: dict[str, Any]) -> Prediction:
    """What `prediction_json` was given."""
    arrays = {name: _array(said[name]) for name in _ARRAYS}
    return Prediction(**{**said, **arrays})


def _plain(values: FloatArray | None) -> Any:
    return None if values is None else _without_nan(values.tolist())


def _without_nan(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_nan(each) for each in value]
    return None if math.isnan(value) else value


def _array(said: Any) -> FloatArray | None:
    # None becomes NaN when the type is said.
    return None if said is None else np.array(said, dtype=np.float32)
