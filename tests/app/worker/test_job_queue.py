"""Jobs in steps, run by a real worker: failed, gone on with, tried too often."""

from collections.abc import Callable

import pytest

from app.workflow import jobs
from app.workflow.jobs import BROKEN, JobState
from app.workflow.workspace import Workspace
from tests.app.worker.worker_process import WorkerProcess, ended, until

KINDS = ("tests.app.worker.failing_jobs",)


@pytest.fixture
def failing_worker(make_worker: Callable[..., WorkerProcess]) -> WorkerProcess:
    """A worker that knows jobs made to fail instead of its own; not started yet."""
    return make_worker(kinds=KINDS)


def steps(ws: Workspace) -> list[int]:
    """The steps that were run, in their order."""
    return [int(line) for line in (ws.data_dir / "steps").read_text().split()]


def mend(ws: Workspace) -> None:
    (ws.data_dir / "mended").touch()


def test_a_job_that_failed_goes_on_from_its_last_good_step(
    ws: Workspace, failing_worker: WorkerProcess
) -> None:
    failing_worker.start()
    job = ended(ws, jobs.ask_verb(ws, ["fail", "words"]))
    assert (job.state, job.message, job.can_resume) == (
        JobState.FAILED,
        "The disk is full. Free some space.",
        True,
    )
    jobs.resume(ws, job.id)
    again = ended(ws, job.id)
    assert (again.state, again.message) == (job.state, job.message)
    mend(ws)
    jobs.resume(ws, job.id)
    job = ended(ws, job.id)
    assert (job.state, job.message) == (JobState.DONE, "Steps [1, 2, 3, 4].")
    assert steps(ws) == [1, 2, 3, 3, 3, 4]


def test_what_nobody_foresaw_is_kept_for_the_makers_and_told_in_words(
    ws: Workspace, failing_worker: WorkerProcess
) -> None:
    failing_worker.start()
    job = ended(ws, jobs.ask_verb(ws, ["fail", "unforeseen"]))
    log = ws.data_dir / "errors.log"
    assert (job.state, job.message) == (
        JobState.FAILED,
        f"Something unexpected went wrong in the program itself; please report it with {log}.",
    )
    assert "ZeroDivisionError" in log.read_text()
    assert failing_worker.lives()
    mend(ws)
    jobs.resume(ws, job.id)
    assert ended(ws, job.id).state is JobState.DONE


@pytest.mark.timeout(300)
def test_a_job_that_ends_every_worker_is_given_up_and_can_be_resumed(
    ws: Workspace, make_worker: Callable[..., WorkerProcess]
) -> None:
    worker = make_worker(kinds=KINDS, most_deaths=1)
    job_id = jobs.ask_verb(ws, ["fail", "death"])
    for _ in range(2):
        worker.start()
        until(lambda: not worker.lives())
    worker.start()
    job = ended(ws, job_id)
    assert (job.state, job.message, job.can_resume) == (JobState.FAILED, BROKEN, True)
    assert worker.lives()
    mend(ws)
    jobs.resume(ws, job_id)
    assert ended(ws, job_id).message == "Steps [1, 2, 3, 4]."
    assert steps(ws) == [1, 2, 3, 3, 3, 4]
