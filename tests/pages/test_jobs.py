from app.ui import job_list, worker_list
from app.ui.job_words import SILENT
from app.ui.workspace import the_workspace
from app.workflow import jobs
from app.workflow.jobs import JobState
from core.errors import UserError
from db import workers
from tests.app.workflow.job_rows import set_outcome, set_status

HOSTILE = "**x** <img src=x onerror=alert(1)> :smile:"


def a_living_worker(name="worker-a-1", device="CPU, 2 cores"):
    workers.beat(the_workspace().engine, name, url="", device=device)


def texts(at):
    return [each.value for each in [*at.markdown, *at.caption]]


def test_without_jobs_the_page_says_what_will_be_here(open_page):
    at = open_page("jobs")
    assert at.title[0].value == "Jobs"
    assert at.info[0].value == (
        "No job has been asked for yet. Imports, predictions and trainings appear here."
    )


def test_without_a_worker_the_page_says_how_to_start_one(open_page):
    at = open_page("jobs")
    assert at.warning[0].value == (
        "No worker is running. Start one with `python -m app worker`, or everything with "
        "`python -m app serve`."
    )


def test_living_workers_and_what_they_compute_on_are_named(open_page):
    a_living_worker()
    a_living_worker("worker-b-1", device="")
    at = open_page("jobs")
    assert texts(at)[:2] == [
        r":material/memory: worker\-a\-1 · CPU\, 2 cores",
        r":material/memory: worker\-b\-1 · not known yet\, it has just started",
    ]
    assert not at.warning


def test_a_job_shows_its_state_its_worker_how_long_it_took_and_what_it_said(open_page):
    ws = the_workspace()
    a_living_worker()
    job_id = jobs.ask_verb(ws, ["import"], title=HOSTILE)
    set_status(ws, job_id, "PENDING", worker="worker-a-1")
    jobs.say_begun(ws, job_id)
    set_status(ws, job_id, "ERROR", worker="worker-a-1")
    set_outcome(ws, job_id, error={"name": "UserError", "message": "2 errors.\n  - a\n  - b"})
    at = open_page("jobs")
    asked_at = f"{jobs.find(ws, job_id).asked_at:%Y-%m-%d %H:%M}"
    title, facts, message = (
        next(t for t in texts(at) if part in t)
        for part in (":material/error:", "failed", "2 errors")
    )
    assert r"\<img src\=x" in title
    assert facts == (
        rf"failed after 0:00 · asked for {asked_at} · worker\-a\-1 · CPU\, 2 cores · {job_id[:8]}"
    )
    assert message == r"2 errors\."
    assert at.text[0].value == "a\nb"
    assert [b.key for b in at.button if job_id in b.key] == [f"resume_{job_id}", f"forget_{job_id}"]


def test_a_running_job_shows_its_bar_and_is_cancelled_resumed_and_forgotten(open_page):
    ws = the_workspace()
    a_living_worker()
    job_id = jobs.ask_verb(ws, ["sample"], title="Drawing")
    set_status(ws, job_id, "PENDING", worker="worker-a-1")
    jobs.say_fraction(ws, job_id, 0.4)
    at = open_page("jobs")
    bar = at.get("progress")[0].proto
    assert (bar.value, bar.text) == (40, "40%")
    at.button(key=f"cancel_{job_id}").click().run()
    assert jobs.find(ws, job_id).state is JobState.CANCELLED
    assert not at.get("progress")
    at.button(key=f"resume_{job_id}").click().run()
    assert jobs.find(ws, job_id).state is JobState.WAITING
    at.button(key=f"cancel_{job_id}").click().run()
    at.button(key=f"forget_{job_id}").click().run()
    assert jobs.recent(ws) == []
    assert at.info[0].value.startswith("No job has been asked for yet.")


def test_that_no_worker_runs_is_said_once_and_that_one_is_silent_with_its_job(open_page):
    ws = the_workspace()
    waiting = jobs.ask_verb(ws, ["sample"])
    assert [each.value.split(".")[0] for each in open_page("jobs").warning] == [
        "No worker is running"
    ]
    a_living_worker()
    assert not open_page("jobs").warning
    set_status(ws, waiting, "PENDING", worker="worker-gone-1")
    assert [each.value for each in open_page("jobs").warning] == [SILENT]


def test_the_newest_job_is_the_first(open_page):
    ws = the_workspace()
    asked = [jobs.ask_verb(ws, ["sample"], title=f"Number {n}") for n in range(3)]
    at = open_page("jobs")
    shown = [button.key.removeprefix("cancel_") for button in at.button if "cancel_" in button.key]
    assert shown == asked[::-1]


def test_a_job_forgotten_by_another_is_said_to_be_gone(open_page):
    ws = the_workspace()
    job_id = jobs.ask_verb(ws, ["sample"])
    jobs.cancel(ws, job_id)
    at = open_page("jobs")
    jobs.forget(ws, job_id)
    at.button(key=f"resume_{job_id}").click().run()
    assert not at.exception


def test_a_store_that_is_away_is_said_in_words(open_page, monkeypatch):
    def away(ws):
        raise UserError("the database server cannot be reached.", remedy="Check DATABASE_URL.")

    for module, name in ((job_list.jobs, "recent"), (worker_list, "living_workers")):
        monkeypatch.setattr(module, name, away)
    at = open_page("jobs")
    assert at.error[0].value == (r"the database server cannot be reached\. Check DATABASE\_URL\.")
