"""The worker's process: takes jobs, answers at its endpoint, says that it is alive, ends."""

import os
import platform
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from urllib.parse import urlsplit

import uvicorn

from app.error_log import log_unexpected
from app.settings import Settings
from app.supervisor import end_with_supervisor
from app.worker import job_queue
from app.worker.loaded_models import LoadedModels
from app.worker.recent_photos import RecentPhotos
from app.worker.take_over import TakeOver
from app.worker.turns import Turns
from app.workflow import claims, jobs
from app.workflow.locks import LockTaken, open_locked
from app.workflow.models import DEFAULT_MODEL
from app.workflow.workspace import Workspace, open_workspace
from core.errors import UserError
from db import datasets, workers

BEAT_S = 3.0
SILENT_S = 60.0  # then others take over
SWEEP_S = 600.0
DAY_S = 86_400.0
TORCH_AFTER_S = 5.0  # the pages start first: both want the processor
MOST_WORKERS = 1000  # of one machine

Say = Callable[[str], None]


@dataclass
class Worker:
    """What everything in this process may use.

    Attributes:
        name: stable over restarts; jobs are kept under it.
        device: what it computes on, in words; empty until it is known.
        turns: whose turn it is to use it.
    """

    ws: Workspace
    name: str
    url: str = ""
    device: str = ""
    turns: Turns = field(default_factory=Turns)

    @cached_property
    def models(self) -> LoadedModels:
        """Models kept in memory."""
        return LoadedModels(self.ws)

    @cached_property
    def photos(self) -> RecentPhotos:
        """Photos decoded a moment ago."""
        return RecentPhotos(self.ws)


_worker: Worker | None = None


def the_worker() -> Worker:
    """The worker this process is."""
    assert _worker is not None, "this process is no worker"
    return _worker


def run(settings: Settings, *, silent_s: float = SILENT_S, say: Say = print) -> None:
    """Be a worker until asked to stop (SIGINT, SIGTERM); does not come back.

    Args:
        silent_s: how long another worker must be silent before its jobs are taken over.
        say: told what people should know.

    Raises:
        UserError: the data directory cannot be seen, or the job store cannot be used.
    """
    stop = _stop_signals()
    end_with_supervisor()
    ws = open_workspace(settings)
    require_sources(ws)
    name, _slot = own_name(ws)  # the lock is ours until the process ends
    _be(Worker(ws, name), stop, silent_s=silent_s, say=say)


def _be(me: Worker, stop: threading.Event, *, silent_s: float, say: Say) -> None:
    global _worker
    _worker = me
    endpoint = _Endpoint(me.ws.settings)
    me.url = endpoint.url
    endpoint.start()
    workers.beat(me.ws.engine, me.name, url=me.url, device="", started_at=datetime.now(UTC))
    job_queue.launch(me.ws, me.name)
    say(f"Worker {me.name} is ready; its endpoint is {me.url}.")
    threading.Thread(target=_learn_device, args=(me, stop), daemon=True).start()
    take_over = TakeOver(me.ws, me.name, at_work=job_queue.at_work, silent_s=silent_s)
    code = _stay_alive(me, stop, take_over, say)
    job_queue.ask_to_stop()
    endpoint.stop()
    with suppress(UserError):
        workers.remove(me.ws.engine, me.name)
        job_queue.give_back(me.ws, me.name)
    sys.stdout.flush()
    os._exit(code)  # jobs stand still in their threads, which Python would wait for


def _stay_alive(me: Worker, stop: threading.Event, take_over: TakeOver, say: Say) -> int:
    """Until asked to stop; gives the exit code."""
    swept_at = -SWEEP_S
    while True:
        try:
            workers.beat(me.ws.engine, me.name, url=me.url, device=me.device)
            for name in take_over.look():
                say(f"Took over the jobs of {name}.")
            if time.monotonic() - swept_at >= SWEEP_S:
                swept_at = time.monotonic()
                _clear_up(me.ws)
        except UserError as error:  # e.g. the database is locked or away for a while
            say(f"Worker {me.name}: {error}")
        except Exception:
            say(log_unexpected(f"worker {me.name}"))
            return 1
        if stop.wait(BEAT_S):
            return 0


def _clear_up(ws: Workspace) -> None:
    claims.sweep(ws)
    jobs.forget_old(ws)
    workers.remove_silent(ws.engine, since_s=DAY_S)


def require_sources(ws: Workspace) -> None:
    """Raise UserError unless the imported files are where this process looks for them."""
    wanted = datasets.sources_in_use(ws.engine)
    if wanted and not any((ws.data_dir / name).is_file() for name in wanted):
        raise UserError(
            f"None of the {len(wanted)} imported files is in this data directory.",
            where=str(ws.data_dir),
            remedy="Workers need the data directory of the web process: a shared volume on "
            "several machines. Set HALFSEEN_DATA_DIR to it.",
        )


def own_name(ws: Workspace) -> tuple[str, int]:
    """A name no living worker of this machine has, and the lock that holds it.

    It is the same after a restart, so that the worker finds the jobs it was at.
    """
    host = platform.node() or "host"
    for number in range(1, MOST_WORKERS):
        name = f"worker-{host}-{number}"
        with suppress(LockTaken):
            return name, open_locked(ws.locks_dir / f"{name}.lock", wait=False)
    raise UserError(f"There are {MOST_WORKERS - 1} workers on this machine already.")


def _learn_device(me: Worker, stop: threading.Event) -> None:
    if stop.wait(TORCH_AFTER_S):
        return
    from app.worker.device import device_in_words  # loads torch

    me.device = device_in_words(me.ws.settings.device)
    with suppress(UserError):  # said to whoever asks for it
        me.models.get(DEFAULT_MODEL)  # so that nobody's first click waits for it


def _stop_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


class _Endpoint:
    """The small HTTP server beside the jobs."""

    def __init__(self, settings: Settings) -> None:
        self._socket = listening(settings.worker_url)
        host, port = self._socket.getsockname()[:2]
        self.url = settings.worker_url.rstrip("/") or f"http://{host}:{port}"

    def start(self) -> None:
        from app.worker.endpoint import endpoint

        config = uvicorn.Config(endpoint, log_level="warning", timeout_graceful_shutdown=2)
        self._server = uvicorn.Server(config)
        # In a thread it leaves the signals to us.
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(3.0)


def listening(worker_url: str) -> socket.socket:
    """A socket that listens at that address; without one, on a free port of this machine.

    Raises:
        UserError: it is no address, or nothing can listen there.
    """
    parts = urlsplit(worker_url or "http://127.0.0.1:0")
    try:
        host, port = parts.hostname, parts.port
        if parts.scheme != "http" or host is None or port is None:
            raise ValueError("write it as http://host:port")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except (OSError, ValueError) as error:
        raise UserError(
            f"The worker's endpoint cannot listen at {worker_url}: {error}.",
            where="HALFSEEN_WORKER_URL",
            remedy="Unset it, or name an address of this machine: http://host:port.",
        ) from error
