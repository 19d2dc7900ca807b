"""The job that runs a model on every person of a dataset, one step of about half a second at a time.

What a step wrote it writes again as it was, should the worker die before the step is kept.
"""

from dataclasses import asdict
from typing import Any

from dbos import DBOS

from app.worker.job_queue import job, say_progress, this_job
from app.worker.process import the_worker
from app.workflow import jobs, predict
from app.workflow.dataset_pass import START, Cursor, DatasetPass, PhotosSeen, StepDone
from app.workflow.prediction_report import in_words
from db import datasets

_passes: dict[str, DatasetPass] = {}  # by job, as long as this process is at it


@job(jobs.PREDICT)
def predict_job(asked: dict[str, Any]) -> dict[str, Any]:
    """Begin a run, fill it step by step, show it.

    Args:
        asked: dataset, model, and run_name or None.
    """
    run_id = begin(asked)
    cursor: Cursor | None = START
    seen = PhotosSeen()
    try:
        while cursor is not None:
            done = _step_done(step(asked, run_id, cursor))
            seen = seen.and_these(done)
            cursor = done.next
            say_progress(done.fraction)
    finally:
        _forget(this_job())
    return finish(asked, run_id, asdict(seen))


@DBOS.step(name="begin")
def begin(asked: dict[str, Any]) -> int:
    """Make the run; gives its id. A job has one, however often it begins."""
    ws, name = the_worker().ws, asked["dataset"]
    predict.check_asked(ws, name, model=asked["model"], run_name=asked["run_name"])
    predictor = the_worker().models.get(asked["model"]).predictor
    return predict.begin(ws, name, predictor, job_id=this_job())


@DBOS.step(name="step")
def step(asked: dict[str, Any], run_id: int, cursor: tuple[int, int]) -> dict[str, Any]:
    """Predict from `cursor` on for a while."""
    return asdict(_pass(asked, run_id).step(Cursor(*cursor)))


@DBOS.step(name="finish")
def finish(asked: dict[str, Any], run_id: int, seen: dict[str, Any]) -> dict[str, Any]:
    """Show the run to everybody; gives its name and the words."""
    ws, name = the_worker().ws, asked["dataset"]
    dataset = datasets.find(ws.engine, name)
    photos = PhotosSeen(seen["photos"], seen["missing"], tuple(seen["examples"]))
    unknown = predict.unknown_keypoints(ws, dataset, model=asked["model"])
    report = predict.finish(
        ws, dataset, run_id, photos, run_name=asked["run_name"], unknown=unknown
    )
    return {"message": in_words(name, report), "run": report.run.name}


def _pass(asked: dict[str, Any], run_id: int) -> DatasetPass:
    """This job's way through the dataset; another step of it goes on with what is read already."""
    way = _passes.get(this_job())
    if way is None:
        worker = the_worker()
        model = worker.models.get(asked["model"])
        dataset = datasets.find(worker.ws.engine, asked["dataset"])
        way = DatasetPass(
            worker.ws, dataset, run_id, model.predictor, pace=model.pace, turns=worker.turns
        )
        _passes[this_job()] = way
    return way


def _forget(job_id: str) -> None:
    way = _passes.pop(job_id, None)
    if way is not None:
        way.close()


def _step_done(kept: dict[str, Any]) -> StepDone:
    """The step as the store gives it back, where tuples have become lists."""
    at = None if kept["next"] is None else Cursor(*kept["next"])
    return StepDone(**kept | {"next": at, "examples": tuple(kept["examples"])})
