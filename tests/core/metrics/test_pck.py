import doctest

import numpy as np

from core.metrics import pck
from core.metrics.pck import crop_side_px, found_keypoints


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(pck).failed == 0


def test_only_labelled_keypoints_count_and_a_missing_prediction_is_not_found():
    xy = np.array([[[0.0, 0], [np.nan, np.nan], [0, 0]]])
    label = np.zeros((1, 3, 2))
    found, counted = found_keypoints(xy, label, np.array([[2, 1, 0]]), np.array([50.0]))
    assert found.tolist() == [[True, False, False]]
    assert counted.tolist() == [[True, True, False]]


def test_the_side_is_the_crops_height_without_its_padding():
    boxes = np.array([[0, 0, 10, 120], [0, 0, 100, 60]])
    assert crop_side_px(boxes, (160, 192)).tolist() == [120.0, 120.0]
