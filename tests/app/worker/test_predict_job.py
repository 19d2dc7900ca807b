"""Predicting as a job of a real worker: whole whatever kills it, stopped at once, gone on with."""

import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.workflow import jobs
from app.workflow.browse import image_of, people_on, runs_of
from app.workflow.claims import sweep
from app.workflow.datasets import find_dataset, move_photos, rename_dataset
from app.workflow.finders import FindPeople
from app.workflow.jobs import JobState
from app.workflow.photos import photo_file
from app.workflow.workspace import Workspace
from core.data.photos import read_photo
from core.errors import UserError
from core.inference.predictor import load_predictor
from tests.app.worker.crowd import MODEL, a_crowd, rows
from tests.app.worker.worker_process import WorkerProcess, ended, until
from tests.app.workflow.coco_files import imported, some_photos
from tests.core.inference.small_whole_picture import a_whole_picture_model

MOMENTS = 10
LOADING_S, STEPS_S = 2.0, 1.0  # how long a worker lives: from its start, from its first new rows
CANCEL_S = 2.0

MakeWorker = Callable[..., WorkerProcess]


def steps_of(ws: Workspace, job_id: str) -> list[Any]:
    """Every finished step: what it gave and when."""
    steps = ws.job_store.client.list_workflow_steps(job_id)
    return [(s["function_name"], s["output"], s["completed_at_epoch_ms"]) for s in steps]


def begun(ws: Workspace, job_id: str) -> str:
    until(lambda: jobs.find(ws, job_id).fraction > 0)
    return job_id


@pytest.mark.timeout(600)
def test_a_job_whose_worker_is_killed_ten_times_finishes_with_every_row_once(
    ws: Workspace, tmp_path: Path, make_worker: MakeWorker
) -> None:
    persons = a_crowd(ws, tmp_path)
    job_id = jobs.ask_predict(ws, "crowd", model=MODEL, run_name="killed")
    rng, worker = random.Random(5), make_worker()
    before: list[Any] = []
    for moment in range(MOMENTS):
        written = len(rows(ws))
        worker.start()
        if moment % 2:
            time.sleep(rng.uniform(0, LOADING_S))
        else:
            until(lambda written=written: len(rows(ws)) > written)
            time.sleep(rng.uniform(0, STEPS_S))
        worker.kill()
        steps = steps_of(ws, job_id)
        assert steps[: len(before)] == before  # what was finished is not done again
        before = steps
        sweep(ws)  # what any verb begins with: a job's half-made run stays
    worker.start()
    job = ended(ws, job_id)
    assert (job.state, job.message) == (
        JobState.DONE,
        f"Run killed of crowd: {persons} persons on 12 photos.",
    )
    found = rows(ws)
    assert (len(found), len({annotation for _, _, annotation in found})) == (persons, persons)
    (run,) = runs_of(ws, "crowd")
    assert (run.name, run.num_predictions) == ("killed", persons)
    worker.stop()
    for image_id in (1, 12):
        assert_as_predicted_alone(ws, image_id, run="killed")


@pytest.mark.timeout(300)
def test_a_job_that_finds_people_finishes_with_every_row_once_whatever_kills_it(
    ws: Workspace, tmp_path: Path, make_worker: MakeWorker
) -> None:
    a_crowd(ws, tmp_path, per_photo=2)
    a_whole_picture_model(ws.data_dir / "checkpoints" / "finder", people=20)
    job_id = jobs.ask_predict(ws, "crowd", model=MODEL, find=FindPeople("finder"))
    worker = make_worker()
    worker.start()
    until(lambda: len(rows(ws)) > 0)
    worker.kill()
    worker.start()
    job = ended(ws, job_id)
    found = rows(ws)
    assert job.state is JobState.DONE
    assert job.message.startswith(f"Run {MODEL}-1 of crowd: {len(found)} persons on 12 photos.")
    assert "Found by finder; " in job.message
    assert len({(image, index) for image, index, _ in found}) == len(found)
    (run,) = runs_of(ws, "crowd")
    assert (run.box_source, run.num_predictions) == ("detected", len(found))
    assert run.found_by is not None
    assert run.found_by.name == "finder"


