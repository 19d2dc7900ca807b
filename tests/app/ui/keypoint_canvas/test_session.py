import time
from typing import Any

import pytest

from app.ui.keypoint_canvas.session import SEEN_AGAIN_S, EditorSession, View
from app.workflow.queue import Item, Queue, Unit
from app.workflow.relabel_steps import Answer, Refusal
from core.data.review import Label
from core.data.visibility import Visibility

VIEW = View("val", 1, Queue(), "Ada")
FIVE, SIX = Item(5), Item(6)


def a_session() -> EditorSession:
    session = EditorSession()
    session.look_at(VIEW, FIVE)
    session.loaded({"items": [], "current": 5}, FIVE, in_queue=True)
    session.log_loaded({"done": [], "before": None})
    return session


def a_message(session: EditorSession, **more: Any) -> dict[str, Any]:
    return {
        "client": "me",
        "seq": 3,
        "have": session.window.number,
        "haveUndo": session.log.number,
        "older": None,
        "at": a_place(session, 5),
    } | more


def a_place(session: EditorSession, item: object, keypoint: object = None) -> dict[str, Any]:
    return {"dataset": "val", "item": item, "keypoint": keypoint, "reset": session.reset}


def test_items_and_undo_log_are_sent_until_the_browser_has_them() -> None:
    session = a_session()
    sent = session.for_browser()
    assert (sent["window"]["current"], sent["undo"]["done"]) == (5, [])
    session.told(a_message(session), [], "")
    assert session.for_browser()["window"] == {"n": session.window.number}
    assert session.for_browser()["undo"] is None
    session.told(a_message(session, have=None), [], "")
    assert session.for_browser()["window"]["current"] == 5


def test_a_fresh_editor_is_given_what_is_on_disk_not_what_was_loaded_once() -> None:
    session = a_session()
    session.told(a_message(session), [], "")
    assert (session.window.outdated, session.log.outdated) == (False, False)
    session.told(a_message(session, have=None, haveUndo=None), [], "")
    assert session.window.outdated
    assert session.log.outdated


def test_labels_on_their_way_are_never_older_than_what_is_acknowledged() -> None:
    session = a_session()
    saved = [Answer("val", 5, (1, 0, 0), ())]
    before = session.window.number
    session.loaded({"items": []}, FIVE, in_queue=True)
    session.told(a_message(session, have=before), [], "")
    assert not session.window.outdated
    session.told(a_message(session, have=before), saved, "")
    assert session.window.outdated
    session.loaded({"items": []}, FIVE, in_queue=True)
    session.told(a_message(session), saved, "")
    assert not session.window.outdated


def test_older_steps_are_loaded_once_for_each_wish() -> None:
    session = a_session()
    session.told(a_message(session, older="s9"), [], "")
    assert (session.older, session.log.outdated) == ("s9", True)
    session.log_loaded({"done": [], "before": "s9"})
    session.told(a_message(session, older="s9"), [], "")
    assert not session.log.outdated
    session.told(a_message(session, older="s3"), [], "")
    assert (session.older, session.log.outdated) == ("s3", True)
    session.told(a_message(session, haveUndo=None), [], "")
    assert (session.older, session.log.outdated) == (None, True)


def test_new_people_that_cannot_be_loaded_leave_the_old_ones_on_screen() -> None:
    session = a_session()
    session.told(a_message(session, at=a_place(session, 6)), [], "")
    assert session.for_browser()["window"] == {"n": session.window.number}
    session.nobody()
    assert (session.window.content, session.window.outdated) == (None, True)


def test_an_answer_is_sent_with_both_values_of_what_was_refused() -> None:
    session = a_session()
    refusal = Refusal("a", 2, Label(3, 4, Visibility.OCCLUDED), 7, "Bo")
    session.told(a_message(session), [Answer("val", 5, (0, 0, 7), (refusal,))], "the disk is full")
    stale = [{"step": "a", "keypoint": 2, "x": 3, "y": 4, "v": 1, "revision": 7, "by": "Bo"}]
    assert session.for_browser()["ack"] == {
        "client": "me",
        "seq": 3,
        "error": "the disk is full",
        "items": [
            {
                "dataset": "val",
                "label_set": "main",
                "item": 5,
                "revisions": [0, 0, 7],
                "stale": stale,
            }
        ],
    }


def test_the_browser_moves_to_another_item() -> None:
    session = a_session()
    at = a_place(session, 6) | {"handed_out": True}
    session.told(a_message(session, at=at), [], "")
    assert (session.at, session.handed_out, session.window.outdated) == (SIX, True, True)
    session.told(a_message(session, at=a_place(session, 6, 2)), [], "")
    assert (session.at, session.handed_out) == (Item(6, 2), False)


