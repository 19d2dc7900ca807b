"""The job that runs a model on every person of a dataset, in steps of about half a second.

What a step wrote it writes again as it was, should the worker die before the step is kept.
"""

from contextlib import closing
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from dbos import DBOS

from app.worker.job_queue import job, say_progress, this_job
from app.worker.process import the_worker
from app.workflow import jobs, predict
from app.workflow.dataset_pass import START, Cursor, DatasetPass, PhotosSeen, StepDone, Way
from app.workflow.detected_pass import DetectedPass
from app.workflow.finders import FindPeople
from app.workflow.prediction_report import in_words
from core.errors import UserError
from db import datasets

if TYPE_CHECKING:
    from core.inference.pose_predictor import PosePredictor


@dataclass(frozen=True)
class Begun:
    """What stays the same over all steps, whatever is renamed or trained anew meanwhile.

    Attributes:
        finder_sha256: of what finds the people; empty where annotated boxes are looked at.
    """

    run_id: int
    dataset_id: int
    checkpoint_sha256: str
    finder_sha256: str = ""


@job(jobs.PREDICT)
def predict_job(asked: dict[str, Any]) -> dict[str, Any]:
    """Begin a run, fill it step by step, show it.

    Args:
        asked: dataset, model, run_name or None, and how to find people or None.
    """
    begun = begin(asked)
    cursor: Cursor | None = START
    seen = PhotosSeen()
    with closing(_Way(asked, Begun(**begun))) as way:
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
    ws, model, find = worker.ws, asked["model"], _find(asked)
    predict.check_asked(ws, asked["dataset"], model=model, run_name=asked["run_name"], find=find)
    dataset = datasets.find(ws.engine, asked["dataset"])
    lookout = worker.models.lookout(model, find) if find else None
    predictor = lookout.predictor if lookout else worker.models.get(model).predictor
    run_id = predict.begin(ws, dataset, predictor, lookout, job_id=this_job())
    finder_sha256 = lookout.found_by.sha256 if lookout else ""
    return asdict(Begun(run_id, dataset.id, predictor.checkpoint_sha256, finder_sha256))


def _find(asked: dict[str, Any]) -> FindPeople | None:
    """How people are found; a job asked for by an earlier version says nothing of it."""
    said = asked.get("find")
    return FindPeople(**said) if said else None


class _Way:
    """The way of this attempt through the dataset, found when the first step needs it.

    A job that is cancelled and resumed at once may be at two attempts for a moment; they share
    nothing but the rows, which are the same.
    """

    def __init__(self, asked: dict[str, Any], begun: Begun) -> None:
        self._asked, self._begun = asked, begun
        self._pass: Way | None = None

    def step(self, cursor: Cursor) -> StepDone:
        """As `DatasetPass.step`."""
        self._pass = self._pass or self._found()
        return self._pass.step(cursor)

    def close(self) -> None:
        """As `DatasetPass.close`."""
        if self._pass is not None:
            self._pass.close()

    def _found(self) -> Way:
        worker, begun, model = the_worker(), self._begun, self._asked["model"]
        dataset = datasets.by_id(worker.ws.engine, begun.dataset_id)
        find = _find(self._asked)
        if find is None:
            loaded = worker.models.get(model)
            _require_same(model, begun, loaded.predictor)
            return DatasetPass(
                worker.ws,
                dataset,
                begun.run_id,
                loaded.predictor,
                pace=loaded.pace,
                turns=worker.turns,
            )
        lookout = worker.models.lookout(model, find)
        _require_same(model, begun, lookout.predictor)
        if lookout.found_by.sha256 != begun.finder_sha256:
            raise _changed(f"What finds people, {lookout.found_by.name},")
        return DetectedPass(worker.ws, dataset, begun.run_id, lookout, turns=worker.turns)


def _require_same(model: str, begun: Begun, predictor: "PosePredictor") -> None:
    if predictor.checkpoint_sha256 != begun.checkpoint_sha256:
        raise _changed(f"Model {model}")


def _changed(what: str) -> UserError:
    return UserError(
        f"{what} is another one than when this run began.",
        remedy="Put the former weights back and resume this job, or ask for a new run.",
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
