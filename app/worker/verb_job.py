"""A job that runs a verb of the command line in a process that ends with the worker."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.supervisor import ROOT, SUPERVISED
from app.worker.job_queue import job, keep_progress, stand_still, stopping, this_job
from app.worker.process import the_worker
from app.workflow import jobs
from app.workflow.locks import LockTaken, open_locked
from app.workflow.workspace import Workspace
from core.errors import UserError

LOOK_S = 0.1
ASK_S = 0.25  # between two looks whether the job is still ours
GRACE_S = 20.0  # between asking a verb to end and ending it
GRACE_AT_STOP_S = 4.0  # the same when the worker itself has to end
STOPPED = "It stopped unexpectedly; nothing half made was kept. Try again."
LAST_WORDS_BYTES = 4000


@job(jobs.RUN_VERB)
def run_verb(asked: dict[str, Any]) -> dict[str, Any]:
    """Run the verb to its end; after a crash once more, unless it had come to its end."""
    ws, job_id = the_worker().ws, this_job()
    mine = _Ownership(ws, job_id)
    folder = ws.jobs_dir / job_id
    folder.mkdir(parents=True, exist_ok=True)
    lock = _wait_for_last_child(ws, job_id, mine)
    try:
        ended = _said(folder).get("state") == "done"  # when its worker had died already
        child = None if ended else _started(ws, folder, asked["verb"], lock)
    finally:
        os.close(lock)  # the child has it
    if child is not None:
        _watch(child, folder, mine)
    return _outcome(folder)


class _Ownership:
    """Whether the job is still this execution's: not cancelled, not taken over, not begun anew."""

    def __init__(self, ws: Workspace, job_id: str) -> None:
        self._ws, self._job_id = ws, job_id
        self._turn = jobs.turn(ws, job_id)
        self._asked_at = time.monotonic()
        self._is_ours = self._turn is not None

    def holds(self) -> bool:
        if time.monotonic() - self._asked_at >= ASK_S:
            self._asked_at = time.monotonic()
            with suppress(UserError):  # a store that is busy now will tell the next time
                self._is_ours = self._is_ours and jobs.turn(self._ws, self._job_id) == self._turn
        return self._is_ours


def _wait_for_last_child(ws: Workspace, job_id: str, mine: _Ownership) -> int:
    """The lock a child of this job holds, once the one before us is gone."""
    while True:
        with suppress(LockTaken):
            return open_locked(ws.locks_dir / f"job-{job_id}.lock", wait=False)
        if stopping():
            stand_still()
        if not mine.holds():
            raise UserError(STOPPED)
        time.sleep(LOOK_S)


def _started(ws: Workspace, folder: Path, verb: list[str], lock: int) -> "subprocess.Popen[bytes]":
    progress_file = folder / "progress.json"
    progress_file.unlink(missing_ok=True)
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "app", "--progress-file", str(progress_file), *verb],
            cwd=ROOT,
            env=os.environ | _settings(ws) | {SUPERVISED: "1"},
            stdin=subprocess.PIPE,  # closed by the system when we end, and then it ends
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl+C on the worker is not meant for it
            pass_fds=[lock],
        )


def _settings(ws: Workspace) -> dict[str, str]:
    """What the child must know to work on the same data as we do."""
    found = {"HALFSEEN_DATA_DIR": str(ws.data_dir), "HALFSEEN_DEVICE": ws.settings.device}
    if ws.settings.database_url:
        found["DATABASE_URL"] = ws.settings.database_url
    return found


def _watch(child: "subprocess.Popen[bytes]", folder: Path, mine: _Ownership) -> None:
    """Until the child has ended, by itself or because the job or the worker has to end."""
    while child.poll() is None:
        if stopping():
            _end(child, GRACE_AT_STOP_S)
            stand_still()  # the verb runs again later
        if not mine.holds():
            _end(child, GRACE_S)
            return
        with suppress(subprocess.TimeoutExpired):
            child.wait(LOOK_S)
        keep_progress(float(_said(folder).get("fraction", 0.0)))
    assert child.stdin is not None
    child.stdin.close()


def _end(child: "subprocess.Popen[bytes]", grace_s: float) -> None:
    child.terminate()
    try:
        child.wait(grace_s)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _outcome(folder: Path) -> dict[str, Any]:
    said = _said(folder)
    words = str(said.get("message", ""))
    if said.get("state") == "done":
        return {"message": words}
    if said.get("state") != "failed":
        words = STOPPED
    raise UserError(words or _last_words(folder) or STOPPED)


def _said(folder: Path) -> dict[str, Any]:
    """What the child has said of itself; nothing where it has not yet."""
    try:
        said: dict[str, Any] = json.loads((folder / "progress.json").read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return said


def _last_words(folder: Path) -> str:
    """What the child said at the end, unless it is a traceback, which helps nobody here."""
    text = (folder / "log").read_bytes()[-LAST_WORDS_BYTES:].decode(errors="replace").strip()
    return "" if "Traceback (most recent call last)" in text else text
