import doctest
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.label_consistency import scores
from core.label_consistency.scores import (
    NO_FLAG,
    flag_suspicion,
    most_doubtful_first,
    suggested_flags,
)

a_flag = st.sampled_from([0, 1, 2, NO_FLAG])
a_row = st.one_of(
    st.just((math.nan,) * 3), st.tuples(*[st.floats(0, 1, width=32) for _ in range(3)])
)
some_keypoints = st.lists(st.tuples(a_flag, a_row), min_size=1, max_size=12)
a_suspicion = st.one_of(
    st.floats(0, 1, width=32), st.sampled_from([0.0, -0.0, 1.0, 0.5]), st.just(math.nan)
)


def test_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(scores).failed == 0


@given(some_keypoints)
def test_suspicion_is_what_the_given_flag_lacks(keypoints: list) -> None:  # type: ignore[type-arg]
    flags = np.array([flag for flag, _ in keypoints], np.uint8)
    p = np.array([row for _, row in keypoints], np.float32)
    found = flag_suspicion(flags, p)
    wanted = [
        math.nan if flag == NO_FLAG else float(np.float32(1) - np.float32(row[flag]))
        for flag, row in keypoints
    ]
    np.testing.assert_array_equal(found, np.array(wanted, np.float32))
    assert found.dtype == np.float32
    assert np.array_equal(found[None], flag_suspicion(flags[None], p[None]), equal_nan=True)


def test_probabilities_a_little_beyond_one_stay_in_range() -> None:
    p = np.array([[1.0000001, -1e-7, 0], [1.0000001, -1e-7, 0]], np.float32)
    assert flag_suspicion(np.array([0, 1], np.uint8), p).tolist() == [0, 1]


@given(some_keypoints)
def test_the_suggested_flag_is_the_likeliest_and_the_lower_of_two(keypoints: list) -> None:  # type: ignore[type-arg]
    p = np.array([row for _, row in keypoints], np.float32)
    wanted = [NO_FLAG if np.isnan(row).any() else int(np.argmax(row)) for row in p]
    assert suggested_flags(p).tolist() == wanted


@given(st.lists(a_suspicion, max_size=40))
def test_the_order_is_that_of_a_plain_sort(suspicions: list[float]) -> None:
    def key(index: int) -> tuple[bool, float, int]:
        value = suspicions[index]
        return math.isnan(value), 0 if math.isnan(value) else -value, index

    found = most_doubtful_first(np.array(suspicions, np.float32))
    assert found.tolist() == sorted(range(len(suspicions)), key=key)


@pytest.mark.parametrize("shape", [(0,), (0, 17), (3, 0)])
def test_nothing_has_no_suspicion(shape: tuple[int, ...]) -> None:
    assert flag_suspicion(np.zeros(shape, np.uint8), np.zeros((*shape, 3), np.float32)).size == 0
    assert suggested_flags(np.zeros((*shape, 3), np.float32)).shape == shape
