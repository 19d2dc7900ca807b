from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from app.ui import tasks
from app.workflow.background import TaskState, TaskStatus


def a_task(state, message="", task_id="t1", verb="import val /x.json"):
    title = "Import **v**"
    return TaskStatus(task_id, verb, title, state, 0.4, message, datetime.now(UTC))


def a_page():
    import streamlit as st

    from app.ui.tasks import show_tasks

    show_tasks(None, {"import"}, on_done=lambda verb: st.session_state.update(done=verb))


@pytest.fixture
def cancelled():
    """The ids a page asked to cancel."""
    return []


@pytest.fixture
def known(monkeypatch, cancelled):
    """The tasks a page sees by id; a test puts them in."""
    tasks_by_id = {}
    monkeypatch.setattr(tasks.background, "recent", lambda ws: list(tasks_by_id.values()))
    monkeypatch.setattr(tasks.background, "status", lambda ws, task_id: tasks_by_id[task_id])
    monkeypatch.setattr(tasks.background, "cancel", lambda ws, task_id: cancelled.append(task_id))
    return tasks_by_id


def test_a_running_task_shows_how_far_it_is_and_can_be_cancelled(known, cancelled):
    known["t1"] = a_task(TaskState.RUNNING)
    at = AppTest.from_function(a_page).run()
    bar = at.get("progress")[0].proto
    assert (bar.value, bar.text) == (40, r"Import \*\*v\*\* … 40%")
    at.button(key="cancel_t1").click().run()
    assert cancelled == ["t1"]


@pytest.mark.parametrize(
    ("state", "message", "kind", "shown"),
    [
        (TaskState.DONE, "Imported val.\nMore.", "success", r"Imported val\."),
        (TaskState.FAILED, "2 errors.\n  - one\n  - two", "error", r"2 errors\."),
        (
            TaskState.CANCELLED,
            "",
            "info",
            r"Import \*\*v\*\*: cancelled, nothing was changed.",
        ),
    ],
)
def test_a_task_that_ended_says_what_became_of_it_until_dismissed(
    known, state, message, kind, shown
):
    known["t1"] = a_task(TaskState.RUNNING)
    at = AppTest.from_function(a_page).run()
    known["t1"] = a_task(state, message)
    at.run()
    assert at.get(kind)[0].value == shown
    at.button(key="dismiss_t1").click().run()
    assert not at.get(kind)


def test_every_problem_of_a_failed_task_is_listed(known):
    known["t1"] = a_task(TaskState.RUNNING)
    at = AppTest.from_function(a_page).run()
    known["t1"] = a_task(TaskState.FAILED, "2 errors.\n  - one\n  - two")
    assert at.run().text[0].value == "one\ntwo"


def test_tasks_of_other_verbs_and_ended_before_this_visit_are_not_shown(known):
    known["t1"] = a_task(TaskState.RUNNING, verb="predict val")
    known["t2"] = a_task(TaskState.DONE, "Imported val.", task_id="t2")
    at = AppTest.from_function(a_page).run()
    assert not at.get("progress")
    assert not at.success


def test_the_page_hears_once_that_a_task_ended_well(known, monkeypatch):
    known["t1"] = a_task(TaskState.RUNNING)
    ended = a_task(TaskState.DONE, "Imported val.")

    # It ends between the list and the first look at it.
    def ending(ws, task_id):
        known["t1"] = ended
        return ended

    monkeypatch.setattr(tasks.background, "status", ending)
    at = AppTest.from_function(a_page).run()
    assert at.session_state["done"] == "import"
    assert at.success[0].value == r"Imported val\."
