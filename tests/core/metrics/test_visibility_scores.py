import doctest

import numpy as np
import pytest

from core.metrics import visibility_scores
from core.metrics.visibility_scores import (
    expected_confusion,
    f1_per_class,
    flag_confusion,
    label_shares,
)

TRUE = np.array([[0, 1, 2, 2], [2, 1, 0, 2]])
SAID = np.array([[0, 2, 2, 1], [2, 1, 2, 2]])


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(visibility_scores).failed == 0


def test_counts_and_f1_are_those_worked_out_by_hand():
    confusion = flag_confusion(TRUE, SAID)
    assert confusion.tolist() == [
        [[1, 0, 0], [0, 0, 1], [0, 1, 1]],
        [[0, 0, 1], [0, 1, 0], [0, 0, 2]],
    ]
    # Class 0: 1 right of 2 true, 1 said; class 1: 1 of 2, 2 said; class 2: 3 of 4, 5 said.
    assert f1_per_class(confusion.sum(axis=0)) == pytest.approx([2 / 3, 1 / 2, 2 / 3])


def test_a_class_without_label_and_prediction_has_no_f1():
    assert f1_per_class(np.zeros((3, 3))).tolist() == [0.0, 0.0, 0.0]


def test_expected_counts_are_those_of_many_draws():
    shares = label_shares(TRUE)
    assert shares[1].tolist() == [0.0, 1.0, 0.0]
    rng = np.random.default_rng(0)
    drawn = (rng.random((4000, 2, 4, 1)) > shares.cumsum(axis=1)).sum(axis=-1)
    mean = flag_confusion(np.broadcast_to(TRUE, drawn.shape), drawn).sum(axis=1).mean(axis=0)
    np.testing.assert_allclose(expected_confusion(TRUE, shares), mean, atol=0.05)
