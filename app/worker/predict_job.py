"""The job that runs a model on every person of a dataset, in steps of about half a second.

What a step wrote it writes again as it was, should the worker die before the step is kept.
"""

from dataclasses import asdict, dataclass
from typing import Any

from dbos import DBOS

from app.worker.job_queue import job, say_progress, this_job
from app.worker.process import the_worker
from app.workflow import jobs, predict
from app.workflow.dataset_pass import START, Cursor, DatasetPass, PhotosSeen, StepDone
from app.workflow.prediction_report import in_words
from core.errors import UserError
from db import datasets

_passes: dict[str, DatasetPass] = {}  # by job, as long as this process is at it


@dataclass(frozen=True)
class Begun:
    """What stays the same over all steps, whatever is renamed or trained anew meanwhile."""

    run_id: int
    dataset_id: int
    checkpoint_sha256: str


@job(jobs.PREDICT)
def predict_job(asked: dict[str, Any]) -> dict[str, Any]:
    """Begin a run, fill it step by step, show it.

    Args:
        asked: dataset, model, and run_name or None.
    """
    begun = begin(asked)
    cursor: Cursor | None = START
    seen = PhotosSeen()
    try:
        while cursor is not None:
            done = _step_done(step(asked, begun, cursor))
            seen = seen.and_these(done)
            cursor = done.next
            say_progress(done.fraction)
    finally:
        _forget(this_job())
    return finish(asked, begun, asdict(seen))


@DBOS.step(name="begin")
def begin(asked: dict[str, Any]) -> dict[str, Any]:
    """Make the run. A job has one, however often it begins."""
    worker = the_worker()
    ws, model = worker.ws, asked["model"]
    predict.check_asked(ws, asked["dataset"], model=model, run_name=asked["run_name"])
    dataset = datasets.find(ws.engine, asked["dataset"])
    predictor = worker.models.get(model).predictor
    run_id = predict.begin(ws, dataset, predictor, job_id=this_job())
    return asdict(Begun(run_id, dataset.id, predictor.checkpoint_sha256))


@DBOS.step(name="step")
def step(asked: dict[str, Any], begun: dict[str, Any], cursor: tuple[int, int]) -> dict[str, Any]:
    """Predict from `cursor` on for a while."""
    return asdict(_pass(asked["model"], Begun(**begun)).step(Cursor(*cursor)))


@DBOS.step(name="finish")
def finish(asked: dict[str, Any], begun: dict[str, Any], seen: dict[str, Any]) -> dict[str, Any]:
    """Show the run to everybody; gives its name and the words."""
    ws = the_worker().ws
    dataset = datasets.by_id(ws.engine, begun["dataset_id"])
    report = predict.finish(
        ws,
        dataset,
        begun["run_id"],
        PhotosSeen(seen["photos"], seen["missing"], tuple(seen["examples"])),
        run_name=asked["run_name"],
        unknown=predict.unknown_keypoints(ws, dataset, model=asked["model"]),
    )
    return {"message": in_words(dataset.name, report), "run": report.run.name}


def _pass(model: str, begun: Begun) -> DatasetPass:
    """This job's way through the dataset; another step of it goes on with what is read already."""
    way = _passes.get(this_job())
    if way is not None:
        return way
    worker = the_worker()
    loaded = worker.models.get(model)
    if loaded.predictor.checkpoint_sha256 != begun.checkpoint_sha256:
        raise UserError(
            f"Model {model} is another one than when this run began.",
            remedy="Put the former weights back and resume this job, or ask for a new run.",
        )
    dataset = datasets.by_id(worker.ws.engine, begun.dataset_id)
    way = DatasetPass(
        worker.ws,
        dataset,
        begun.run_id,
        loaded.predictor,
        pace=loaded.pace,
        turns=worker.turns,
    )
    return _passes.setdefault(this_job(), way)


def _forget(job_id: str) -> None:
    way = _passes.pop(job_id, None)
    if way is not None:
        way.close()


def _step_done(kept: dict[str, Any]) -> StepDone:
    """The step as the store gives it back, where tuples have become lists."""
    at = None if kept["next"] is None else Cursor(*kept["next"])
    return StepDone(**kept | {"next": at, "examples": tuple(kept["examples"])})
