"""One person as the overlay and the tables show them: labels, and what a model says."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from core.data.dataset import Category
from core.data.listing import DatasetInfo, Person
from core.data.prediction import FloatArray, Prediction
from core.data.review import Label
from core.data.skeleton import Skeleton

Said = Mapping[str, float]
# Field of a prediction -> its short name on screens.
_SCORES = {
    "presence": "presence",
    "visible": "visible",
    "heat_score": "heat",
    "keypoint_similarity": "similarity",
    "map_score": "map",
}


@dataclass(frozen=True)
class ShownPerson:
    """One person.

    Attributes:
        id: unlike everybody else's on this photo.
        title, about: on the button, and what it says of itself.
        names: K keypoint names.
        edges: index pairs into them.
        box_xywh_px: image frame; None where nobody drew one.
        said: K, what the model says of a keypoint by short name (x, y, p0 ..): only what it gives;
            None where it says nothing.
        model: who says it; empty where nobody does.
        given, current: K labels; empty for somebody nobody labelled.
        pose_scores: of the whole person by name.
        annotation_id: of the file; None for a box drawn by hand.
        drawn: whether the box was drawn by hand and can be deleted.
        prediction: as the model gave it; None for somebody of a dataset.
        silence: why there is no row for any keypoint.
    """

    id: str
    title: str
    about: str
    names: tuple[str, ...]
    edges: tuple[tuple[int, int], ...]
    box_xywh_px: tuple[float, float, float, float] | None
    said: tuple[Said | None, ...]
    model: str = ""
    given: tuple[Label, ...] = ()
    current: tuple[Label, ...] = ()
    pose_scores: Mapping[str, float] = field(default_factory=dict)
    annotation_id: int | None = None
    drawn: bool = False
    prediction: Prediction | None = None
    silence: str = ""


def annotated_person(
    dataset: DatasetInfo,
    person: Person,
    place: int,
    *,
    said_names: tuple[str, ...] = (),
    model: str = "",
) -> ShownPerson:
    """Somebody of a dataset, with the prediction they carry.

    Args:
        place: among the persons of the photo, from 1.
        said_names: the prediction's keypoints, in its order.
        model: whose prediction it is.
    """
    category = next((c for c in dataset.categories if c.id == person.category_id), None)
    skeleton = category.skeleton if category else None
    names = skeleton.names[: len(person.given)] if skeleton else ()
    said = _said_of(person.prediction, skeleton, len(names), said_names)
    return ShownPerson(
        id=str(person.annotation_id),
        title=_title(category, person, place),
        about=f"annotation {person.annotation_id}{_match(person.prediction)}",
        names=names,
        edges=_edges(skeleton, len(names)),
        box_xywh_px=person.box_xywh_px,
        said=said,
        model=model if any(said) else "",
        given=person.given[: len(names)],
        current=person.current[: len(names)],
        pose_scores=dict(person.prediction.pose_scores) if person.prediction else {},
        annotation_id=person.annotation_id,
        silence="This annotation has no keypoint list.",
    )


def drawn_person(
    person_id: str,
    title: str,
    box_xywh_px: tuple[float, float, float, float],
    *,
    said: tuple[Prediction, Skeleton] | None = None,
    model: str = "",
    drawn: bool = True,
) -> ShownPerson:
    """Somebody in a box nobody labelled, with what a model says of them.

    Args:
        said: the prediction and the model's keypoints; None where the model was not asked.
        drawn: whether the box can be deleted.
    """
    x, y, width, height = box_xywh_px
    about = f"x {x:g}, y {y:g}, {width:g} x {height:g} pixels"
    silence = "No model was asked about this box."
    if said is None:
        return ShownPerson(
            person_id, title, about, (), (), box_xywh_px, (), drawn=drawn, silence=silence
        )
    prediction, skeleton = said
    return ShownPerson(
        person_id,
        title,
        about,
        skeleton.names,
        skeleton.edges,
        box_xywh_px,
        tuple(_said(prediction, place) for place in range(skeleton.size)),
        model=model,
        pose_scores=dict(prediction.pose_scores),
        drawn=drawn,
        prediction=prediction,
        silence=silence,
    )


def found_person(
    person_id: str,
    place: int,
    prediction: Prediction,
    skeleton: Skeleton,
    *,
    model: str,
    found_by: str,
) -> ShownPerson:
    """Somebody found on the photo whom nobody labelled.

    Args:
        place: among those found, from 1.
        found_by: what found them.
    """
    x, y, width, height = (float(number) for number in prediction.box_xywh_px)
    score = prediction.pose_scores.get("detection")
    sure = "" if score is None else f", score {score:.2f}"
    return ShownPerson(
        person_id,
        f"found {place}",
        f"found by {found_by}{sure}: x {x:.0f}, y {y:.0f}, {width:.0f} x {height:.0f} pixels",
        skeleton.names,
        skeleton.edges,
        (x, y, width, height),
        tuple(_said(prediction, k) for k in range(skeleton.size)),
        model=model,
        pose_scores=dict(prediction.pose_scores),
        prediction=prediction,
        silence="No keypoint was predicted.",
    )


def skeleton_of_model(names: tuple[str, ...], dataset: DatasetInfo) -> Skeleton:
    """A model's keypoints, joined as those of the same names are in a dataset."""
    own = Skeleton(names)
    for category in dataset.categories:
        if category.skeleton is not None and category.skeleton.named:
            places = category.skeleton.places_in(own)
            pairs = ((int(places[a]), int(places[b])) for a, b in category.skeleton.edges)
            return Skeleton(names, tuple((a, b) for a, b in pairs if min(a, b) >= 0))
    return own


def _title(category: Category | None, person: Person, place: int) -> str:
    noun = category.name if category else "annotation"
    return f"{noun} {place}{', crowd' if person.iscrowd else ''}"


def _match(prediction: Prediction | None) -> str:
    """How alike somebody found is to the annotation they are shown with."""
    if prediction is None or prediction.likeness is None:
        return ""
    return f", matched with somebody found, likeness {prediction.likeness:.2f}"


def _edges(skeleton: Skeleton | None, size: int) -> tuple[tuple[int, int], ...]:
    edges = skeleton.edges if skeleton else ()
    return tuple(edge for edge in edges if max(edge) < size)


def _said_of(
    prediction: Prediction | None,
    skeleton: Skeleton | None,
    size: int,
    said_names: tuple[str, ...],
) -> tuple[Said | None, ...]:
    """What is said of each of the dataset's keypoints, matched by name."""
    if prediction is None or skeleton is None or not skeleton.named:
        return (None,) * size
    places = Skeleton(skeleton.names[:size]).places_in(Skeleton(said_names))
    return tuple(_said(prediction, int(place)) for place in places)


def _said(prediction: Prediction, place: int) -> Said | None:
    if place < 0 or not np.isfinite(prediction.xy_image_px[place]).all():
        return None
    x, y = (round(float(value), 2) for value in prediction.xy_image_px[place])
    said = {"x": x, "y": y}
    if prediction.vis3 is not None:
        said |= {f"p{flag}": round(float(p), 4) for flag, p in enumerate(prediction.vis3[place])}
        # p(v > 0) = 1 - p(v = 0)
        said["presence"] = round(1 - float(prediction.vis3[place, 0]), 4)
    for field_name, short in _SCORES.items():
        value = _number(getattr(prediction, field_name), place)
        if value is not None:
            said[short] = value
    return said


def _number(values: FloatArray | None, place: int) -> float | None:
    if values is None or not np.isfinite(values[place]):
        return None
    return round(float(values[place]), 4)
