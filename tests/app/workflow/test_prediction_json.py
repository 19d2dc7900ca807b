"""A prediction as JSON and back."""

import json

import numpy as np

from app.workflow.prediction_json import prediction_from_json, prediction_json
from core.data.prediction import Prediction


def test_every_field_comes_back_and_json_holds_no_nan() -> None:
    values = np.array([0.25, np.nan], np.float32)
    full = Prediction(
        image_id=7,
        annotation_id=None,
        index=3,
        box_xywh_px=np.array([0.5, 1, 2, 3], np.float32),
        xy_image_px=np.array([[1, 2], [np.nan, np.nan]], np.float32),
        heat_score=values,
        presence=values,
        visible=values,
        vis3=np.array([[0.1, 0.2, 0.7], [np.nan] * 3], np.float32),
        keypoint_similarity=values,
        map_score=values,
        pose_scores={"oaks": 0.25},
    )
    bare = Prediction(1, 2, 0, full.box_xywh_px, full.xy_image_px)
    for prediction in (full, bare):
        packed = json.dumps(prediction_json(prediction), allow_nan=False)
        found = prediction_from_json(json.loads(packed))
        for name, value in vars(prediction).items():
            other = getattr(found, name)
            if isinstance(value, np.ndarray):
                assert other.dtype == np.float32
                np.testing.assert_array_equal(other, value)
            else:
                assert other == value
