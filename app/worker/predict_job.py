"""The job that runs a model on every person of a dataset, in steps of about half a second.

What a step wrote it writes again as it was, should the worker die before the step is kept.
"""

from contextlib import closing
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
    with closing(_Way(asked["model"], Begun(**begun))) as way:
        while cursor is not None:
            done = _step_done(step(way, cursor))
            seen = seen.and_these(done)
            cursor = done.next
            say_progress(done.fraction)
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


class _Way:
    """The way of this attempt through the dataset, found when the first step needs it.

    A job that is cancelled and resumed at once may be at two attempts for a moment; they share
    nothing but the rows, which are the same.
    """

    def __init__(self, model: str, begun: Begun) -> None:
        self._model, self._begun = model, begun
        self._pass: DatasetPass | None = None

    def step(self, cursor: Cursor) -> StepDone:
        """As `DatasetPass.step`."""
        self._pass = self._pass or self._found()
        return self._pass.step(cursor)

    def close(self) -> None:
        """As `DatasetPass.close`."""
        if self._pass is not None:
            self._pass.close()

    def _found(self) -> DatasetPass:
        worker, begun = the_worker(), self._begun
        loaded = worker.models.get(self._model)
        if loaded.predictor.checkpoint_sha256 != begun.checkpoint_sha256:
            raise UserError(
                f"Model {self._model} is another one than when this run began.",
                remedy="Put the former weights back and resume this job, or ask for a new run.",
            )
        return DatasetPass(
            worker.ws,
            datasets.by_id(worker.ws.engine, begun.dataset_id),
            begun.run_id,
            loaded.predictor,
            pace=loaded.pace,
            turns=worker.turns,
        )


@DBOS.step(name="step")
def step(way: _Way, cursor: Cursor) -> dict[str, Any]:
    """Predict from `cursor` on for a while."""
    return asdict(way.step(cursor))


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


def _step_done(kept: dict[str, Any]) -> StepDone:
    """The step as the store gives it back, where tuples have become lists."""
    at = None if kept["next"] is None else Cursor(*kept["next"])
    return StepDone(**kept | {"next": at, "examples": tuple(kept["examples"])})
