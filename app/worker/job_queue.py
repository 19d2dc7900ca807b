"""The queue: jobs registered, taken in turn, gone on with after a death, given back at the end.

DBOS keeps which steps of a job are done. A step cut off by a crash runs again, so it must be able
to run twice.
"""

import importlib
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, NoReturn

from dbos import DBOS, PortableWorkflowError

from app.error_log import log_unexpected
from app.workflow import jobs
from app.workflow.job_store import APPLICATION, VERSION, json_only, quiet_dbos, store_engine
from app.workflow.workspace import Workspace
from core.errors import UserError
from db.failures import in_words

# Modules that register jobs when they are imported.
KINDS = ("app.worker.predict_job", "app.worker.verb_job")
AT_ONCE = {"predict": 1, "train": 1, jobs.DATA_QUEUE: 2}  # jobs of a queue, in one worker
POLL_S = 0.5
SHORTEST_GAP_S = 0.25  # between two writes of a job's progress
MOST_DEATHS = 20  # of workers that had the job
PARK_S = 6.0  # how long the end waits for jobs to come to a stop

Asked = dict[str, Any]
Function = Callable[[Asked], Asked]


class _AtWork:
    """The jobs this process is at, and whether it wants to end."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.ws: Workspace | None = None
        self._running: dict[int, str] = {}  # by thread, a job's id
        self._wrote_at: dict[str, float] = {}

    def begin(self, job_id: str) -> None:
        self._running[threading.get_ident()] = job_id
        assert self.ws is not None
        jobs.say_begun(self.ws, job_id)

    def end(self, job_id: str) -> None:
        self._running.pop(threading.get_ident(), None)
        self._wrote_at.pop(job_id, None)

    def say(self, job_id: str, fraction: float) -> None:
        now = time.monotonic()
        if now - self._wrote_at.get(job_id, 0.0) >= SHORTEST_GAP_S:
            self._wrote_at[job_id] = now
            assert self.ws is not None
            with suppress(UserError):  # a store that is busy is no reason to fail
                jobs.say_fraction(self.ws, job_id, fraction)

    def stand_still(self) -> NoReturn:
        self._running.pop(threading.get_ident(), None)
        while True:
            time.sleep(PARK_S)

    def jobs(self) -> set[str]:
        return set(self._running.values())

    def wait_for_stop(self) -> None:
        """Until every job stands still, not for ever."""
        give_up_at = time.monotonic() + PARK_S
        while self._running and time.monotonic() < give_up_at:
            time.sleep(0.05)


_at_work = _AtWork()


def job(name: str) -> Callable[[Function], Function]:
    """Make a function a job of this name.

    It takes and gives what JSON knows; `message` of what it gives is shown. What it does outside
    of steps (`DBOS.step`) begins anew after a crash. A UserError ends it with its words.
    """

    def decorate(function: Function) -> Function:
        @DBOS.workflow(name=name, max_recovery_attempts=MOST_DEATHS)
        @wraps(function)
        def run(asked: Asked) -> Asked:
            job_id = this_job()
            _at_work.begin(job_id)
            try:
                return function(asked)
            except (UserError, PortableWorkflowError):
                raise
            except Exception as error:
                raise UserError(log_unexpected(f"job {name} {asked}")) from error
            finally:
                _at_work.end(job_id)

        return run

    return decorate


def this_job() -> str:
    """The id of the job the caller is part of."""
    job_id = DBOS.workflow_id
    assert job_id is not None
    return job_id


def say_progress(fraction: float) -> None:
    """Say how far this job is, 0..1; call it often, between steps.

    It does not come back when the worker wants to end.
    """
    if stopping():
        stand_still()
    keep_progress(fraction)


def keep_progress(fraction: float) -> None:
    """`say_progress` for a job that has to do something before the worker ends."""
    _at_work.say(this_job(), fraction)


def stopping() -> bool:
    """Whether the worker wants to end."""
    return _at_work.stopping.is_set()


def stand_still() -> NoReturn:
    """Wait for the end of the process; the job goes on elsewhere or later."""
    _at_work.stand_still()


def launch(ws: Workspace, worker: str) -> None:
    """Begin to take jobs, first those this worker was at when it died.

    Raises:
        UserError: the job store cannot be used.
    """
    quiet_dbos()
    _at_work.ws = ws
    store = ws.job_store
    for module in KINDS:
        importlib.import_module(module)
    with in_words(store.engine):
        DBOS(
            config={
                "name": APPLICATION,
                "application_version": VERSION,
                "executor_id": worker,
                "system_database_url": store.url,
                "system_database_engine": store_engine(store.url),
                "serializer": json_only(),
                "run_migrations": False,
                "log_level": "CRITICAL",
            }
        )
        DBOS.launch()
        for queue, at_once in AT_ONCE.items():
            DBOS.register_queue(queue, worker_concurrency=at_once, polling_interval_sec=POLL_S)


def at_work() -> set[str]:
    """The jobs this process is at."""
    return _at_work.jobs()


def ask_to_stop() -> None:
    """Have every job come to a stop; the process has to end then."""
    _at_work.stopping.set()


def give_back(ws: Workspace, worker: str) -> None:
    """Once the jobs have stopped, return them to their queues."""
    _at_work.wait_for_stop()
    for job_id, name in ws.job_store.at_work().items():
        if name == worker:
            ws.job_store.put_back(job_id, worker)
