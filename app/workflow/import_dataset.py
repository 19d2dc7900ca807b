"""Import a COCO keypoint file: copied as it came, checked, written in batches, shown at the end."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.workflow.claims import hold
from app.workflow.names import checked_name
from app.workflow.photo_folder import photos_beside
from app.workflow.sources import StoredSource, store_source
from app.workflow.unzip import unpack_zip
from app.workflow.workspace import Workspace
from core.data import coco_json
from core.data.dataset import PoseDataset
from core.data.listing import DatasetInfo
from core.data.progress import Cancelled, OnProgress, ignore, never
from core.data.report import CheckReport
from core.errors import UserError
from db import datasets

MOST_PROBLEMS = 200  # listed where an import is refused; the rest is counted
# How the bar is shared out: copying, then reading and checking, then writing rows.
COPIED, READ = 0.05, 0.5
UNPACKED = 0.4  # of a zip's import


def import_dataset(
    ws: Workspace,
    name: str,
    file: Path,
    *,
    images_dir: Path | None = None,
    source_name: str | None = None,
    on_progress: OnProgress = ignore,
    cancelled: Cancelled = never,
) -> DatasetInfo:
    """Import `file` as dataset `name`; nobody sees it before all of it is there.

    Args:
        images_dir: where the photos are; without it they are looked for beside the file.
        source_name: what to call the file where it is shown; its full path if not given.

    Raises:
        UserError: the name is taken or unusable, or the file has errors (each one listed).
        Cancelled: the caller asked to stop. In both cases nothing is left behind.
    """
    name = checked_name(name)
    require_free(ws, name)
    with unseen_dataset(
        ws,
        file,
        images_dir=images_dir,
        source_name=source_name,
        on_progress=on_progress,
        cancelled=cancelled,
    ) as dataset_id:
        return datasets.finish_import(ws.engine, dataset_id, name)


def import_zip(
    ws: Workspace,
    name: str,
    zip_path: Path,
    *,
    on_progress: OnProgress = ignore,
    cancelled: Cancelled = never,
) -> DatasetInfo:
    """Import a zip of one COCO JSON and its photos; the photos move into the data directory.

    Raises:
        UserError: the zip is unsafe or no zip, or as `import_dataset`.
        Cancelled: the caller asked to stop. In both cases nothing is left behind.
    """
    name = checked_name(name)
    require_free(ws, name)
    with unpack_zip(
        ws, zip_path, on_progress=_part(on_progress, 0, UNPACKED), cancelled=cancelled
    ) as unpacked:
        dataset = import_dataset(
            ws,
            name,
            unpacked.json_file,
            images_dir=unpacked.images_dir,
            source_name=f"{zip_path.name}/{unpacked.json_name}",
            on_progress=_part(on_progress, UNPACKED, 1),
            cancelled=cancelled,
        )
        unpacked.keep()
        return dataset


def require_free(ws: Workspace, name: str) -> None:
    """Refuse a name that a dataset has already.

    Raises:
        UserError: it is taken.
    """
    if any(dataset.name == name for dataset in datasets.list_all(ws.engine)):
        raise UserError(
            f'There is a dataset "{name}" already.',
            remedy="Choose another name, or delete or rename that one first.",
        )


@contextmanager
def unseen_dataset(
    ws: Workspace,
    file: Path,
    *,
    images_dir: Path | None = None,
    source_name: str | None = None,
    on_progress: OnProgress = ignore,
    cancelled: Cancelled = never,
) -> Iterator[int]:
    """All rows of a file under a dataset nobody sees; whoever is inside makes it visible.

    If anything goes wrong in here or inside, all of it is removed again.

    Raises:
        UserError: the file has errors, each one listed.
        Cancelled: the caller asked to stop.
    """
    claim = f"import-{uuid.uuid4().hex}"
    with (
        hold(ws, claim) as lock_file,
        store_source(
            ws, file, claim, on_progress=_part(on_progress, 0, COPIED), cancelled=cancelled
        ) as source,
    ):
        images_dir = _folder(images_dir) if images_dir else photos_beside(file, source.path)
        dataset, report = _read(
            source,
            source_name or str(file),
            images_dir,
            _part(on_progress, COPIED, READ),
            cancelled,
        )
        dataset_id = datasets.begin_import(
            ws.engine,
            dataset,
            report,
            source_file=source.relative,
            source_name=source_name or str(file.resolve()),
            source_sha256=source.sha256,
            images_dir=images_dir,
            lock_file=lock_file,
        )
        try:
            datasets.insert_contents(
                ws.engine,
                dataset_id,
                dataset,
                on_progress=_part(on_progress, READ, 1),
                cancelled=cancelled,
            )
            yield dataset_id
        except BaseException:
            datasets.remove(ws.engine, dataset_id)
            raise


def _read(
    source: StoredSource,
    called: str,
    images_dir: Path | None,
    on_progress: OnProgress,
    cancelled: Cancelled,
) -> tuple[PoseDataset, CheckReport]:
    try:
        reading = coco_json.open_coco(
            source.path, images_dir=images_dir, on_progress=on_progress, cancelled=cancelled
        )
    except UserError as error:
        # The person knows their own file, not our copy of it.
        raise UserError(
            error.what, where=called, remedy=error.remedy, problems=error.problems
        ) from error
    if reading.dataset is None:
        errors = reading.report.errors
        raise UserError(
            f"{len(errors)} {'error' if len(errors) == 1 else 'errors'}; nothing was imported.",
            where=called,
            remedy="Mend the file and import it again.",
            problems=_first([finding.message for finding in errors]),
        )
    return reading.dataset, reading.report


def _first(problems: list[str]) -> list[str]:
    more = len(problems) - MOST_PROBLEMS
    return problems[:MOST_PROBLEMS] + (
        [f"and {more:,} more; `check` lists all."] if more > 0 else []
    )


def _folder(images_dir: Path) -> Path:
    if not images_dir.is_dir():
        raise UserError(
            "There is no such photo folder.",
            where=str(images_dir),
            remedy="Name the folder that the file names of the JSON start from.",
        )
    return images_dir.resolve()


def _part(on_progress: OnProgress, start: float, end: float) -> OnProgress:
    return lambda fraction: on_progress(start + (end - start) * fraction)
