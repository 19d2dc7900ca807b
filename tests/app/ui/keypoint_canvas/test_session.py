from typing import Any

from app.ui.keypoint_canvas.session import EditorSession, View
from app.workflow.relabel_steps import Answer, Refusal
from core.data.review import Label
from core.data.visibility import Visibility

VIEW = View("val", None, None)


def a_session(item: int = 5) -> EditorSession:
    session = EditorSession()
    session.look_at(VIEW, item)
    session.loaded({"items": [], "current": item}, item)
    return session


def a_message(session: EditorSession, **more: Any) -> dict[str, Any]:
    at = {"dataset": "val", "item": session.item, "reset": session.reset}
    return {"client": "me", "seq": 3, "have": session.number, "at": at} | more


def test_items_are_sent_until_the_browser_has_them() -> None:
    session = a_session()
    assert session.for_browser()["window"]["current"] == 5
    session.told(a_message(session), [], "")
    assert session.for_browser()["window"] == {"n": session.number}
    session.told(a_message(session, have=None), [], "")
    assert session.for_browser()["window"]["current"] == 5


def test_a_fresh_editor_is_given_what_is_on_disk_not_what_was_loaded_once() -> None:
    session = a_session()
    session.told(a_message(session), [], "")
    assert not session.outdated
    session.told(a_message(session, have=None), [], "")
    assert session.outdated


def test_new_people_that_cannot_be_loaded_leave_the_old_ones_on_screen() -> None:
    session = a_session()
    at = {"dataset": "val", "item": 6, "reset": session.reset}
    session.told(a_message(session, at=at), [], "")
    assert session.for_browser()["window"] == {"n": session.number}
    session.nobody()
    assert (session.window, session.outdated) == (None, True)


def test_an_answer_is_sent_with_both_values_of_what_was_refused() -> None:
    session = a_session()
    refusal = Refusal("a", 2, Label(3, 4, Visibility.OCCLUDED), 7, "Bo")
    session.told(a_message(session), [Answer("val", 5, (0, 0, 7), (refusal,))], "the disk is full")
    stale = [{"step": "a", "keypoint": 2, "x": 3, "y": 4, "v": 1, "revision": 7, "by": "Bo"}]
    assert session.for_browser()["ack"] == {
        "client": "me",
        "seq": 3,
        "error": "the disk is full",
        "items": [{"dataset": "val", "item": 5, "revisions": [0, 0, 7], "stale": stale}],
    }


def test_the_browser_moves_to_another_item() -> None:
    session = a_session()
    at = {"dataset": "val", "item": 6, "reset": session.reset}
    session.told(a_message(session, at=at), [], "")
    assert (session.item, session.outdated) == (6, True)


def test_a_move_sent_before_the_sidebar_changed_is_not_followed() -> None:
    session = a_session()
    late = a_message(session, at={"dataset": "val", "item": 6, "reset": session.reset})
    session.look_at(View("val", "tiny-1", None), 5)
    session.told(late, [], "")
    assert session.item == 5


def test_another_run_stays_on_the_item_another_dataset_does_not() -> None:
    session = a_session()
    session.look_at(View("val", "tiny-1", None), 5)
    assert (session.item, session.outdated) == (5, True)
    session.look_at(View("other", None, None), 5)
    assert session.item is None


def test_the_address_leads_to_another_item() -> None:
    session = a_session()
    window = session.window
    session.look_at(VIEW, None)
    session.look_at(VIEW, 5)
    assert (session.window, session.outdated) == (window, False)
    session.look_at(VIEW, 8)
    assert (session.item, session.outdated) == (8, True)


def test_a_forged_message_moves_nothing() -> None:
    session = a_session()
    for at in (None, 7, {"reset": session.reset, "item": "x"}, {"reset": session.reset}):
        session.told(a_message(session, at=at), [], "")
        assert session.item == 5
