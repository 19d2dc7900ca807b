"""Claims: who is at work on what, and the clearing up after those who died.

A claim is a lock of the operating system, so it ends with its process, however that ends.
Whatever is half made and claimed by nobody is removed by `sweep`.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from app.workflow import jobs
from app.workflow.locks import LockTaken, is_locked, locked
from app.workflow.workspace import Workspace
from core.errors import UserError
from db import datasets, runs

SWEEP = "sweep"
SINGLE_PHOTOS = "photos"  # among the uploads; they stay until their time is over
ADDING = "adding"  # where models are made that are not yet whole; a claim has its folder's name
BACKUP_FOLDER = "backup-"  # and some letters: where a backup at work keeps its copies


@contextmanager
def hold(ws: Workspace, name: str, *, shared: bool = False, wait: bool = True) -> Iterator[str]:
    """Claim `name` while inside; gives the lock file's name, as rows keep it.

    Raises:
        LockTaken: `wait` is False and somebody else holds it.
    """
    lock_file = f"{name}.lock"
    with locked(ws.locks_dir / lock_file, shared=shared, wait=wait):
        yield lock_file


def is_held(ws: Workspace, lock_file: str) -> bool:
    """Whether a living process holds this claim."""
    return bool(lock_file) and is_locked(ws.locks_dir / lock_file)


def sweep(ws: Workspace) -> None:
    """Remove what died half made: datasets, runs, source files and temporary files.

    What a living process holds stays. If another process sweeps already, nothing is done.
    """
    try:
        with hold(ws, SWEEP, wait=False):
            _sweep_datasets(ws)
            _sweep_runs(ws)
            _sweep_sources(ws)
            _sweep_uploads(ws)
            _sweep_added(ws)
            _sweep_backups(ws)
            _sweep_locks(ws)
    except LockTaken:
        return


def _sweep_datasets(ws: Workspace) -> None:
    for dataset_id, lock_file in datasets.unfinished(ws.engine):
        # The import may have finished between the list and the look at its lock.
        if not is_held(ws, lock_file) and (dataset_id, lock_file) in datasets.unfinished(ws.engine):
            datasets.remove(ws.engine, dataset_id)


def _sweep_runs(ws: Workspace) -> None:
    for run in runs.unfinished_runs(ws.engine):
        if not _is_being_made(ws, run) and run in runs.unfinished_runs(ws.engine):
            runs.remove_run(ws.engine, run.run_id)


def _is_being_made(ws: Workspace, run: runs.UnfinishedRun) -> bool:
    if run.job_id is None:
        return is_held(ws, run.lock_file)
    try:
        return jobs.is_alive(ws, run.job_id)
    except UserError:  # the job store is away: whoever sweeps next can tell
        return True


def _sweep_sources(ws: Workspace) -> None:
    if not ws.sources_dir.is_dir():
        return
    for path in sorted(ws.sources_dir.iterdir()):
        if not path.name.endswith(".tmp"):
            drop_unused_source(ws, path)
        elif not is_held(ws, f"{path.name.removesuffix('.tmp')}.lock"):
            path.unlink(missing_ok=True)


def _sweep_uploads(ws: Workspace) -> None:
    if ws.uploads_dir.is_dir():
        for folder in sorted(set(ws.uploads_dir.iterdir()) - {ws.uploads_dir / SINGLE_PHOTOS}):
            drop_unused_upload(ws, folder)


def _sweep_added(ws: Workspace) -> None:
    for folder in (ws.data_dir / ADDING).glob("*"):
        if not is_held(ws, f"{folder.name}.lock"):
            shutil.rmtree(folder, ignore_errors=True)


def _sweep_backups(ws: Workspace) -> None:
    for folder in ws.data_dir.glob(f"{BACKUP_FOLDER}*"):  # a backup at work keeps sweeps away
        shutil.rmtree(folder, ignore_errors=True)


def _sweep_locks(ws: Workspace) -> None:
    """Take away the lock files of the dead; who lives takes away its own."""
    for path in ws.locks_dir.glob("*.lock"):
        if path.stem != SWEEP:
            with suppress(LockTaken), locked(path, wait=False):
                pass


def drop_unused_upload(ws: Workspace, images_dir: Path) -> None:
    """Remove the unpacked upload that holds these photos, unless a dataset uses it.

    Folders outside the data directory are never touched.
    """
    if not images_dir.is_relative_to(ws.uploads_dir):
        return
    folder = ws.uploads_dir / images_dir.relative_to(ws.uploads_dir).parts[0]
    # The claim first: an upload is used by a visible dataset before its claim ends.
    if is_held(ws, f"{folder.name}.lock"):
        return
    used = [d.images_dir for d in datasets.list_all(ws.engine) if d.images_dir is not None]
    if not any(path.is_relative_to(folder) for path in used):
        shutil.rmtree(folder, ignore_errors=True)


def drop_unused_source(ws: Workspace, path: Path) -> None:
    """Remove a source file, unless a dataset uses it or one is being made from it."""
    relative = path.relative_to(ws.data_dir).as_posix()
    sha256, _, _ = path.name.partition(".")
    if relative in datasets.sources_in_use(ws.engine):
        return
    try:
        # An import holds its source shared from before the file has its name.
        with hold(ws, source_claim(sha256), wait=False):
            if relative not in datasets.sources_in_use(ws.engine):
                path.unlink(missing_ok=True)
    except LockTaken:
        return


def source_claim(sha256: str) -> str:
    """The claim that keeps a source file while a dataset is made from it."""
    return f"source-{sha256}"
