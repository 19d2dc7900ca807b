"""What the Relabel screen needs: one person with its photo, and who comes before and after."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo, ImageInfo, Person, RunInfo
from core.data.prediction import FloatArray, Prediction
from core.data.review import MAIN
from core.data.skeleton import Skeleton, unnamed_skeleton
from core.errors import UserError
from db import datasets, people, runs
from db.queue import QueuedPerson, walk

AHEAD = 2  # people after the current one that are loaded with it


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
    """The person on screen and those reached from it by one or two keys.

    Attributes:
        order: annotation ids of the queue around the current one, which is among them.
        items: everybody in `order` and on the current photo.
    """

    current: int
    order: tuple[int, ...]
    items: tuple[RelabelItem, ...]


def load_window(
    ws: Workspace,
    name: str,
    annotation_id: int | None,
    *,
    label_set: str = MAIN,
    run: str | None = None,
    reviewed: bool | None = None,
) -> RelabelWindow | None:
    """The person asked for with its neighbours in the queue; None where the queue is empty.

    Args:
        annotation_id: None for the first of the queue.
        reviewed: only people who are reviewed (True) or not (False) come next. Who comes before
            may be reviewed: one goes back to look at what was just done.

    Raises:
        UserError: there is no such dataset, annotation or run.
    """
    dataset = datasets.find(ws.engine, name)

    def people_beyond(beyond: int | None, *, backward: bool = False) -> Iterator[QueuedPerson]:
        wanted = None if backward and reviewed is False else reviewed
        return walk(
            ws.engine,
            dataset.id,
            beyond=beyond,
            backward=backward,
            reviewed=wanted,
            label_set=label_set,
        )

    if annotation_id is None:
        first = next(people_beyond(None), None)
        if first is None:
            return None
        annotation_id = first.annotation_id
    here = QueuedPerson(
        annotation_id, people.image_of_annotation(ws.engine, dataset.id, annotation_id)
    )
    before = islice(people_beyond(annotation_id, backward=True), 1)
    order = [*before, here, *islice(people_beyond(annotation_id), AHEAD)]
    said_by = _run(ws, dataset, run)
    items: list[RelabelItem] = []
    for image_id in dict.fromkeys(person.image_id for person in order):
        on_photo = _items_on(ws, dataset, image_id, label_set, said_by)
        wanted = {p.annotation_id for p in order if p.image_id == image_id}
        items += [
            item
            for item in on_photo
            if image_id == here.image_id or item.person.annotation_id in wanted
        ]
    return RelabelWindow(annotation_id, tuple(p.annotation_id for p in order), tuple(items))


def _run(ws: Workspace, dataset: DatasetInfo, name: str | None) -> RunInfo | None:
    if name is None:
        return None
    known = {run.name: run for run in runs.list_runs(ws.engine, dataset.id)}
    if name not in known:
        raise UserError(
            f"There is no run {name!r} of {dataset.name!r}.",
            remedy=f"There are: {', '.join(known) or 'none'}.",
        )
    return known[name]


def _items_on(
    ws: Workspace, dataset: DatasetInfo, image_id: int, label_set: str, run: RunInfo | None
) -> list[RelabelItem]:
    image = people.image(ws.engine, dataset.id, image_id)
    found = people.people(
        ws.engine, dataset.id, image_id, label_set=label_set, run=run.name if run else None
    )
    with_keypoints = tuple(person for person in found if person.given)
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
    size = len(person.given)
    found = next((c.skeleton for c in dataset.categories if c.id == person.category_id), None)
    if found is None or found.size < size:
        return unnamed_skeleton(size)
    edges = tuple(edge for edge in found.edges if max(edge) < size)
    return Skeleton(found.names[:size], edges, named=found.named)


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
    visible = np.minimum(prediction.visible, prediction.presence)
    return np.stack([1 - prediction.presence, prediction.presence - visible, visible], axis=1)
