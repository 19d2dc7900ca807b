"""Verbs in processes of their own: they outlive a reload, a closed tab and the web process.

A task is a folder in the data directory: what was asked (task.json), how far it is
(progress.json, written by the child) and what it printed (log). The child inherits a lock, so
that its death is known however it died.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from app.workflow.locks import is_locked, open_locked
from app.workflow.workspace import Workspace
from core.data.whole_file import write_whole
from core.errors import UserError

LAST_WORDS_BYTES = 4000
DAYS_KEPT = 30
STOPPED = "It stopped unexpectedly; nothing half made was kept. Try again."
ROOT = Path(__file__).parents[2]
_TASK_ID = re.compile("[0-9a-f]{32}")


class TaskState(StrEnum):
    """What became of a task; everything but RUNNING is final."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class TaskStatus:
    """One task, as screens show it.

    Attributes:
        title: what is being done, in words.
        fraction: 0..1.
        message: the last words: what was done, or why not; empty while it runs.
    """

    id: str
    verb: str
    title: str
    state: TaskState
    fraction: float
    message: str
    started_at: datetime


def start(ws: Workspace, verb: Sequence[str], *, title: str = "") -> str:
    """Run a verb of the command line in its own process; gives the task's id.

    Args:
        verb: as typed after `python -m app`, e.g. ["import", "val", "/data/val.json"].
    """
    _forget_old(ws)
    task_id = uuid.uuid4().hex
    folder = ws.tasks_dir / task_id
    folder.mkdir(parents=True)
    progress_file = folder / "progress.json"
    lock = open_locked(_lock(ws, task_id))
    try:
        with (folder / "log").open("wb") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", "app", "--progress-file", str(progress_file), *verb],
                cwd=ROOT,
                env=os.environ | _settings(ws),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl+C on the web process is not meant for it
                pass_fds=[lock],
            )
    finally:
        os.close(lock)
    # Collects the exit status, so that no zombie stays; ends with the child.
    threading.Thread(target=child.wait, daemon=True).start()
    asked = {
        "verb": list(verb),
        "title": title or " ".join(verb[:2]),
        "pid": child.pid,
        "started_at": datetime.now(UTC).isoformat(),
    }
    write_whole(folder / "task.json", json.dumps(asked).encode())
    return task_id


def status(ws: Workspace, task_id: str) -> TaskStatus:
    """How a task is doing.

    Raises:
        UserError: there is no such task.
    """
    asked = _read(ws, task_id, "task.json")
    if asked is None:
        raise UserError("There is no such task.", remedy="It was cleared away, or never started.")
    running = is_locked(_lock(ws, task_id))  # before the progress: its last words come first
    progress = _read(ws, task_id, "progress.json") or {}
    state = TaskState(str(progress.get("state", TaskState.RUNNING)))
    message = str(progress.get("message", ""))
    if state is TaskState.RUNNING and not running:
        state = TaskState.FAILED
    if state is TaskState.FAILED:
        message = message or _last_words(ws, task_id) or STOPPED
    return TaskStatus(
        id=task_id,
        verb=" ".join(asked["verb"]),
        title=asked["title"],
        state=state,
        fraction=1.0 if state is TaskState.DONE else float(progress.get("fraction", 0.0)),
        message=message,
        started_at=datetime.fromisoformat(asked["started_at"]),
    )


def cancel(ws: Workspace, task_id: str) -> None:
    """Ask a task to stop; it clears up after itself. One that ended already stays as it is.

    Raises:
        UserError: there is no such task.
    """
    asked = _read(ws, task_id, "task.json")
    if asked is None:
        raise UserError("There is no such task.", remedy="It was cleared away, or never started.")
    # The lock tells that the process number still belongs to this task.
    if is_locked(_lock(ws, task_id)):
        with suppress(ProcessLookupError):
            os.kill(asked["pid"], signal.SIGTERM)


def recent(ws: Workspace, *, limit: int = 20) -> list[TaskStatus]:
    """The last tasks, newest first."""
    if not ws.tasks_dir.is_dir():
        return []
    known = [f.name for f in ws.tasks_dir.iterdir() if (f / "task.json").is_file()]
    found = [status(ws, task_id) for task_id in known]
    return sorted(found, key=lambda task: task.started_at, reverse=True)[:limit]


def _settings(ws: Workspace) -> dict[str, str]:
    """What the child must know to work on the same data as we do."""
    found = {"HALFSEEN_DATA_DIR": str(ws.data_dir), "HALFSEEN_DEVICE": ws.settings.device}
    if ws.settings.database_url:
        found["DATABASE_URL"] = ws.settings.database_url
    return found


def _forget_old(ws: Workspace) -> None:
    for folder in ws.tasks_dir.iterdir() if ws.tasks_dir.is_dir() else ():
        old = time.time() - folder.stat().st_mtime > DAYS_KEPT * 86_400
        if old and not is_locked(_lock(ws, folder.name)):
            shutil.rmtree(folder, ignore_errors=True)


def _lock(ws: Workspace, task_id: str) -> Path:
    return ws.locks_dir / f"task-{task_id}.lock"


def _read(ws: Workspace, task_id: str, name: str) -> Any:
    """A JSON file of the task; None where it is not there (yet), or the id is no id."""
    if not _TASK_ID.fullmatch(task_id):
        return None
    try:
        return json.loads((ws.tasks_dir / task_id / name).read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def _last_words(ws: Workspace, task_id: str) -> str:
    """What the child said at the end, unless it is a traceback, which helps nobody here."""
    try:
        said = (ws.tasks_dir / task_id / "log").read_bytes()[-LAST_WORDS_BYTES:]
    except FileNotFoundError:
        return ""
    text = said.decode(errors="replace").strip()
    return "" if "Traceback (most recent call last)" in text else text
