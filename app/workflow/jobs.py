"""Jobs: work that a worker does, asked for by pages and verbs, in an order that survives all."""

import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.workflow.job_store import APPLICATION
from app.workflow.workspace import Workspace
from core.data.listing import WorkerInfo
from core.errors import UserError
from db import runs, workers
from db.failures import in_words

if TYPE_CHECKING:
    from dbos import DBOSClient, WorkflowStatus

    from app.workflow.finders import FindPeople

LIVING_S = 15.0  # a heartbeat older than this is missed on screens
DAYS_KEPT = 30
ID_SHOWN = 8  # characters of an id, enough to tell jobs apart
RUN_VERB, PREDICT = "run_verb", "predict"  # the kinds of job, as the worker registers them
DATA_QUEUE = "data"
QUEUES = {"predict": "predict", "train": "train"}  # by verb; every other verb is about data
BROKEN = "It ended its worker again and again, and is not tried any more."


class JobState(StrEnum):
    """Where a job is; the last three are final until it is resumed."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


RESUMABLE = {JobState.FAILED, JobState.CANCELLED}
_STATES = {
    "ENQUEUED": JobState.WAITING,
    "DELAYED": JobState.WAITING,
    "PENDING": JobState.RUNNING,
    "SUCCESS": JobState.DONE,
    "ERROR": JobState.FAILED,
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": JobState.FAILED,
    "CANCELLED": JobState.CANCELLED,
}


@dataclass(frozen=True)
class Job:
    """One job, as screens show it.

    Attributes:
        verb: of the command line, e.g. `import`.
        title: what is being done, in words.
        fraction: 0..1.
        message: the last words: what was done, or why not; empty before.
        started_at: when it was last begun or gone on with.
        worker: the name of who has or had it last; empty before.
    """

    id: str
    verb: str
    title: str
    state: JobState
    fraction: float
    message: str
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    can_resume: bool
    worker: str


def ask_verb(ws: Workspace, verb: Sequence[str], *, title: str = "") -> str:
    """Have a worker run a verb of the command line; gives the job's id.

    Args:
        verb: as typed after `python -m app`, with absolute paths,
            e.g. ["import", "val", "/data/val.json"].
        title: what is being done, in words.
    """
    asked = {"verb": list(verb)}
    return _ask(ws, RUN_VERB, asked, verb=verb[0], title=title or " ".join(verb[:2]))


def ask_predict(
    ws: Workspace,
    dataset: str,
    *,
    model: str,
    run_name: str | None = None,
    find: "FindPeople | None" = None,
) -> str:
    """Have a worker run `model` on every person of a dataset; gives the job's id.

    Args:
        find: as `predict.predict_dataset`.

    Raises:
        UserError: there is no such dataset, model or detector, or the run cannot be called so.
    """
    # Imported here: predicting clears up after the dead, which asks us who is alive.
    from app.workflow.predict import check_asked

    run_name = check_asked(ws, dataset, model=model, run_name=run_name, find=find)
    title = f"Predicting {dataset} with {Path(model).name}"
    asked = {
        "dataset": dataset,
        "model": _absolute(model),
        "run_name": run_name,
        "find": None if find is None else _settled(ws, model, find),
    }
    return _ask(ws, PREDICT, asked, verb="predict", title=title)


def find(ws: Workspace, job_id: str) -> Job:
    """One job.

    Raises:
        UserError: there is no such job.
    """
    with _asking(ws) as client:
        found = client.list_workflows(workflow_ids=[job_id], load_input=False) if job_id else []
    if not found:
        raise UserError(
            "There is no such job.", remedy="It was forgotten or never asked for; `jobs` lists all."
        )
    return _job(found[0])


def find_by_start(ws: Workspace, start: str) -> Job:
    """The one job whose id begins so.

    Raises:
        UserError: none does, or several do.
    """
    with _asking(ws) as client:
        found = client.list_workflows(
            workflow_id_prefix=start,
            load_input=False,
            limit=2,
            application_name=APPLICATION,
        )
    if not found or not start:
        raise UserError(f"There is no job {start!r}.", remedy="`jobs` lists all.")
    if len(found) > 1:
        raise UserError(f"Several jobs begin with {start!r}.", remedy="Type more of the id.")
    return _job(found[0])


def recent(ws: Workspace, *, limit: int = 50) -> list[Job]:
    """The last jobs asked for, the newest first."""
    with _asking(ws) as client:
        found = client.list_workflows(
            sort_desc=True, limit=limit, load_input=False, application_name=APPLICATION
        )
    # The store tells seconds only.
    return sorted((_job(status) for status in found), key=lambda job: job.asked_at, reverse=True)


def cancel(ws: Workspace, job_id: str) -> None:
    """Ask a job to stop; it ends within moments. One that has ended stays as it is.

    Raises:
        UserError: there is no such job.
    """
    if find(ws, job_id).state in {JobState.WAITING, JobState.RUNNING}:
        with _asking(ws) as client:
            client.cancel_workflow(job_id)


def resume(ws: Workspace, job_id: str) -> None:
    """Have a cancelled or failed job go on from its last finished step.

    Raises:
        UserError: there is no such job, or it is in no state to go on, or not any more.
    """
    job = find(ws, job_id)
    if not job.can_resume:
        raise UserError(
            f"This job is {job.state}; only a cancelled or a failed one can be resumed."
        )
    from dbos import error as refused

    with _asking(ws) as client:
        steps = client.list_workflow_steps(job_id)
        kept = next((n for n, step in enumerate(steps) if step["error"]), len(steps))
        following = steps[kept - 1]["function_id"] + 1 if kept else 1
        try:
            client.rewind_workflow(job_id, start_step=following, queue_name=_queue(job.verb))
        except refused.DBOSException as error:  # two have asked for it at once
            raise UserError(
                "This job has changed meanwhile.", remedy="Look at it again."
            ) from error


def forget(ws: Workspace, job_id: str) -> None:
    """Remove a job that has ended from the list, with what it left half made.

    Raises:
        UserError: there is no such job, or it has not ended.
    """
    job = find(ws, job_id)
    if job.state in {JobState.WAITING, JobState.RUNNING}:
        raise UserError(f"This job is {job.state}.", remedy="Cancel it first.")
    with _asking(ws) as client:
        client.delete_workflow(job_id)
    runs.remove_run_of_job(ws.engine, job_id)
    shutil.rmtree(ws.jobs_dir / job_id, ignore_errors=True)


def is_alive(ws: Workspace, job_id: str) -> bool:
    """Whether a job may still go on, so that what it left half made must stay."""
    with _asking(ws) as client:
        found = client.list_workflows(workflow_ids=[job_id], load_input=False, load_output=False)
    return bool(found) and found[0].status != "SUCCESS"


def forget_old(ws: Workspace) -> None:
    """Forget what ended a month ago; called by the worker now and then."""
    with _asking(ws) as client:
        before = datetime.now(UTC) - timedelta(days=DAYS_KEPT)
        old = client.list_workflows(
            completed_before=before.isoformat(),
            load_input=False,
            load_output=False,
            application_name=APPLICATION,
        )
    for status in old:
        forget(ws, status.workflow_id)


def living_workers(ws: Workspace) -> list[WorkerInfo]:
    """Workers that have just given a sign of life, by name."""
    return workers.list_living(ws.engine, within_s=LIVING_S)


def turn(ws: Workspace, job_id: str) -> tuple[str, str] | None:
    """Which worker is at a job and since when; None while nobody is."""
    with _asking(ws) as client:
        found = client.list_workflows(workflow_ids=[job_id], load_input=False, load_output=False)
    if not found or found[0].status != "PENDING":
        return None
    return found[0].executor_id or "", str((found[0].attributes or {}).get("started_at"))


def how_long(job: Job) -> str:
    """How long a job took or has been taking: `2:05`, or nothing before it begins."""
    if job.started_at is None:
        return "-"
    seconds = max(0, round(((job.ended_at or datetime.now(UTC)) - job.started_at).total_seconds()))
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def say_fraction(ws: Workspace, job_id: str, fraction: float) -> None:
    """Keep how far a job is; called by the worker."""
    with _asking(ws) as client:
        client.update_workflow_attributes(job_id, {"fraction": round(fraction, 4)}, merge=True)


def say_begun(ws: Workspace, job_id: str) -> None:
    """Keep when a job was begun; called by the worker."""
    with _asking(ws) as client:
        client.update_workflow_attributes(job_id, {"started_at": _now()}, merge=True)


def _ask(ws: Workspace, kind: str, asked: dict[str, Any], *, verb: str, title: str) -> str:
    job_id = uuid.uuid4().hex
    with _asking(ws) as client:
        client.enqueue(
            {
                "workflow_name": kind,
                "queue_name": _queue(verb),
                "workflow_id": job_id,
                "attributes": {"verb": verb, "title": title, "asked_at": _now()},
            },
            asked,
        )
    return job_id


def _settled(ws: Workspace, model: str, find: "FindPeople") -> dict[str, Any]:
    """With the finder named, so that it stays the same should another come meanwhile."""
    from app.workflow.finders import chosen_finder, list_finders

    finder = chosen_finder(ws, model, find)
    is_listed = any(each.folder == finder.folder for each in list_finders(ws))
    detector = finder.name if is_listed else str(finder.folder.resolve())
    return {"detector": detector, "min_score": find.min_score}


def _absolute(model: str) -> str:
    """A folder as the worker finds it, which may have been started from elsewhere; else a name."""
    return str(Path(model).resolve()) if Path(model).is_dir() else model


def _queue(verb: str) -> str:
    return QUEUES.get(verb, DATA_QUEUE)


@contextmanager
def _asking(ws: Workspace) -> "Iterator[DBOSClient]":
    """The store's client; what fails inside is said in words."""
    store = ws.job_store
    with in_words(store.engine):
        yield store.client


def _job(status: "WorkflowStatus") -> Job:
    state = _STATES[status.status]
    about = status.attributes or {}
    return Job(
        id=status.workflow_id,
        verb=about.get("verb", ""),
        title=about.get("title", ""),
        state=state,
        fraction=1.0 if state is JobState.DONE else float(about.get("fraction", 0.0)),
        message=_message(status),
        asked_at=datetime.fromisoformat(about["asked_at"]),
        started_at=datetime.fromisoformat(about["started_at"]) if "started_at" in about else None,
        ended_at=_time(status.completed_at),
        can_resume=state in RESUMABLE,
        worker=status.executor_id or "",
    )


def _message(status: "WorkflowStatus") -> str:
    if status.status == "MAX_RECOVERY_ATTEMPTS_EXCEEDED":
        return BROKEN
    if status.error is not None:
        return str(status.error)
    return str(status.output.get("message", "")) if isinstance(status.output, dict) else ""


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _time(epoch_ms: int | None) -> datetime | None:
    return None if epoch_ms is None else datetime.fromtimestamp(epoch_ms / 1000, UTC)
