import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from app.ui.keypoint_canvas.item_json import (
    PhotoFrame,
    entry_json,
    item_json,
    photo_json,
    steps_json,
    why_in_queue,
)
from app.workflow.queue import QueueEntry
from app.workflow.relabel_item import RelabelItem, opinion_on, skeleton_of
from core.data.listing import Person
from core.data.review import MAIN, Held, Label, LoggedStep, StepChange, Verdict, VerdictKind
from core.data.visibility import Visibility
from tests.app.ui.people import IMAGE, RUN, a_dataset, a_person, a_prediction, labels

FRAME = PhotoFrame("img/x", "img/small", (40, 30), "no photo")
OPEN = tuple(Held(label, False, False, None) for label in labels(2, 1, 0))
NAMES = ["nose", "left_eye"]


def an_item(**fields: Any) -> RelabelItem:
    return item_of(a_person(**({"held": OPEN, "history": ((), (), ())} | fields)))


def item_of(person: Person, *others: Person) -> RelabelItem:
    dataset = a_dataset()
    skeleton = skeleton_of(dataset, person)
    opinion = opinion_on(person.prediction, skeleton, RUN)
    return RelabelItem(dataset, IMAGE, person, (person, *others), skeleton, opinion)


def an_entry(**fields: Any) -> QueueEntry:
    return replace(QueueEntry(1, 7, None, None, None, None), **fields)


def test_the_editor_is_told_everything_of_a_person() -> None:
    told = item_json(an_item(), why="in file order", held_by="Bo")
    assert told == {
        "dataset": "val",
        "id": 1,
        "image": 7,
        "why": "in file order",
        "names": ["nose", "left_eye", "right_eye"],
        "edges": [[0, 1]],
        "groups": {"head": [0, 1, 2], "left": [1], "right": [2], "all": [0, 1, 2]},
        "box": [5, 5, 20, 20],
        "given": [[10, 20, 2], [11, 20, 1], [12, 20, 0]],
        "current": [[10, 20, 2], [11, 20, 1], [12, 20, 0]],
        "revisions": [0, 0, 0],
        "reviewed": [False, False, False],
        "unsure": [False, False, False],
        "steps": [None, None, None],
        "history": [[], [], []],
        "model": None,
        "held_by": "Bo",
    }


def test_what_was_decided_is_told_with_who_and_when() -> None:
    before, after = Label(10, 20, Visibility.VISIBLE), Label(10, 21, Visibility.OCCLUDED)
    at = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
    verdict = Verdict(
        MAIN, 1, 0, 1, VerdictKind.SET, "s1", None, before, after, "Ada", at, "behind a tree"
    )
    held = (Held(after, False, True, "s1"), *OPEN[1:])
    told = item_json(an_item(history=((verdict,), (), ()), held=held), why="", held_by=None)
    assert (told["unsure"], told["steps"]) == ([True, False, False], ["s1", None, None])
    assert told["history"][0] == [
        {
            "by": "Ada", "at": "2026-11-21T09:30:00+00:00", "kind": "set", "from": 2, "to": 1,
            "moved": True, "reason": "behind a tree",
        }
    ]  # fmt: skip


def test_a_long_history_is_told_from_its_end() -> None:
    label, at = Label(1, 2, Visibility.VISIBLE), datetime(2026, 11, 21, tzinfo=UTC)
    history = tuple(
        Verdict(MAIN, 1, 0, n, VerdictKind.KEEP, f"s{n}", None, label, label, "Ada", at, f"{n}")
        for n in range(1, 31)
    )
    told = item_json(an_item(history=(history, (), ())), why="", held_by=None)
    assert [each["reason"] for each in told["history"][0]] == [str(n) for n in range(11, 31)]


def test_what_the_run_does_not_know_is_null_and_valid_json() -> None:
    told = item_json(an_item(prediction=a_prediction()), why="", held_by=None)
    assert json.loads(json.dumps(told["model"], allow_nan=False)) == {
        "run": "tiny-1",
        "xy": [[10, 22], None, [12, 21]],
        "p": [[0.05, 0.15, 0.8], None, [0.7, 0.2, 0.1]],
    }


def test_a_photo_is_told_with_everybody_on_it() -> None:
    other = replace(a_person(current=labels(1, 0, 2)), annotation_id=2)
    crowd = replace(a_person(iscrowd=True), annotation_id=3)
    me = a_person()
    mine = [[10, 20, 2], [11, 20, 1], [12, 20, 0]]
    assert photo_json(item_of(me, other, crowd), FRAME) == {
        "url": "img/x",
        "thumb": "img/small",
        "w": 40,
        "h": 30,
        "note": "no photo",
        "title": "a.png",
        "place": 1,
        "total": 1,
        "people": [
            {"id": 1, "crowd": False, "points": mine},
            {"id": 2, "crowd": False, "points": [[10, 20, 1], [11, 20, 0], [12, 20, 2]]},
            {"id": 3, "crowd": True, "points": mine},
        ],
    }


def test_a_place_of_the_queue_names_its_keypoint_only_where_that_is_the_item() -> None:
    entry = an_entry(keypoint=1)
    told = {"id": 1, "image": 7, "why": "because"}
    assert entry_json(entry, unit_is_keypoint=True, why="because") == told | {"keypoint": 1}
    assert entry_json(entry, unit_is_keypoint=False, why="because") == told | {"keypoint": None}


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (an_entry(), "In the order of the file"),
        (an_entry(keypoint=9), "In the order of the file"),
        (an_entry(keypoint=1, given=Visibility.VISIBLE), "left eye: given visible"),
        (
            an_entry(
                keypoint=1,
                suspicion=0.934,
                given=Visibility.VISIBLE,
                suggested=Visibility.OCCLUDED,
            ),
            "left eye: given visible, tiny-1 says hidden (suspicion 0.93)",
        ),
    ],
)
def test_it_is_said_why_somebody_is_in_the_queue(entry: QueueEntry, words: str) -> None:
    assert why_in_queue(entry, NAMES, "tiny-1") == words


def test_steps_that_can_be_undone_are_told_with_both_sides() -> None:
    before = Held(Label(3, 4, Visibility.VISIBLE), False, False, None)
    after = Held(Label(3, 4, Visibility.OCCLUDED), True, False, "s1")
    assert steps_json([LoggedStep("s1", 9, (StepChange(2, before, after),))]) == [
        {
            "step": "s1",
            "item": 9,
            "changes": [
                {
                    "keypoint": 2,
                    "before": {
                        "x": 3, "y": 4, "v": 2, "reviewed": False, "unsure": False, "step": None,
                    },
                    "after": {
                        "x": 3, "y": 4, "v": 1, "reviewed": True, "unsure": False, "step": "s1",
                    },
                }
            ],
        }
    ]  # fmt: skip
