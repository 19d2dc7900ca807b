import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.workflow import background
from app.workflow.background import STOPPED, TaskState, TaskStatus
from app.workflow.claims import is_held
from app.workflow.datasets import list_datasets
from app.workflow.workspace import Workspace
from core.errors import UserError
from tests.app.workflow.coco_files import a_coco, a_file

PATIENCE_S = 60


def until(done: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < give_up_at, "it took too long"
        time.sleep(0.05)


def ended(ws: Workspace, task_id: str) -> TaskStatus:
    until(lambda: background.status(ws, task_id).state is not TaskState.RUNNING)
    return background.status(ws, task_id)


def a_slow_file(folder: Path) -> Path:
    return a_file(folder, a_coco(images=60_000))


def started(ws: Workspace, folder: Path) -> str:
    task_id = background.start(ws, ["import", "val", str(a_slow_file(folder))], title="Import val")
    until(lambda: background.status(ws, task_id).fraction > 0)
    return task_id


def pid_of(ws: Workspace, task_id: str) -> int:
    return int(json.loads((ws.tasks_dir / task_id / "task.json").read_bytes())["pid"])


def test_a_verb_runs_in_a_process_of_its_own_to_its_end(ws: Workspace, tmp_path: Path) -> None:
    task_id = background.start(ws, ["import", "val", str(a_file(tmp_path))], title="Import val")
    status = ended(ws, task_id)
    assert (status.state, status.fraction, status.title) == (TaskState.DONE, 1.0, "Import val")
    assert status.message.startswith("Imported val: 2 images, 2 annotations.")
    assert [d.name for d in list_datasets(ws)] == ["val"]
    assert background.recent(ws) == [status]


def test_a_refusal_is_told_in_its_words(ws: Workspace, tmp_path: Path) -> None:
    status = ended(ws, background.start(ws, ["import", "val", str(tmp_path / "none.json")]))
    assert status.state is TaskState.FAILED
    assert "There is no such file." in status.message
    assert status.title == "import val"


def test_wrong_usage_is_told_in_the_words_of_the_command_line(ws: Workspace) -> None:
    status = ended(ws, background.start(ws, ["import"]))
    assert status.state is TaskState.FAILED
    assert "Missing argument 'NAME'" in status.message


def test_a_cancelled_task_clears_up_after_itself(ws: Workspace, tmp_path: Path) -> None:
    task_id = started(ws, tmp_path)
    background.cancel(ws, task_id)
    status = ended(ws, task_id)
    assert (status.state, status.message) == (
        TaskState.CANCELLED,
        "Stopped; nothing was changed.",
    )
    assert list(ws.sources_dir.iterdir()) == []
    background.cancel(ws, task_id)


def test_a_task_that_was_killed_is_known_to_be_dead(ws: Workspace, tmp_path: Path) -> None:
    task_id = started(ws, tmp_path)
    os.kill(pid_of(ws, task_id), signal.SIGKILL)
    status = ended(ws, task_id)
    assert (status.state, status.message) == (TaskState.FAILED, STOPPED)
    assert list_datasets(ws) == []


def test_another_process_sees_the_same_task(ws: Workspace, tmp_path: Path) -> None:
    # As after a restart of the web process: nothing is kept in memory.
    task_id = started(ws, tmp_path)
    fresh = Workspace(ws.settings, ws.engine)
    assert background.status(fresh, task_id).state is TaskState.RUNNING
    background.cancel(fresh, task_id)
    assert ended(fresh, task_id).state is TaskState.CANCELLED


@pytest.mark.parametrize("task_id", ["../../etc", "0" * 32, ""])
def test_a_task_that_is_none_is_refused(ws: Workspace, task_id: str) -> None:
    with pytest.raises(UserError, match="There is no such task"):
        background.status(ws, task_id)
    with pytest.raises(UserError, match="There is no such task"):
        background.cancel(ws, task_id)


def test_old_tasks_are_forgotten_when_a_new_one_starts(ws: Workspace) -> None:
    old = background.start(ws, ["datasets"])
    until(lambda: not is_held(ws, f"task-{old}.lock"))
    long_ago = time.time() - 31 * 86_400
    os.utime(ws.tasks_dir / old, (long_ago, long_ago))
    new = background.start(ws, ["datasets"])
    assert [task.id for task in background.recent(ws)] == [new]
    ended(ws, new)


def test_without_tasks_the_list_is_empty(ws: Workspace) -> None:
    assert background.recent(ws) == []
