"""A job's way through a dataset, by a worker that takes no jobs."""

from pathlib import Path

import pytest

from app.worker import process
from app.worker.predict_job import Begun, _Way
from app.worker.process import Worker
from app.workflow.dataset_pass import START
from app.workflow.datasets import delete_dataset, find_dataset, rename_dataset
from app.workflow.predict import begin
from app.workflow.workspace import Workspace
from core.errors import UserError
from tests.app.workflow.coco_files import imported, some_photos

MODEL = "metamodel_tiny"


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
    way = _Way(MODEL, begun)
    done = way.step(START)
    way.close()
    assert (done.persons, done.next) == (2, None)


def test_a_model_trained_anew_meanwhile_is_refused(ws: Workspace, begun: Begun) -> None:
    other = Begun(begun.run_id, begun.dataset_id, "cd" * 32)
    with pytest.raises(UserError) as refused:
        _Way(MODEL, other).step(START)
    assert str(refused.value) == (
        "Model metamodel_tiny is another one than when this run began. "
        "Put the former weights back and resume this job, or ask for a new run."
    )


def test_a_dataset_deleted_meanwhile_is_refused(ws: Workspace, begun: Begun) -> None:
    delete_dataset(ws, "val")
    with pytest.raises(UserError) as refused:
        _Way(MODEL, begun).step(START)
    assert str(refused.value) == "This dataset is not there any more."
