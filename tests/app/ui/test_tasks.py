from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from app.ui import job_words, tasks
from app.workflow.jobs import Job, JobState
from core.data.listing import WorkerInfo
from core.errors import UserError

NOW = datetime(2026, 1, 2, tzinfo=UTC)
A_WORKER = WorkerInfo("w1", "", "CPU", NOW, NOW)


def a_job(state, message="", job_id="t1", verb="import", worker="w1"):
    can_resume = state in {JobState.FAILED, JobState.CANCELLED}
    title = "Import **v**"
    return Job(job_id, verb, title, state, 0.4, message, NOW, NOW, None, can_resume, worker)


def a_page():
    import streamlit as st

    from app.ui.tasks import show_tasks

    show_tasks(None, {"import"}, on_done=lambda verb: st.session_state.update(done=verb))


@pytest.fixture
def wishes():
    """What a page asked to be done with which job."""
    return []


@pytest.fixture
def living():
    """The living workers; a test takes them out."""
    return [A_WORKER]


@pytest.fixture
def known(monkeypatch, wishes, living):
    """The jobs a page sees by id; a test puts them in."""
    by_id = {}
    monkeypatch.setattr(tasks.jobs, "recent", lambda ws: list(by_id.values()))
    monkeypatch.setattr(tasks.jobs, "living_workers", lambda ws: living)
    for wish in ("cancel", "resume"):
        monkeypatch.setattr(
            tasks.jobs, wish, lambda ws, job_id, wish=wish: wishes.append((wish, job_id))
        )
    return by_id


def test_a_running_job_shows_how_far_it_is_and_can_be_cancelled(known, wishes):
    known["t1"] = a_job(JobState.RUNNING)
    at = AppTest.from_function(a_page).run()
    bar = at.get("progress")[0].proto
    assert (bar.value, bar.text) == (40, r"Import \*\*v\*\* … 40%")
    assert not at.warning
    at.button(key="cancel_t1").click().run()
    assert wishes == [("cancel", "t1")]


def test_a_job_that_waits_for_its_turn_says_so(known):
    known["t1"] = a_job(JobState.WAITING, worker="")
    at = AppTest.from_function(a_page).run()
    assert at.get("progress")[0].proto.text == r"Import \*\*v\*\* … waiting"
    assert not at.warning


@pytest.mark.parametrize("state", [JobState.WAITING, JobState.RUNNING])
def test_without_a_worker_a_job_says_how_to_start_one(known, living, state):
    known["t1"] = a_job(state)
    living.clear()
    at = AppTest.from_function(a_page).run()
    assert at.warning[0].value == job_words.NO_WORKER
    assert at.warning[0].value.startswith("Waiting: no worker is running. Start one with `python")


def test_a_job_whose_own_worker_is_silent_says_that_another_goes_on(known):
    known["t1"] = a_job(JobState.RUNNING, worker="w2")
    assert AppTest.from_function(a_page).run().warning[0].value == job_words.SILENT


@pytest.mark.parametrize(
    ("state", "message", "kind", "shown"),
    [
        (JobState.DONE, "Imported val.\nMore.", "success", r"Imported val\."),
        (JobState.FAILED, "2 errors.\n  - one\n  - two", "error", r"2 errors\."),
        (JobState.CANCELLED, "", "info", r"Import \*\*v\*\*: cancelled."),
    ],
)
def test_a_job_that_ended_says_what_became_of_it_until_dismissed(
    known, state, message, kind, shown
):
    known["t1"] = a_job(JobState.RUNNING)
    at = AppTest.from_function(a_page).run()
    known["t1"] = a_job(state, message)
    at.run()
    assert at.get(kind)[0].value == shown
    at.button(key="dismiss_t1").click().run()
    assert not at.get(kind)


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
def test_a_cancelled_or_failed_job_can_be_resumed(known, wishes, state):
    known["t1"] = a_job(JobState.RUNNING)
    at = AppTest.from_function(a_page).run()
    known["t1"] = a_job(state, "Why.")
    at.run()
    at.button(key="resume_t1").click().run()
    assert wishes == [("resume", "t1")]


def test_a_job_that_is_done_has_nothing_to_resume(known):
    known["t1"] = a_job(JobState.RUNNING)
    at = AppTest.from_function(a_page).run()
    known["t1"] = a_job(JobState.DONE, "Imported.")
    assert [button.key for button in at.run().button] == ["dismiss_t1"]


def test_every_problem_of_a_failed_job_is_listed(known):
    known["t1"] = a_job(JobState.RUNNING)
    at = AppTest.from_function(a_page).run()
    known["t1"] = a_job(JobState.FAILED, "2 errors.\n  - one\n  - two")
    assert at.run().text[0].value == "one\ntwo"


def test_jobs_of_other_verbs_and_ended_before_this_visit_are_not_shown(known):
    known["t1"] = a_job(JobState.RUNNING, verb="predict")
    known["t2"] = a_job(JobState.DONE, "Imported val.", job_id="t2")
    at = AppTest.from_function(a_page).run()
    assert not at.get("progress")
    assert not at.success


def test_the_page_hears_once_that_a_job_ended_well(known, monkeypatch):
    known["t1"] = a_job(JobState.RUNNING)
    looks = []

    # It ends between the list and the first look at it.
    def ending(ws):
        looks.append(dict(known))
        known["t1"] = a_job(JobState.DONE, "Imported val.")
        return list(looks[-1].values())

    monkeypatch.setattr(tasks.jobs, "recent", ending)
    at = AppTest.from_function(a_page).run()
    assert at.session_state["done"] == "import"
    assert at.success[0].value == r"Imported val\."


def test_a_job_forgotten_elsewhere_is_not_shown_any_more(known, monkeypatch):
    known["t1"] = a_job(JobState.RUNNING)
    looks = iter([list(known.values())])
    monkeypatch.setattr(tasks.jobs, "recent", lambda ws: next(looks, []))
    at = AppTest.from_function(a_page).run()
    assert not at.get("progress")


def test_a_job_store_that_is_away_is_said_and_the_page_goes_on(known, monkeypatch):
    def away(ws):
        raise UserError("the database server cannot be reached.")

    monkeypatch.setattr(tasks.jobs, "recent", away)
    at = AppTest.from_function(a_page).run()
    assert at.error[0].value == r"the database server cannot be reached\."
