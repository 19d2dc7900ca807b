"""Who is silent for a minute loses its jobs, and nobody else does."""

import pytest

from app.worker.take_over import TakeOver
from app.workflow import jobs
from app.workflow.jobs import JobState
from app.workflow.workspace import Workspace
from db import workers
from tests.app.workflow.job_rows import set_status

MINUTE_S = 60.0
MINE: set[str] = set()  # the jobs `me` is at


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watcher(ws: Workspace, clock: Clock) -> TakeOver:
    return TakeOver(ws, "me", at_work=lambda: MINE, silent_s=MINUTE_S, clock=clock)


def a_job_of(ws: Workspace, worker: str) -> str:
    job_id = jobs.ask_verb(ws, ["sample"])
    set_status(ws, job_id, "PENDING", worker=worker)
    return job_id


def beat(ws: Workspace, name: str) -> None:
    workers.beat(ws.engine, name, url="", device="")


def test_jobs_of_a_worker_silent_for_a_minute_go_back_to_the_queue(
    ws: Workspace, clock: Clock, watcher: TakeOver
) -> None:
    beat(ws, "other")
    job_id = a_job_of(ws, "other")
    assert watcher.look() == []
    clock.now += MINUTE_S - 1
    assert watcher.look() == []
    assert jobs.find(ws, job_id).state is JobState.RUNNING
    clock.now += 1
    assert watcher.look() == ["other"]
    assert jobs.find(ws, job_id).state is JobState.WAITING
    assert watcher.look() == []


def test_a_worker_that_beats_keeps_its_jobs_whatever_its_clock_says(
    ws: Workspace, clock: Clock, watcher: TakeOver
) -> None:
    job_id = a_job_of(ws, "other")
    for _ in range(5):
        beat(ws, "other")
        clock.now += MINUTE_S - 1
        assert watcher.look() == []
    assert jobs.find(ws, job_id).state is JobState.RUNNING


def test_a_worker_nobody_has_heard_of_loses_its_jobs_after_a_minute(
    ws: Workspace, clock: Clock, watcher: TakeOver
) -> None:
    a_job_of(ws, "gone")
    assert watcher.look() == []
    clock.now += MINUTE_S
    assert watcher.look() == ["gone"]


def test_a_worker_keeps_the_jobs_it_is_at(ws: Workspace, clock: Clock, watcher: TakeOver) -> None:
    MINE.add(a_job_of(ws, "me"))
    beat(ws, "me")
    assert watcher.look() == []
    clock.now += 10 * MINUTE_S
    assert watcher.look() == []


def test_a_job_of_its_own_that_it_is_not_at_is_put_back_too(
    ws: Workspace, clock: Clock, watcher: TakeOver
) -> None:
    job_id = a_job_of(ws, "me")  # its end could not be kept: the disk was full
    beat(ws, "me")
    assert watcher.look() == []
    clock.now += MINUTE_S
    beat(ws, "me")
    assert watcher.look() == ["me"]
    assert jobs.find(ws, job_id).state is JobState.WAITING


def test_who_was_heard_of_again_is_given_a_whole_minute(
    ws: Workspace, clock: Clock, watcher: TakeOver
) -> None:
    beat(ws, "other")
    a_job_of(ws, "other")
    watcher.look()
    clock.now += MINUTE_S - 1
    beat(ws, "other")
    assert watcher.look() == []
    clock.now += MINUTE_S - 1
    assert watcher.look() == []
    clock.now += 1
    assert watcher.look() == ["other"]
