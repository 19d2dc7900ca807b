"""A job's way through a dataset, by a worker that takes no jobs."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.worker import process
from app.worker.predict_job import Begun, _Way
from app.worker.process import Worker, the_worker
from app.workflow.dataset_pass import START
from app.workflow.datasets import delete_dataset, find_dataset, rename_dataset
from app.workflow.finders import FindPeople
from app.workflow.predict import begin
from app.workflow.workspace import Workspace
from core.errors import UserError
from tests.app.workflow.coco_files import imported, some_photos
from tests.core.inference.small_detectors import a_detector

MODEL = "metamodel_tiny"
ASKED = {"model": MODEL, "run_name": None}  # as earlier versions asked: nobody is looked for
FOUND = ASKED | {"find": {"detector": "tiny", "min_score": 0.3}}


@pytest.fixture
def begun(ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Begun:
    worker = Worker(ws, "worker-here-1")
    monkeypatch.setattr(process, "_worker", worker)
    some_photos(tmp_path)
    imported(ws, tmp_path)
    dataset, predictor = find_dataset(ws, "val"), worker.models.get(MODEL).predictor
    run_id = begin(ws, dataset, predictor, job_id="job")
    return Begun(run_id, dataset.id, predictor.checkpoint_sha256)


def test_a_dataset_may_be_renamed_meanwhile(ws: Workspace, begun: Begun) -> None:
    rename_dataset(ws, "val", "test")
    way = _Way(ASKED, begun)
    done = way.step(START)
    way.close()
    assert (done.persons, done.next) == (2, None)


def test_a_model_trained_anew_meanwhile_is_refused(ws: Workspace, begun: Begun) -> None:
    other = Begun(begun.run_id, begun.dataset_id, "cd" * 32)
    with pytest.raises(UserError) as refused:
        _Way(ASKED, other).step(START)
    assert str(refused.value) == (
        "Model metamodel_tiny is another one than when this run began. "
        "Put the former weights back and resume this job, or ask for a new run."
    )


def test_a_dataset_deleted_meanwhile_is_refused(ws: Workspace, begun: Begun) -> None:
    delete_dataset(ws, "val")
    with pytest.raises(UserError) as refused:
        _Way(ASKED, begun).step(START)
    assert str(refused.value) == "This dataset is not there any more."


def test_people_are_found_by_the_detector_the_run_began_with(ws: Workspace, begun: Begun) -> None:
    folder = a_detector(ws.data_dir / "detectors" / "tiny")
    lookout = the_worker().models.lookout(MODEL, FindPeople("tiny"))
    dataset = find_dataset(ws, "val")
    run_id = begin(ws, dataset, lookout.predictor, lookout, job_id="other")
    found = replace(begun, run_id=run_id, finder_sha256=lookout.found_by.sha256)
    way = _Way(FOUND, found)
    done = way.step(START)
    way.close()
    assert 1 <= done.photos <= 2  # in half a second
    assert done.photos <= done.persons <= 2 * done.photos

    a_detector(folder, sure=1.0)
    with pytest.raises(UserError) as refused:
        _Way(FOUND, found).step(START)
    assert str(refused.value) == (
        "What finds people, tiny, is another one than when this run began. "
        "Put the former weights back and resume this job, or ask for a new run."
    )