def assert_as_predicted_alone(ws: Workspace, image_id: int, *, run: str) -> None:
    dataset, image = find_dataset(ws, "crowd"), image_of(ws, "crowd", image_id)
    path = photo_file(ws, dataset, image)
    assert path is not None
    found = [person.prediction for person in people_on(ws, "crowd", image_id, run=run)]
    boxes = np.array([each.box_xywh_px for each in found if each is not None])
    alone = load_predictor(MODEL, device="cpu").predict(read_photo(path), boxes)
    for one, other in zip(found, alone, strict=True):
        assert one is not None
        # Sums in batches of another size differ in their last digits.
        np.testing.assert_allclose(one.vis3, other.vis3, atol=1e-3)


@pytest.mark.usefixtures("a_worker")
def test_a_cancelled_job_stops_within_two_seconds_and_goes_on_where_it_was(
    ws: Workspace, tmp_path: Path
) -> None:
    persons = a_crowd(ws, tmp_path)
    job_id = begun(ws, jobs.ask_predict(ws, "crowd", model=MODEL))
    jobs.cancel(ws, job_id)
    time.sleep(CANCEL_S)
    written = len(rows(ws))
    assert 0 < written < persons
    assert jobs.find(ws, job_id).state is JobState.CANCELLED
    time.sleep(1.0)
    assert len(rows(ws)) == written
    assert runs_of(ws, "crowd") == []
    sweep(ws)
    before = steps_of(ws, job_id)
    jobs.resume(ws, job_id)
    job = ended(ws, job_id)
    assert (job.state, len(rows(ws))) == (JobState.DONE, persons)
    after = steps_of(ws, job_id)
    assert after[: len(before)] == before
    assert sum(step[1]["persons"] for step in after[1:-1]) == persons
    assert after[-1][1] == {"message": job.message, "run": f"{MODEL}-1"}


@pytest.mark.usefixtures("a_worker")
def test_a_cancelled_job_that_is_forgotten_leaves_nothing(ws: Workspace, tmp_path: Path) -> None:
    a_crowd(ws, tmp_path)
    job_id = begun(ws, jobs.ask_predict(ws, "crowd", model=MODEL))
    jobs.cancel(ws, job_id)
    time.sleep(CANCEL_S)
    jobs.forget(ws, job_id)
    assert rows(ws) == []


@pytest.mark.usefixtures("a_worker")
def test_a_job_goes_on_when_its_photo_folder_is_back(ws: Workspace, tmp_path: Path) -> None:
    photos = some_photos(tmp_path / "photos")
    imported(ws, tmp_path)
    move_photos(ws, "val", photos)
    shutil.move(photos, tmp_path / "away")
    job_id = jobs.ask_predict(ws, "val", model=MODEL)
    job = ended(ws, job_id)
    assert (job.state, job.can_resume) == (JobState.FAILED, True)
    assert "The photo folder of dataset val is not there." in job.message
    shutil.move(tmp_path / "away", photos)
    rename_dataset(ws, "val", "test")  # a job knows its dataset by more than its name
    jobs.resume(ws, job_id)
    until(lambda: jobs.find(ws, job_id).state is JobState.DONE)
    assert jobs.find(ws, job_id).message == f"Run {MODEL}-1 of test: 2 persons on 2 photos."


def test_what_cannot_be_predicted_is_refused_before_it_is_a_job(
    ws: Workspace, tmp_path: Path
) -> None:
    imported(ws, tmp_path)
    with pytest.raises(UserError, match=r"There is no dataset 'other'"):
        jobs.ask_predict(ws, "other", model=MODEL)
    with pytest.raises(UserError, match=r"There is no model called 'huge'. Known models: .*tiny"):
        jobs.ask_predict(ws, "val", model="huge")
    with pytest.raises(UserError, match=r"The run name is blank"):
        jobs.ask_predict(ws, "val", model=MODEL, run_name=" ")
    assert jobs.recent(ws) == []
