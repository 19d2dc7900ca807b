"""A worker process to be started, killed and stopped, and waiting for jobs."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from app.workflow import jobs
from app.workflow.jobs import Job
from app.workflow.workspace import Workspace

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_S = 60.0
# What `python -m app worker` does, but silent for less than a minute is silent.
WORKER = """
import json, sys
from app.settings import Settings
from app.worker import job_queue, process
silent_s, kinds, job_queue.MOST_DEATHS = json.loads(sys.argv[1])
job_queue.KINDS = kinds or job_queue.KINDS
process.run(Settings(), silent_s=silent_s)
"""
MOST_DEATHS = 20


class WorkerProcess:
    """One worker; `start` may be called again after `kill` or `stop`."""

    def __init__(
        self,
        log: Path,
        *,
        silent_s: float = 60.0,
        kinds: Sequence[str] = (),
        most_deaths: int = MOST_DEATHS,
    ) -> None:
        self.log = log
        self._asked = json.dumps([silent_s, kinds, most_deaths])
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the living process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it takes jobs."""
        said = len(self.said())
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-u", "-c", WORKER, self._asked],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until(lambda: "is ready" in self.said()[said:] or not self.lives())
        assert self.lives(), self.said()

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> int | None:
        """End it as a supervisor does; gives the exit code."""
        return self._end(signal.SIGTERM)

    def lives(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def said(self) -> str:
        """Everything it has printed."""
        return self.log.read_text() if self.log.exists() else ""

    def _end(self, how: signal.Signals) -> int | None:
        if self._process is None:
            return None
        self._process.send_signal(how)
        return self._process.wait(15)


def until(done: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    """Wait for it, not for ever."""
    give_up_at = time.monotonic() + patience_s
    while not done():
        assert time.monotonic() < give_up_at, "it took too long"
        time.sleep(0.02)


def ended(ws: Workspace, job_id: str, patience_s: float = PATIENCE_S) -> Job:
    """The job, once it has ended."""
    until(lambda: jobs.find(ws, job_id).ended_at is not None, patience_s)
    return jobs.find(ws, job_id)
