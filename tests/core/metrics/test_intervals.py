import numpy as np
import pytest

from core.metrics.intervals import bootstrap_interval


def share(counts):
    return counts[..., 0] / counts[..., 1]


def test_the_interval_of_a_share_is_that_of_the_normal_approximation():
    right = np.random.default_rng(0).random(900) < 0.6
    counts = np.stack([right, np.ones(900)], axis=1)
    low, high = bootstrap_interval(counts, share)
    p = right.mean()
    half = 1.96 * np.sqrt(p * (1 - p) / 900)
    assert (low, high) == (pytest.approx(p - half, abs=0.004), pytest.approx(p + half, abs=0.004))


def test_groups_are_drawn_whole():
    one_group = np.array([[3.0, 4.0]])
    assert bootstrap_interval(one_group, share) == (0.75, 0.75)
