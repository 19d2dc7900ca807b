"""Boxes people draw or type: which of them can be looked at."""

import pytest

from core.data.boxes import MOST_BOXES, checked_boxes
from core.errors import UserError

SIZE_WH_PX = (640, 480)
NAN, INFINITE = float("nan"), float("inf")


def refusal(*boxes: tuple[float, ...]) -> str:
    with pytest.raises(UserError) as refused:
        checked_boxes(boxes, SIZE_WH_PX)
    return str(refused.value)


@pytest.mark.parametrize(
    "box", [(0, 0, 640, 480), (-50, -50, 51, 51), (639, 479, 900, 900), (3, 4, 0.5, 0.5)]
)
def test_a_box_that_holds_a_part_of_the_picture_passes(box: tuple[float, ...]):
    checked_boxes([box] * MOST_BOXES, SIZE_WH_PX)


def test_no_box_at_all_passes():
    checked_boxes([], SIZE_WH_PX)


@pytest.mark.parametrize(
    ("box", "why"),
    [
        ((640, 0, 5, 5), "(640, 0, 5, 5) lies outside the picture"),
        ((0, 480, 5, 5), "(0, 480, 5, 5) lies outside the picture"),
        ((-5, 0, 5, 5), "(-5, 0, 5, 5) lies outside the picture"),
        ((0, -5, 5, 5), "(0, -5, 5, 5) lies outside the picture"),
        ((3, 3, 0, 5), "(3, 3, 0, 5) has no area"),
        ((3, 3, 5, -1), "(3, 3, 5, -1) has no area"),
        ((NAN, 3, 5, 5), "(nan, 3, 5, 5) is not made of numbers"),
        ((3, 3, INFINITE, 5), "(3, 3, inf, 5) is not made of numbers"),
    ],
)
def test_a_box_that_holds_nothing_is_refused(box: tuple[float, ...], why: str):
    assert refusal(box) == (
        "There is nothing to look at in this box. A box is x, y, width, height in pixels; "
        f"the picture has 640 x 480.\n  - {why}"
    )


def test_every_wrong_box_is_said():
    said = refusal((3, 3, 0, 5), (3, 3, 5, 5), (NAN, 0, 1, 1))
    assert said.startswith("There is nothing to look at in these boxes.")
    assert said.endswith(
        "\n  - (3, 3, 0, 5) has no area\n  - (nan, 0, 1, 1) is not made of numbers"
    )


def test_there_is_a_most_number_of_boxes():
    assert refusal(*[(3, 3, 5, 5)] * 101) == (
        "These are 101 boxes; a photo may have 100. Ask for some of them at a time."
    )
