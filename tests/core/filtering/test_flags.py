import numpy as np
import pytest

from core.data.prediction import Prediction
from core.errors import UserError
from core.filtering.flags import non_zero


def a_prediction(vis3) -> Prediction:
    return Prediction(1, 2, 0, np.zeros(4, np.float32), np.zeros((4, 2), np.float32), vis3=vis3)


def test_a_keypoint_whose_likeliest_flag_is_zero_counts_as_not_predicted():
    said = np.array(
        [[0.6, 0.1, 0.3], [0.4, 0.5, 0.1], [0.4, 0.1, 0.5], [0.4, 0.4, 0.2]], dtype=np.float32
    )
    assert non_zero(a_prediction(said)).tolist() == [False, True, True, False]


def test_a_keypoint_the_model_does_not_know_counts_as_not_predicted():
    said = np.full((4, 3), np.nan, dtype=np.float32)
    said[1] = (0.1, 0.2, 0.7)
    assert non_zero(a_prediction(said)).tolist() == [False, True, False, False]


def test_a_model_without_ternary_flags_is_refused():
    with pytest.raises(UserError, match="This model says no ternary flags"):
        non_zero(a_prediction(None))
