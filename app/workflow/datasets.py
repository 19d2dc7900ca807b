"""List, find, rename, move and delete datasets."""

from collections import Counter
from pathlib import Path

from app.workflow.claims import SWEEP, drop_unused_source, drop_unused_upload, hold
from app.workflow.names import checked_name
from app.workflow.workspace import Workspace
from core.data.listing import ClassCount, DatasetInfo
from core.data.progress import OnProgress, ignore
from core.data.review import MAIN
from core.errors import UserError
from db import changes, datasets


def list_datasets(ws: Workspace) -> list[DatasetInfo]:
    """Every dataset that is completely imported."""
    return datasets.list_all(ws.engine)


def find_dataset(ws: Workspace, name: str) -> DatasetInfo:
    """The dataset of this name.

    Raises:
        UserError: there is none; the known names are listed.
    """
    return datasets.find(ws.engine, name)


def rename_dataset(ws: Workspace, name: str, new_name: str) -> DatasetInfo:
    """Give a dataset another name; gives it as it is now.

    Raises:
        UserError: there is no such dataset, or the new name is taken or unusable.
    """
    new_name = checked_name(new_name)
    datasets.rename(ws.engine, name, new_name)
    return datasets.find(ws.engine, new_name)


def move_photos(ws: Workspace, name: str, images_dir: Path) -> DatasetInfo:
    """Say that the photos of a dataset are in another folder now.

    Raises:
        UserError: there is no such dataset or folder.
    """
    dataset = datasets.find(ws.engine, name)
    if not images_dir.is_dir():
        raise UserError("There is no such folder.", where=str(images_dir), remedy="Check the path.")
    datasets.set_images_dir(ws.engine, name, images_dir.resolve())
    if dataset.images_dir is not None:
        drop_unused_upload(ws, dataset.images_dir)
    return datasets.find(ws.engine, name)


def delete_dataset(ws: Workspace, name: str, *, on_progress: OnProgress = ignore) -> None:
    """Delete a dataset with its verdicts and runs; photos in folders of your own stay.

    Raises:
        UserError: there is no such dataset.
    """
    dataset = datasets.find(ws.engine, name)
    with hold(ws, SWEEP):  # so that no sweep takes it for a deletion that died
        datasets.remove(ws.engine, dataset.id, on_progress=on_progress)
    drop_unused_source(ws, ws.data_dir / dataset.source_file)
    if dataset.images_dir is not None:
        drop_unused_upload(ws, dataset.images_dir)


def class_shares(ws: Workspace, name: str) -> tuple[ClassCount, ...]:
    """How often each keypoint carries each flag now: as imported, then as verdicts changed it.

    Raises:
        UserError: there is no such dataset.
    """
    dataset = datasets.find(ws.engine, name)
    names = {c.id: c.skeleton.names for c in dataset.categories if c.skeleton is not None}
    shift: Counter[tuple[int, str, int]] = Counter()
    changed = changes.changed(ws.engine, dataset.id, MAIN)
    columns = (changed.category_id, changed.keypoint, changed.given, changed.current)
    for category_id, keypoint, given, current in zip(*(c.tolist() for c in columns), strict=True):
        name = names[category_id][keypoint]
        shift[category_id, name, given] -= 1
        shift[category_id, name, current] += 1
    return tuple(_shifted(count, shift) for count in dataset.class_counts)


def _shifted(count: ClassCount, shift: Counter[tuple[int, str, int]]) -> ClassCount:
    unlabelled, hidden, visible = (
        number + shift[count.category_id, count.keypoint, v]
        for v, number in enumerate(count.counts)
    )
    return ClassCount(count.category_id, count.keypoint, (unlabelled, hidden, visible))
