"""Several workers on one Postgres: they share the queue, and one goes on where another died."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.workflow import jobs
from app.workflow.datasets import list_datasets
from app.workflow.jobs import JobState
from app.workflow.workspace import Workspace, upgrade_workspace
from tests.app.own_postgres import own_postgres
from tests.app.worker.worker_process import WorkerProcess, ended, until
from tests.app.workflow.coco_files import a_coco, a_file

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]

LARGE = 30_000  # images: an import of some seconds


@pytest.fixture
def ws(own_data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A workspace on Postgres, where web has been first."""
    with own_postgres() as address:
        monkeypatch.setenv("DATABASE_URL", address)
        opened = upgrade_workspace()
        yield opened
        opened.close()


@pytest.fixture
def two(ws: Workspace, tmp_path: Path) -> Iterator[tuple[WorkerProcess, WorkerProcess]]:
    """Two workers, not started yet."""
    pair = tuple(WorkerProcess(tmp_path / f"{n}.log", silent_s=2.0) for n in (1, 2))
    yield pair[0], pair[1]
    for worker in pair:
        if worker.lives():
            worker.kill()


def test_two_workers_share_a_queue_and_one_takes_over_from_the_other(
    ws: Workspace, tmp_path: Path, two: tuple[WorkerProcess, WorkerProcess]
) -> None:
    first, second = two
    file = a_file(tmp_path, a_coco(images=LARGE))
    first.start()
    second.start()
    assert len(jobs.living_workers(ws)) == 2
    job_id = jobs.ask_verb(ws, ["import", "val", str(file)])
    until(lambda: jobs.find(ws, job_id).fraction > 0)
    had = jobs.find(ws, job_id).worker
    killed, other = (first, second) if had.endswith("-1") else (second, first)
    killed.kill()
    job = ended(ws, job_id, patience_s=150)
    assert (job.state, job.worker != had) == (JobState.DONE, True)
    assert [dataset.num_annotations for dataset in list_datasets(ws)] == [LARGE]
    others = [ended(ws, jobs.ask_verb(ws, ["datasets"])) for _ in range(2)]
    assert {job.state for job in others} == {JobState.DONE}
    assert other.stop() == 0
    assert {worker.name for worker in jobs.living_workers(ws)} <= {had}
