import re
from pathlib import Path

import pytest

from app.ui import photo_overlay
from app.ui.photo_overlay.drawn_boxes import MOST_BOXES, NO_BOXES, DrawnBoxes, read_boxes

SIZE = (40, 30)
BEFORE = DrawnBoxes(3, whole=True, boxes=(("b1", (1.0, 1.0, 9.0, 9.0)),))
NOT_OURS = "The boxes sent by the browser cannot be read. Reload the page."


def a_message(*boxes, seq=4, whole=True):
    listed = [{"id": f"b{k}", "box": box} for k, box in enumerate(boxes, 1)]
    return {"photo": "p", "seq": seq, "whole": whole, "boxes": listed}


def test_boxes_are_taken_in_whole_and_cut_at_the_rim_of_the_photo():
    said = a_message([1, 2, 3.5, 4], [-5, 20, 100, 100], whole=False)
    taken = DrawnBoxes(4, False, (("b1", (1, 2, 3.5, 4)), ("b2", (0, 20, 40, 10))))
    assert read_boxes(said, BEFORE, SIZE) == (taken, None)


def test_the_last_box_can_be_deleted():
    assert read_boxes(a_message(), BEFORE, SIZE) == (DrawnBoxes(4, True, ()), None)


@pytest.mark.parametrize(
    ("box", "words"),
    [
        ([50, 2, 3, 4], "(50, 2, 3, 4) lies outside the picture"),
        ([1, 2, 0, 4], "(1, 2, 0, 4) has no area"),
    ],
)
def test_a_box_with_nothing_in_it_is_refused_in_words_and_the_others_stay(box, words):
    boxes, error = read_boxes(a_message([1, 1, 9, 9], box), BEFORE, SIZE)
    assert boxes == DrawnBoxes(4, BEFORE.whole, BEFORE.boxes)
    assert error.what == "There is nothing to look at in this box."
    assert error.problems == (words,)


def test_too_many_boxes_are_refused_with_both_numbers():
    said = a_message(*[[1, 1, 9, 9]] * (MOST_BOXES + 1))
    boxes, error = read_boxes(said, NO_BOXES, SIZE)
    assert boxes.boxes == ()
    assert str(error) == f"These are {MOST_BOXES + 1} boxes; {MOST_BOXES} can be drawn on a photo."


@pytest.mark.parametrize("seq", [None, "1", -1, 2**53, 1.5])
def test_a_message_without_a_number_changes_nothing(seq):
    boxes, error = read_boxes(a_message([1, 2, 3, 4], seq=seq), BEFORE, SIZE)
    assert boxes == BEFORE
    assert str(error) == NOT_OURS


@pytest.mark.parametrize(
    "listed",
    [
        None,
        "boxes",
        [7],
        [{"id": "b1"}],
        [{"id": "whole", "box": [1, 2, 3, 4]}],
        [{"id": "b1\n", "box": [1, 2, 3, 4]}],
        [{"id": 1, "box": [1, 2, 3, 4]}],
        [{"id": "b1", "box": [1, 2, 3]}],
        [{"id": "b1", "box": {"x": 1}}],
        [{"id": "b1", "box": [1, 2, 3, "4"]}],
        [{"id": "b1", "box": [1, 2, 3, True]}],
        [{"id": "b1", "box": [1, 2, 3, None]}],
        [{"id": "b1", "box": [1, 2, 3, float("nan")]}],
        [{"id": "b1", "box": [1, 2, 3, float("inf")]}],
        [{"id": "b1", "box": [1, 2, 3, 10**400]}],
        [{"id": "b1", "box": [1, 2, 3, 4]}, {"id": "b1", "box": [1, 2, 3, 4]}],
    ],
)
def test_forged_boxes_are_refused_and_the_others_stay(listed):
    said = a_message() | {"boxes": listed}
    boxes, error = read_boxes(said, BEFORE, SIZE)
    assert boxes == DrawnBoxes(4, BEFORE.whole, BEFORE.boxes)
    assert str(error) == NOT_OURS


def test_browser_and_python_count_alike():
    text = Path(photo_overlay.__file__).with_name("boxes.js").read_text()
    assert re.findall(r"MOST_BOXES = (\d+)", text) == [str(MOST_BOXES)]
