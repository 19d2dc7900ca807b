"""Workers on the test's own data directory."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.workflow.workspace import Workspace, open_workspace
from tests.app.worker.worker_process import WorkerProcess


@pytest.fixture
def ws(own_data_dir: Path) -> Workspace:
    """A new workspace in the test's own data directory."""
    return open_workspace()


@pytest.fixture
def make_worker(ws: Workspace, tmp_path: Path) -> Iterator[Callable[..., WorkerProcess]]:
    """Makes workers on `ws`, not started yet; those that live at the end are killed."""
    made: list[WorkerProcess] = []

    def make(**how: Any) -> WorkerProcess:
        made.append(WorkerProcess(tmp_path / f"worker-{len(made)}.log", **how))
        return made[-1]

    yield make
    for worker in made:
        if worker.lives():
            worker.kill()


@pytest.fixture
def a_worker(make_worker: Callable[..., WorkerProcess]) -> WorkerProcess:
    """A running worker on `ws`."""
    worker = make_worker()
    worker.start()
    return worker
