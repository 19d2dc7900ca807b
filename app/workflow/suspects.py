"""Suspects: single keypoints whose labels are to be looked at, the most doubtful first."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from app.workflow.open_queue import OpenQueue
from app.workflow.queue import Queue, QueueEntry, Standing, Unit
from app.workflow.relabel_item import Opinion, opinion_on
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo, RunInfo
from core.data.review import Suspect
from core.errors import UserError
from db import datasets, people, runs

_AT_ONCE = 2_000  # keypoints
_Found = tuple[QueueEntry, Standing]


def latest_run_of(ws: Workspace, name: str) -> str | None:
    """The name of the run made last; None where no model has been run on the dataset.

    Raises:
        UserError: there is no such dataset.
    """
    found = runs.list_runs(ws.engine, datasets.find(ws.engine, name).id)
    return found[0].name if found else None


def suspects_of(ws: Workspace, name: str, queue: Queue, *, top: int | None) -> list[Suspect]:
    """The first keypoints of a queue, whatever its unit, with what its run says of them.

    Args:
        top: how many; None: all.

    Raises:
        UserError: there is no such dataset, run or keypoint, or a filter needs a run.
    """
    dataset = datasets.find(ws.engine, name)
    _check(dataset, queue)
    opened = OpenQueue(ws, dataset, replace(queue, unit=Unit.KEYPOINTS))
    found = opened.first(top)
    known = {run.name: run for run in runs.list_runs(ws.engine, dataset.id)}
    run = None if queue.run is None else known.get(queue.run)
    return [
        suspect
        for start in range(0, len(found), _AT_ONCE)
        for suspect in _suspects(ws, dataset, run, found[start : start + _AT_ONCE])
    ]


def _check(dataset: DatasetInfo, queue: Queue) -> None:
    if queue.run is None and (queue.suggested is not None or queue.suspicion > 0):
        raise UserError(
            f"Without a run nothing of {dataset.name!r} is suspected.",
            remedy="Run a model on it first (predict), or ask without suggested and suspicion.",
        )
    skeletons = [c.skeleton for c in dataset.categories if c.skeleton is not None]
    names = dict.fromkeys(name for skeleton in skeletons for name in skeleton.names)
    if queue.keypoint is not None and queue.keypoint not in names:
        raise UserError(
            f"There is no keypoint {queue.keypoint!r} in {dataset.name!r}.",
            remedy=f"There are: {', '.join(names) or 'none'}.",
        )


def _suspects(
    ws: Workspace, dataset: DatasetInfo, run: RunInfo | None, found: Sequence[_Found]
) -> Iterator[Suspect]:
    images = people.images_by_id(
        ws.engine, dataset.id, list({entry.image_id for entry, _ in found})
    )
    opinions = _opinions(ws, dataset, run, found)
    for entry, standing in found:
        assert entry.keypoint is not None
        assert entry.given is not None
        opinion = opinions.get(entry.annotation_id)
        yield Suspect(
            annotation_id=entry.annotation_id,
            image_id=entry.image_id,
            file_name=images[entry.image_id].file_name,
            keypoint=entry.keypoint,
            name=standing.skeleton.names[entry.keypoint],
            given=entry.given,
            current=standing.current,
            suggested=entry.suggested,
            suspicion=entry.suspicion,
            p=None if opinion is None else _three(opinion, entry.keypoint),
            place_px=None if opinion is None else _place(opinion, entry.keypoint),
            reviewed=standing.reviewed,
        )


def _opinions(
    ws: Workspace, dataset: DatasetInfo, run: RunInfo | None, found: Sequence[_Found]
) -> dict[int, Opinion]:
    """What the run says of each person, where it says anything."""
    if run is None:
        return {}
    skeletons = {entry.annotation_id: standing.skeleton for entry, standing in found}
    run_id = runs.run_id_of(ws.engine, dataset.id, run.name)
    said = runs.predictions_of_people(ws.engine, run_id, list(skeletons))
    opinions = {id_: opinion_on(said.get(id_), skeletons[id_], run) for id_ in skeletons}
    return {id_: opinion for id_, opinion in opinions.items() if opinion is not None}


def _three(opinion: Opinion, keypoint: int) -> tuple[float, float, float] | None:
    p0, p1, p2 = opinion.p[keypoint].tolist()
    return None if np.isnan([p0, p1, p2]).any() else (p0, p1, p2)


def _place(opinion: Opinion, keypoint: int) -> tuple[float, float] | None:
    x, y = opinion.xy_image_px[keypoint].tolist()
    return None if np.isnan([x, y]).any() else (x, y)