def test_what_work_has_begun_on_is_held_back_for_nobody() -> None:
    session = a_session()
    six = a_place(session, 6)
    session.told(a_message(session, at=six | {"handed_out": True}), [], "")
    session.told(a_message(session, at=six | {"handed_out": False}), [], "")
    assert (session.at, session.handed_out) == (SIX, False)


def test_the_anchor_is_the_last_item_that_was_in_the_queue() -> None:
    session = a_session()
    session.loaded({"items": []}, SIX, in_queue=False)
    assert (session.at, session.anchor) == (SIX, FIVE)
    session.look_at(View("val", 1, Queue(unit=Unit.KEYPOINTS), "Ada"), SIX)
    assert (session.at, session.anchor) == (SIX, None)


@pytest.mark.parametrize("view", [View("other", 2, Queue(), "Ada"), View("val", 2, Queue(), "Ada")])
def test_one_does_not_go_on_from_a_person_of_another_dataset(view: View) -> None:
    session = a_session()
    session.look_at(view, Item(8))
    assert (session.at, session.anchor) == (Item(8), None)


def test_who_decides_for_long_on_one_person_is_seen_there(monkeypatch: pytest.MonkeyPatch) -> None:
    session = a_session()
    saved = [Answer("val", 5, (1, 0, 0), ())]
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + SEEN_AGAIN_S - 1)
    session.told(a_message(session), saved, "")
    assert not session.window.outdated
    monkeypatch.setattr(time, "monotonic", lambda: now + SEEN_AGAIN_S + 1)
    session.told(a_message(session), [], "")
    assert not session.window.outdated
    session.told(a_message(session), saved, "")
    assert (session.window.outdated, session.at) == (True, FIVE)


def test_a_move_sent_before_the_sidebar_changed_is_not_followed() -> None:
    session = a_session()
    late = a_message(session, at=a_place(session, 6))
    session.look_at(View("val", 1, Queue(run="tiny-1"), "Ada"), FIVE)
    session.told(late, [], "")
    assert session.at == FIVE


def test_another_run_or_name_stays_on_the_item_another_dataset_or_version_does_not() -> None:
    session = a_session()
    session.look_at(View("val", 1, Queue(run="tiny-1"), "Ada"), FIVE)
    assert (session.at, session.window.outdated) == (FIVE, True)
    session.look_at(View("renamed", 1, Queue(), "Ada"), FIVE)
    assert (session.at, session.window.outdated) == (FIVE, True)
    session.look_at(View("renamed", 2, Queue(), "Ada"), FIVE)
    assert session.at is None


@pytest.mark.parametrize(
    ("view", "anew"),
    [
        (View("val", 1, Queue(run="tiny-1"), "Ada"), False),
        (View("val", 1, Queue(label_set="Ada"), "Ada"), True),
        (View("val", 1, Queue(), "Bo"), True),
        (View("other", 2, Queue(), "Ada"), True),
        (View("val", 2, Queue(), "Ada"), True),
        (View("renamed", 1, Queue(), "Ada"), True),
    ],
)
def test_another_annotator_label_set_or_dataset_has_another_undo_log(
    view: View, anew: bool
) -> None:
    session = a_session()
    session.look_at(view, FIVE)
    assert session.log.outdated is anew


def test_the_address_leads_to_another_item() -> None:
    session = a_session()
    content = session.window.content
    session.look_at(VIEW, None)
    session.look_at(VIEW, FIVE)
    assert (session.window.content, session.window.outdated) == (content, False)
    session.look_at(VIEW, Item(8))
    assert (session.at, session.window.outdated) == (Item(8), True)


def test_an_address_that_lags_behind_the_editor_leads_nowhere() -> None:
    session = a_session()
    session.told(a_message(session, at=a_place(session, 6)), [], "")
    session.look_at(VIEW, FIVE)
    assert (session.at, session.window.outdated) == (SIX, True)
    session.look_at(View("val", 1, Queue(reviewed=False), "Ada"), FIVE)
    assert session.at == SIX


def test_coming_back_from_another_page_loads_anew() -> None:
    session = a_session()
    session.come_back()
    assert (session.window.outdated, session.log.outdated, session.at) == (True, True, FIVE)


def test_a_forged_message_moves_nothing() -> None:
    session = a_session()
    places = [a_place(session, "x"), a_place(session, True), a_place(session, 6, "x")]
    for at in (None, 7, {"reset": session.reset}, a_place(session, 6, 1.5), *places):
        session.told(a_message(session, at=at), [], "")
        assert session.at == FIVE
