"""Boxes of persons: which one is cut out, and which can be looked at on a photo."""

import pytest

from core.data.boxes import LARGEST_PX, MOST_BOXES, box_to_cut, checked_boxes
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


@pytest.mark.parametrize(
    ("own", "labelled", "cut"),
    [
        ((1, 2, 3, 4), [(9, 9)], (1, 2, 3, 4)),
        ((-900, 2, 3, 0.5), [], (-900, 2, 3, 0.5)),
        (None, [(10, 20), (40, 60), (30, 10)], (10, 10, 30, 50)),
        (None, [(10, 20)], (10, 20, 1, 1)),
        ((1, 2, 0, 4), [(10, 20), (40, 60)], (10, 20, 30, 40)),
        ((1, 2, 3, 1e300), [(10, 20), (40, 60)], (10, 20, 30, 40)),
        ((1, 2, 0, 4), [], None),
        (None, [], None),
        (None, [(10, 20), (2 * LARGEST_PX, 60)], None),
    ],
)
def test_the_own_box_is_cut_out_else_that_of_the_labelled_points(own, labelled, cut):
    assert box_to_cut(own, labelled) == cut
