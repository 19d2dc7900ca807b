"""What the Relabel screen needs: one person with its photo, and who comes before and after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.workflow.queue import Item, Queue, QueueEntry, QueueProgress
from app.workflow.seats import Seat, Usher
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo, ImageInfo, Person, RunInfo
from core.data.prediction import FloatArray, Prediction, p_of_flags
from core.data.skeleton import Skeleton, fitted_skeleton
from core.errors import UserError
from db import datasets, people, runs


@dataclass(frozen=True)
class Opinion:
    """What a run says of one person, in the order of the person's own keypoints.

    Attributes:
        xy_image_px: (K, 2) float32; NaN where not predicted.
        p: (K, 3) float32, p(v = 0, 1, 2); NaN where not predicted.
    """

    run: str
    xy_image_px: FloatArray
    p: FloatArray


@dataclass(frozen=True)
class RelabelItem:
    """One person to look at.

    Attributes:
        people: everybody with keypoints on the photo, this person among them, in file order.
    """

    dataset: DatasetInfo
    image: ImageInfo
    person: Person
    people: tuple[Person, ...]
    skeleton: Skeleton
    opinion: Opinion | None


@dataclass(frozen=True)
class RelabelWindow:
    """The item on screen and those reached from it by a few keys.

    Attributes:
        at: the item on screen.
        order: a part of the queue: `at` between those behind and those ahead. Where `at` is not
            in the queue it is not in the order, which is then that around the anchor, or without
            one what comes next.
        here: index of `at` in `order`; None where it is not in the queue.
        is_first, is_last: nothing more is behind, ahead of what is in `order`.
        place: of `at` in the queue from 1, whatever is reviewed; None where it is not in it.
        items: everybody in `order` and on the current photo.
        held_by: who else is at work on which annotation now.
    """

    at: Item
    order: tuple[QueueEntry, ...]
    here: int | None
    is_first: bool
    is_last: bool
    progress: QueueProgress
    place: int | None
    items: tuple[RelabelItem, ...]
    held_by: Mapping[int, str]


def load_window(
    ws: Workspace,
    name: str,
    queue: Queue,
    *,
    annotator: str,
    at: Item | None,
    anchor: Item | None = None,
    hand_out: bool = False,
) -> RelabelWindow | None:
    """The item asked for with its neighbours in the queue, where the annotator now sits.

    Args:
        queue: what is gone through.
        annotator: whose desk moves.
        at: None for where one stopped, else the first of the queue nobody else holds.
        anchor: the last item of the queue one was at; where `at` is not in the queue, what comes
            next goes on from there.
        hand_out: the queue gave `at`; where somebody else holds it by now, the next one it is.
            What one asked for oneself one gets.

    Returns:
        None where there is nobody to look at.

    Raises:
        UserError: there is no such dataset, annotation or run, or the annotation has no
            keypoints.
    """
    dataset = datasets.find(ws.engine, name)
    usher = Usher(ws, dataset, queue, annotator=annotator)
    seat = usher.seat(at, anchor, hand_out=hand_out)
    if seat is None:
        return None
    part = seat.part
    order = (*part.behind, *((part.here,) if part.here else ()), *part.ahead)
    return RelabelWindow(
        at=seat.at,
        order=order,
        here=len(part.behind) if seat.in_queue else None,
        is_first=part.is_first,
        is_last=part.is_last,
        progress=usher.opened.progress(),
        place=part.place if seat.in_queue else None,
        items=_items(ws, dataset, queue, seat, order),
        held_by=seat.held_by,
    )


def _items(
    ws: Workspace,
    dataset: DatasetInfo,
    queue: Queue,
    seat: Seat,
    order: Sequence[QueueEntry],
) -> tuple[RelabelItem, ...]:
    """Everybody in the order and on the current photo."""
    wanted = {entry.annotation_id for entry in order}
    image_ids = list(dict.fromkeys([*(entry.image_id for entry in order), seat.image_id]))
    run = _run(ws, dataset, queue.run)
    images = people.images_by_id(ws.engine, dataset.id, image_ids)
    found = people.people_by_image(
        ws.engine, dataset.id, image_ids, label_set=queue.label_set, run=queue.run
    )
    items = tuple(
        item
        for image_id in image_ids
        for item in _items_on(dataset, images[image_id], found[image_id], run)
        if image_id == seat.image_id or item.person.annotation_id in wanted
    )
    if all(item.person.annotation_id != seat.at.annotation_id for item in items):
        raise UserError(
            f"Annotation {seat.at.annotation_id} has no list of keypoints: there is nothing to "
            "relabel.",
            remedy="Choose another person.",
        )
    return items


def _run(ws: Workspace, dataset: DatasetInfo, name: str | None) -> RunInfo | None:
    """The run; None without one, and where it has been deleted just now."""
    return next((run for run in runs.list_runs(ws.engine, dataset.id) if run.name == name), None)


def _items_on(
    dataset: DatasetInfo, image: ImageInfo, on_image: Sequence[Person], run: RunInfo | None
) -> list[RelabelItem]:
    with_keypoints = tuple(person for person in on_image if person.given)
    return [
        RelabelItem(
            dataset=dataset,
            image=image,
            person=person,
            people=with_keypoints,
            skeleton=(skeleton := skeleton_of(dataset, person)),
            opinion=opinion_on(person.prediction, skeleton, run),
        )
        for person in with_keypoints
    ]


def skeleton_of(dataset: DatasetInfo, person: Person) -> Skeleton:
    """The person's skeleton, as long as its own list of keypoints."""
    found = next((c.skeleton for c in dataset.categories if c.id == person.category_id), None)
    return fitted_skeleton(found, len(person.given))


def opinion_on(
    prediction: Prediction | None, skeleton: Skeleton, run: RunInfo | None
) -> Opinion | None:
    """A run's prediction in the order of `skeleton`; None where nothing can be mapped by name."""
    if prediction is None or run is None or not skeleton.named:
        return None
    places = skeleton.places_in(Skeleton(run.keypoint_names))  # (K,)
    known = places >= 0
    xy = np.full((skeleton.size, 2), np.nan, np.float32)
    xy[known] = prediction.xy_image_px[places[known]]
    p = np.full((skeleton.size, 3), np.nan, np.float32)
    p[known] = _flag_probabilities(prediction)[places[known]]
    return Opinion(run.name, xy, p)


def _flag_probabilities(prediction: Prediction) -> FloatArray:
    """(K, 3) p(v = 0, 1, 2), also of a model that says presence and visible apart."""
    if prediction.vis3 is not None:
        return prediction.vis3
    if prediction.presence is None or prediction.visible is None:
        return np.full((len(prediction.xy_image_px), 3), np.nan, np.float32)
    return p_of_flags(prediction.presence, prediction.visible)
