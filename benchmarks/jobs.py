"""Predicting a dataset as a job: ten kill -9 of its worker, and how soon a cancelled one stops.

    python benchmarks/jobs.py

Budgets: every person predicted once, whatever was killed; the last row of a cancelled job is
written within 2 s. The dataset is val2017 of ../shared/data, or drawn people without it.
"""

import random
import signal
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sqlalchemy import distinct, func, select

from app.workflow import jobs
from app.workflow.import_dataset import import_dataset
from app.workflow.jobs import Job
from app.workflow.workspace import Workspace
from benchmarks.interactive import MODEL, Worker, a_workspace, photos_and_labels
from db import people
from db.session import read
from db.tables import PredictionRow

KILLS = 10
LOADING_S, STEPS_S = 2.0, 1.5  # how long a worker lives: from its start, from its first new rows
CANCELS = 5
BUDGET_S = 2.0
QUIET_S = 3.0  # without a new row: it has stopped


def main() -> int:
    """Measure, print, compare with the budgets."""
    with a_workspace() as (ws, folder):
        images_dir, labels = photos_and_labels(folder)
        dataset = import_dataset(ws, "val", labels, images_dir=images_dir)
        expected = sum(len(batch) for batch in people.boxes(ws.engine, dataset.id))
        worker = Worker(ws)
        try:
            job_id = jobs.ask_predict(ws, "val", model=MODEL)
            in_steps = killed(ws, worker)
            worker.start()
            job = ended(ws, job_id)
            found, persons = rows(ws), rows(ws, distinct_persons=True)
            print(f"{KILLS} kill -9, {in_steps} of them after it had written new rows: {job.state}")
            print(f"rows: {expected} expected, {persons} found, {found - persons} doubled")
            stops_s = [seconds_to_stop(ws) for _ in range(CANCELS)]
            print(f"cancel: last row after at most {max(stops_s):.2f} s (budget {BUDGET_S:.0f} s)")
            resumed = ended(ws, jobs.recent(ws, limit=1)[0].id, resume=True)
            print(f"resumed: {resumed.state}, {resumed.message}")
        finally:
            worker.end()
    whole = (found, persons, job.state) == (expected, expected, jobs.JobState.DONE)
    return 0 if whole and max(stops_s) <= BUDGET_S else 1


def killed(ws: Workspace, worker: Worker) -> int:
    """Let the worker die again and again; how often it had written something new before."""
    rng, in_steps = random.Random(11), 0
    for kill in range(KILLS):
        before = rows(ws)
        worker.start()
        while kill % 2 and rows(ws) == before:
            time.sleep(0.02)
        time.sleep(rng.uniform(0, STEPS_S if kill % 2 else LOADING_S))
        worker.end(signal.SIGKILL)
        in_steps += rows(ws) > before
    return in_steps


def seconds_to_stop(ws: Workspace) -> float:
    """From the wish to stop a job to its last row."""
    before = rows(ws)
    job_id = jobs.ask_predict(ws, "val", model=MODEL)
    while rows(ws) == before:
        time.sleep(0.02)
    began = last = time.monotonic()
    jobs.cancel(ws, job_id)
    count = rows(ws)
    while time.monotonic() - last < QUIET_S:
        if rows(ws) != count:
            count, last = rows(ws), time.monotonic()
        time.sleep(0.02)
    return last - began


def ended(ws: Workspace, job_id: str, *, resume: bool = False) -> Job:
    """The job, once it has ended."""
    if resume:
        jobs.resume(ws, job_id)
    while (job := jobs.find(ws, job_id)).ended_at is None:
        time.sleep(0.05)
    return job


def rows(ws: Workspace, *, distinct_persons: bool = False) -> int:
    """Predictions of all runs; with `distinct_persons` how many annotations they are of."""
    what = func.count()
    if distinct_persons:
        what = func.count(distinct(PredictionRow.annotation_id))
    with read(ws.engine) as session:
        return session.scalar(select(what).select_from(PredictionRow)) or 0


if __name__ == "__main__":
    sys.exit(main())
