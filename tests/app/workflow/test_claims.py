import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.workflow import claims, jobs
from app.workflow.claims import hold, is_held, source_claim, sweep
from app.workflow.datasets import list_datasets
from app.workflow.workspace import Workspace, open_workspace
from core.data.coco_json import open_coco
from db import datasets, runs
from tests.app.workflow.coco_files import a_file, imported
from tests.app.workflow.job_rows import set_status
from tests.app.workflow.test_import_dataset import NOTHING, traces

IMPORT_SLOWLY = """
import sys, time
from pathlib import Path
from app.workflow.import_dataset import import_dataset
from app.workflow.workspace import open_workspace
stage = sys.argv[2]
said = [False]
def wait(fraction):
    if fraction >= float(stage) and not said[0]:
        said[0] = True
        print("there", flush=True)
        time.sleep(60)
import_dataset(open_workspace(), "val", Path(sys.argv[1]), on_progress=wait)
"""


def an_importer(file: Path, stage: float) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", IMPORT_SLOWLY, str(file), str(stage)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "there\n"
    return child


def kill(child: subprocess.Popen[str]) -> None:
    child.send_signal(signal.SIGKILL)
    child.communicate()


@pytest.mark.parametrize("stage", [0.01, 0.3, 0.8])
def test_an_import_at_work_is_left_alone_and_a_dead_one_is_removed(
    ws: Workspace, tmp_path: Path, stage: float
) -> None:
    child = an_importer(a_file(tmp_path), stage)
    at_work = traces(ws)
    sweep(ws)
    assert traces(ws) == at_work
    assert at_work["files"] != []
    assert list_datasets(ws) == []
    kill(child)
    sweep(ws)
    assert traces(ws) == NOTHING
    imported(ws, tmp_path)


def test_lock_files_of_the_dead_are_cleared_away(ws: Workspace, tmp_path: Path) -> None:
    kill(an_importer(a_file(tmp_path), 0.3))
    assert list(ws.locks_dir.iterdir()) != []
    sweep(ws)
    assert list(ws.locks_dir.iterdir()) == []


def test_an_import_that_ends_while_it_is_looked_at_is_left_alone(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = imported(ws, tmp_path)
    listed = iter([[(dataset.id, "ended.lock")]])
    unfinished = datasets.unfinished
    monkeypatch.setattr(
        claims.datasets, "unfinished", lambda engine: next(listed, None) or unfinished(engine)
    )
    sweep(ws)
    assert list_datasets(ws) == [dataset]


def test_a_run_at_work_is_left_alone_and_a_dead_one_is_removed(
    ws: Workspace, tmp_path: Path
) -> None:
    dataset = imported(ws, tmp_path)
    with hold(ws, "run-1") as lock_file:
        runs.begin_run(
            ws.engine,
            dataset.id,
            model="tiny",
            checkpoint_sha256="0" * 64,
            keypoint_names=["nose"],
            box_source="annotated",
            lock_file=lock_file,
        )
        sweep(ws)
        assert len(runs.unfinished_runs(ws.engine)) == 1
    sweep(ws)
    assert runs.unfinished_runs(ws.engine) == []


@pytest.mark.parametrize(
    ("status", "stays"),
    [("ENQUEUED", 1), ("PENDING", 1), ("CANCELLED", 1), ("ERROR", 1), ("SUCCESS", 0)],
)
def test_the_half_made_run_of_a_job_stays_as_long_as_the_job_may_go_on(
    ws: Workspace, tmp_path: Path, status: str, stays: int
) -> None:
    job_id = a_run_of_a_job(ws, tmp_path)
    set_status(ws, job_id, status)
    sweep(ws)
    assert len(runs.unfinished_runs(ws.engine)) == stays


def test_the_half_made_run_of_a_forgotten_job_goes_at_once(ws: Workspace, tmp_path: Path) -> None:
    job_id = a_run_of_a_job(ws, tmp_path)
    jobs.cancel(ws, job_id)
    jobs.forget(ws, job_id)
    assert runs.unfinished_runs(ws.engine) == []


def test_a_run_whose_job_store_is_lost_is_removed_and_left_alone_where_it_is_away(
    ws: Workspace, tmp_path: Path
) -> None:
    a_run_of_a_job(ws, tmp_path)
    ws.close()
    for file in ws.data_dir.glob("jobs.db*"):
        file.unlink()
    (ws.data_dir / "jobs.db").write_text("no database" * 100)
    fresh = open_workspace()
    sweep(fresh)
    assert len(runs.unfinished_runs(fresh.engine)) == 1
    (ws.data_dir / "jobs.db").unlink()
    fresh = open_workspace()
    sweep(fresh)
    assert runs.unfinished_runs(fresh.engine) == []


def a_run_of_a_job(ws: Workspace, folder: Path) -> str:
    """A half-made run; gives the id of its job."""
    dataset = imported(ws, folder)
    job_id = jobs.ask_verb(ws, ["predict"])
    runs.begin_run(
        ws.engine,
        dataset.id,
        model="m",
        checkpoint_sha256="0" * 64,
        keypoint_names=["nose"],
        box_source="annotated",
        job_id=job_id,
    )
    return job_id


def test_a_deletion_that_died_is_finished(ws: Workspace, tmp_path: Path) -> None:
    file = a_file(tmp_path)
    reading = open_coco(file)
    assert reading.dataset is not None
    datasets.begin_import(
        ws.engine,
        reading.dataset,
        reading.report,
        source_file="sources/x.json",
        source_name="x",
        source_sha256="0" * 64,
        images_dir=None,
        lock_file="",
    )
    sweep(ws)
    assert traces(ws) == NOTHING


def test_sources_in_use_or_being_imported_stay_and_orphans_go(
    ws: Workspace, tmp_path: Path
) -> None:
    dataset = imported(ws, tmp_path)
    coming, orphan = (ws.sources_dir / f"{letter * 64}.json" for letter in "ab")
    coming.write_bytes(b"{}")
    orphan.write_bytes(b"{}")
    (ws.sources_dir / "import-dead.tmp").write_bytes(b"")
    (ws.sources_dir / "import-live.tmp").write_bytes(b"")
    with hold(ws, source_claim("a" * 64), shared=True), hold(ws, "import-live"):
        sweep(ws)
        left = {p.name for p in ws.sources_dir.iterdir()}
    assert left == {Path(dataset.source_file).name, coming.name, "import-live.tmp"}


def test_uploads_of_the_dead_and_half_made_backups_go(ws: Workspace) -> None:
    for folder in (ws.uploads_dir / "upload-dead", ws.uploads_dir / "upload-live"):
        folder.mkdir(parents=True)
    (ws.data_dir / "backup-dead").mkdir()
    with hold(ws, "upload-live"):
        sweep(ws)
    assert [p.name for p in ws.uploads_dir.iterdir()] == ["upload-live"]
    assert not (ws.data_dir / "backup-dead").exists()


def test_two_sweeps_at_once_do_not_wait_for_each_other(ws: Workspace) -> None:
    with hold(ws, claims.SWEEP):
        began = time.monotonic()
        sweep(ws)
        assert time.monotonic() - began < 1


def test_a_claim_is_held_only_inside(ws: Workspace) -> None:
    with hold(ws, "work") as lock_file:
        assert is_held(ws, lock_file)
    assert not is_held(ws, lock_file)
    assert not is_held(ws, "")
