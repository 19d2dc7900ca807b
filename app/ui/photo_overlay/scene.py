"""What the photo component is told: labels and predictions of one photo, as plain JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.data.dataset import Category
from core.data.listing import DatasetInfo, ImageInfo, Person, RunInfo
from core.data.prediction import FloatArray, Prediction
from core.data.review import Label
from core.data.skeleton import Skeleton


@dataclass(frozen=True)
class Scene:
    """One photo as it is shown.

    Attributes:
        url: signed address of the photo.
        size_wh_px: of the frame the labels live in.
        note: one line under the photo, e.g. that its file is missing; empty for none.
        run: the run whose predictions `persons` carry; None without.
    """

    dataset: DatasetInfo
    image: ImageInfo
    persons: Sequence[Person]
    url: str
    size_wh_px: tuple[int, int]
    note: str = ""
    run: RunInfo | None = None

    def for_browser(self) -> dict[str, Any]:
        """The JSON that marks.js and overlay.js read."""
        width, height = self.size_wh_px
        picture = {"id": str(self.image.id), "url": self.url, "width": width, "height": height}
        words = {"alt": f"Photo {self.image.file_name} with keypoints", "note": self.note}
        return {
            "image": picture | words,
            "persons": [self._person(place, each) for place, each in enumerate(self.persons, 1)],
            "edges": {
                str(category.id): [list(edge) for edge in category.skeleton.edges]
                for category in self.dataset.categories
                if category.skeleton is not None
            },
            "run": self.run.name if self.run else None,
            "changed": any(person.current != person.given for person in self.persons),
        }

    def _person(self, place: int, person: Person) -> dict[str, Any]:
        category = category_of(self.dataset, person)
        noun = category.name if category else "annotation"
        crowd = ", crowd" if person.iscrowd else ""
        return {
            "id": str(person.annotation_id),
            "title": f"{noun} {place}{crowd}",
            "category": str(person.category_id),
            "box": list(person.box_xywh_px) if person.box_xywh_px else None,
            "keypoints": [
                {
                    "name": name,
                    "given": _label(given),
                    "current": _label(current),
                    "predicted": predicted,
                }
                for name, given, current, predicted in zip(
                    keypoint_names(self.dataset, person),
                    person.given,
                    person.current,
                    predictions(self.dataset, person, self.run),
                    strict=True,
                )
            ],
        }


def category_of(dataset: DatasetInfo, person: Person) -> Category | None:
    """The category the person's annotation names; None where the file does not list it."""
    return next((c for c in dataset.categories if c.id == person.category_id), None)


def keypoint_names(dataset: DatasetInfo, person: Person) -> tuple[str, ...]:
    """The names of the person's keypoints, as many as it has."""
    skeleton = _skeleton(dataset, person)
    return skeleton.names[: len(person.given)] if skeleton else ()


def predictions(
    dataset: DatasetInfo, person: Person, run: RunInfo | None
) -> list[dict[str, Any] | None]:
    """What the run says of each of the person's keypoints; None where it says nothing."""
    names = keypoint_names(dataset, person)
    skeleton = _skeleton(dataset, person)
    if run is None or person.prediction is None or skeleton is None or not skeleton.named:
        return [None] * len(names)
    places = Skeleton(names).places_in(Skeleton(run.keypoint_names))
    return [_prediction(person.prediction, int(place)) for place in places]


def _skeleton(dataset: DatasetInfo, person: Person) -> Skeleton | None:
    category = category_of(dataset, person)
    return category.skeleton if category else None


def _label(label: Label) -> list[float]:
    return [label.x_image_px, label.y_image_px, int(label.visibility)]


def _prediction(prediction: Prediction, place: int) -> dict[str, Any] | None:
    if place < 0 or not np.isfinite(prediction.xy_image_px[place]).all():
        return None
    x, y = (round(float(value), 2) for value in prediction.xy_image_px[place])
    vis3 = None if prediction.vis3 is None else prediction.vis3[place]
    return {
        "x": x,
        "y": y,
        "p": None if vis3 is None else [round(float(p), 4) for p in vis3],
        "presence": _presence(prediction, place),
        "heat": _number(prediction.heat_score, place),
    }


def _presence(prediction: Prediction, place: int) -> float | None:
    if prediction.presence is not None:
        return _number(prediction.presence, place)
    # p(v > 0) = 1 - p(v = 0)
    return None if prediction.vis3 is None else round(1 - float(prediction.vis3[place, 0]), 4)


def _number(values: FloatArray | None, place: int) -> float | None:
    if values is None or not np.isfinite(values[place]):
        return None
    return round(float(values[place]), 4)
