"""Verbs as jobs of a real worker: done, refused, cancelled, gone on with, killed."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.worker.verb_job import STOPPED
from app.workflow import jobs
from app.workflow.claims import sweep
from app.workflow.datasets import list_datasets
from app.workflow.jobs import JobState
from app.workflow.locks import is_locked
from app.workflow.workspace import Workspace
from core.errors import UserError
from tests.app.worker.worker_process import WorkerProcess, ended, until
from tests.app.workflow.coco_files import a_coco, a_file

LARGE = 40_000  # images: an import of some seconds
MOMENTS = 5

MakeWorker = Callable[..., WorkerProcess]


def a_large_import(ws: Workspace, folder: Path) -> str:
    file = a_file(folder, a_coco(images=LARGE))
    return jobs.ask_verb(ws, ["import", "val", str(file)], title="Importing val")


def begun(ws: Workspace, job_id: str) -> str:
    until(lambda: jobs.find(ws, job_id).fraction > 0)
    return job_id


def child_lives(ws: Workspace, job_id: str) -> bool:
    return is_locked(ws.locks_dir / f"job-{job_id}.lock")


def pid_of_child(job_id: str) -> int:
    found = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,args="], capture_output=True, text=True, check=True
    )
    return next(
        int(line.split()[0])
        for line in found.stdout.splitlines()
        if "--progress-file" in line and job_id in line
    )


@pytest.mark.usefixtures("a_worker")
def test_a_verb_runs_to_its_end_and_its_last_words_are_kept(ws: Workspace, tmp_path: Path) -> None:
    verb = ["import", "val", str(a_file(tmp_path))]
    job = ended(ws, jobs.ask_verb(ws, verb, title="Importing val"))
    assert (job.state, job.fraction, job.can_resume) == (JobState.DONE, 1.0, False)
    assert (job.verb, job.title) == ("import", "Importing val")
    assert job.message.startswith("Imported val: 2 images, 2 annotations.")
    assert [d.name for d in list_datasets(ws)] == ["val"]
    (worker,) = jobs.living_workers(ws)
    assert job.worker == worker.name


@pytest.mark.usefixtures("a_worker")
def test_a_refusal_is_kept_in_its_words_and_the_job_can_be_tried_again(
    ws: Workspace, tmp_path: Path
) -> None:
    missing = tmp_path / "none.json"
    job = ended(ws, jobs.ask_verb(ws, ["import", "val", str(missing)]))
    assert (job.state, job.can_resume) == (JobState.FAILED, True)
    assert job.message == f"{missing}: There is no such file. Check the path."
    assert job.title == "import val"
    a_file(tmp_path, name="none.json")
    jobs.resume(ws, job.id)
    assert ended(ws, job.id).state is JobState.DONE


@pytest.mark.usefixtures("a_worker")
def test_wrong_usage_is_told_in_the_words_of_the_command_line(ws: Workspace) -> None:
    job = ended(ws, jobs.ask_verb(ws, ["import"]))
    assert job.state is JobState.FAILED
    assert "Missing argument 'NAME'" in job.message


@pytest.mark.usefixtures("a_worker")
def test_a_cancelled_verb_stops_within_moments_and_runs_again_when_resumed(
    ws: Workspace, tmp_path: Path
) -> None:
    job_id = begun(ws, a_large_import(ws, tmp_path))
    jobs.cancel(ws, job_id)
    assert jobs.find(ws, job_id).state is JobState.CANCELLED
    until(lambda: not child_lives(ws, job_id), patience_s=5.0)  # it clears up, too
    assert list_datasets(ws) == []
    assert list(ws.sources_dir.iterdir()) == []
    jobs.resume(ws, job_id)
    assert ended(ws, job_id).state is JobState.DONE
    assert [d.num_annotations for d in list_datasets(ws)] == [LARGE]


@pytest.mark.usefixtures("a_worker")
def test_a_verb_resumed_at_once_waits_until_its_last_process_is_gone(
    ws: Workspace, tmp_path: Path
) -> None:
    job_id = begun(ws, a_large_import(ws, tmp_path))
    jobs.cancel(ws, job_id)
    jobs.resume(ws, job_id)
    assert ended(ws, job_id).state is JobState.DONE
    assert [d.num_annotations for d in list_datasets(ws)] == [LARGE]


@pytest.mark.usefixtures("a_worker")
def test_a_verb_whose_process_is_killed_has_failed(ws: Workspace, tmp_path: Path) -> None:
    job_id = begun(ws, a_large_import(ws, tmp_path))
    os.kill(pid_of_child(job_id), signal.SIGKILL)
    job = ended(ws, job_id)
    assert (job.state, job.message) == (JobState.FAILED, STOPPED)


def test_a_verb_ends_with_its_killed_worker_and_runs_again_with_the_next(
    ws: Workspace, tmp_path: Path, a_worker: WorkerProcess
) -> None:
    job_id = begun(ws, a_large_import(ws, tmp_path))
    before = jobs.find(ws, job_id)
    a_worker.kill()
    until(lambda: not child_lives(ws, job_id), patience_s=5.0)
    assert list_datasets(ws) == []
    a_worker.start()
    after = ended(ws, job_id)
    assert (after.state, after.worker) == (JobState.DONE, before.worker)
    assert [d.num_annotations for d in list_datasets(ws)] == [LARGE]


def test_a_stopped_worker_ends_in_time_and_gives_its_job_back(
    ws: Workspace, tmp_path: Path, a_worker: WorkerProcess
) -> None:
    job_id = begun(ws, a_large_import(ws, tmp_path))
    began = time.monotonic()
    assert a_worker.stop() == 0
    assert time.monotonic() - began < 10.0
    assert jobs.find(ws, job_id).state is JobState.WAITING
    assert not child_lives(ws, job_id)
    assert jobs.living_workers(ws) == []
    a_worker.start()
    assert ended(ws, job_id).state is JobState.DONE


@pytest.mark.timeout(300)
def test_a_worker_killed_at_random_moments_finishes_its_verb_once(
    ws: Workspace, tmp_path: Path, a_worker: WorkerProcess
) -> None:
    job_id = a_large_import(ws, tmp_path)
    rng = random.Random(7)
    killed = 0
    for _ in range(MOMENTS):
        time.sleep(0.3 + 1.7 * rng.random())
        if jobs.find(ws, job_id).ended_at is not None:
            break
        a_worker.kill()
        killed += 1
        a_worker.start()
    assert killed >= 3
    assert ended(ws, job_id).state is JobState.DONE
    sweep(ws)
    assert [d.num_annotations for d in list_datasets(ws)] == [LARGE]
    assert len(list(ws.sources_dir.iterdir())) == 1


def test_another_worker_takes_over_from_one_that_is_silent(
    ws: Workspace, tmp_path: Path, make_worker: MakeWorker
) -> None:
    first, second = make_worker(silent_s=2.0), make_worker(silent_s=2.0)
    first.start()
    second.start()
    assert len(jobs.living_workers(ws)) == 2
    job_id = begun(ws, a_large_import(ws, tmp_path))
    had = jobs.find(ws, job_id).worker
    killed, other = (first, second) if had.endswith("-1") else (second, first)
    killed.kill()
    job = ended(ws, job_id)
    assert job.state is JobState.DONE
    assert job.worker != had
    assert f"Took over the jobs of {had}." in other.said()


def test_a_job_that_is_forgotten_is_gone_with_what_it_said(
    ws: Workspace, a_worker: WorkerProcess
) -> None:
    job = ended(ws, jobs.ask_verb(ws, ["datasets"]))
    assert (ws.jobs_dir / job.id).is_dir()
    jobs.forget(ws, job.id)
    assert not (ws.jobs_dir / job.id).exists()
    assert jobs.recent(ws) == []
    with pytest.raises(UserError, match="There is no such job"):
        jobs.find(ws, job.id)
    assert a_worker.lives()
