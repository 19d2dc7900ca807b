"""Replace a dataset by a newer version of its file; verdicts on unchanged labels come along."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.workflow.claims import SWEEP, drop_unused_source, drop_unused_upload, hold
from app.workflow.import_dataset import unseen_dataset
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo, Person
from core.data.progress import Cancelled, OnProgress, ignore, never
from core.data.review import Label
from core.data.skeleton import Skeleton
from db import datasets, people, replacing, runs

Place = tuple[int, int]  # annotation id, keypoint


@dataclass(frozen=True)
class NewerVersionReport:
    """What the exchange kept.

    Attributes:
        carried: verdicts that hold in the newer version, too.
        dropped: one line for each keypoint whose verdicts do not, and why.
        runs_dropped: names of runs, which belong to the older version.
    """

    dataset: DatasetInfo
    carried: int
    dropped: tuple[str, ...]
    runs_dropped: tuple[str, ...]


def import_newer_version(
    ws: Workspace,
    name: str,
    file: Path,
    *,
    images_dir: Path | None = None,
    on_progress: OnProgress = ignore,
    cancelled: Cancelled = never,
) -> NewerVersionReport:
    """Import `file` in place of dataset `name`; until that is done the older one is shown.

    Args:
        images_dir: where the photos are; without it where they were.

    Raises:
        UserError: there is no such dataset, or the file has errors.
        Cancelled: the caller asked to stop. In both cases the older version stays as it was.
    """
    old = datasets.find(ws.engine, name)
    old_runs = runs.list_runs(ws.engine, old.id)
    dropped: dict[Place, str] = {}
    carried = copied = 0
    new: DatasetInfo | None = None
    with unseen_dataset(
        ws,
        file,
        images_dir=images_dir or old.images_dir,
        on_progress=on_progress,
        cancelled=cancelled,
    ) as new_id:
        while new is None:  # again for verdicts that arrive while the others are copied
            last = replacing.last_verdict(ws.engine, old.id)
            judged = replacing.places_judged(ws.engine, old.id, after=copied, until=last)
            kept, why_not = _sorted_out(ws, old, new_id, judged)
            replacing.copy_verdicts(ws.engine, old.id, new_id, kept, after=copied, until=last)
            carried += sum(judged[place] for place in kept)
            dropped |= why_not
            copied = last
            new = replacing.replace(ws.engine, old, new_id, seen=last)
    with hold(ws, SWEEP):
        datasets.remove(ws.engine, old.id)
    drop_unused_source(ws, ws.data_dir / old.source_file)
    if old.images_dir is not None:
        drop_unused_upload(ws, old.images_dir)
    return NewerVersionReport(
        new, carried, tuple(dropped.values()), tuple(run.name for run in old_runs)
    )


def _sorted_out(
    ws: Workspace, old: DatasetInfo, new_id: int, places: Iterable[Place]
) -> tuple[dict[Place, int], dict[Place, str]]:
    """For the keypoints whose verdicts hold their index in the newer version; why not, else."""
    places = list(places)
    ids = list(dict.fromkeys(annotation_id for annotation_id, _ in places))
    before = {p.annotation_id: p for p in people.persons(ws.engine, old.id, ids)}
    after = {p.annotation_id: p for p in people.persons(ws.engine, new_id, ids)}
    old_names = {c.id: c.skeleton.names for c in old.categories if c.skeleton is not None}
    skeletons = replacing.skeletons_of(ws.engine, new_id)
    kept: dict[Place, int] = {}
    dropped: dict[Place, str] = {}
    for annotation_id, keypoint in places:
        was = before[annotation_id]
        name = old_names[was.category_id][keypoint]
        found = _index_now(was.given[keypoint], was, after.get(annotation_id), name, skeletons)
        if isinstance(found, int):
            kept[annotation_id, keypoint] = found
        else:
            dropped[annotation_id, keypoint] = f"annotation {annotation_id}, {name}: {found}"
    return kept, dropped


def _index_now(
    label: Label, was: Person, now: Person | None, name: str, skeletons: Mapping[int, Skeleton]
) -> int | str:
    """The keypoint's index in the newer version, or why its verdicts cannot be kept."""
    if now is None:
        return "the annotation is gone"
    skeleton = skeletons.get(now.category_id)
    place = skeleton.index_of(name) if skeleton is not None and now.given else None
    if place is None:
        return "the keypoint is gone"
    if now.image_id != was.image_id:
        return "the annotation is on another image"
    return place if now.given[place] == label else "the label itself was changed"
