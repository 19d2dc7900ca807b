"""What the overlay is told: one photo, its persons, and what can be asked about it, as JSON."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.ui.photo_overlay.drawn_boxes import NO_BOXES, DrawnBoxes
from app.ui.photo_overlay.shown_person import ShownPerson
from app.workflow.interactive import HeatMapImage
from core.data.review import Label


@dataclass(frozen=True)
class PhotoFrame:
    """The photo as it is shown.

    Attributes:
        key: unlike every other photo's.
        url: signed address, of a size for screens.
        near_url: of one to zoom into; empty where the photo is not larger.
        size_wh_px: of the frame that labels and boxes live in.
        alt: what it is, for who cannot see it.
        note: one line under the photo, e.g. that its file is missing; empty for none.
    """

    key: str
    url: str
    size_wh_px: tuple[int, int]
    alt: str
    note: str = ""
    near_url: str = ""


@dataclass(frozen=True)
class HeatAnswer:
    """The heat maps of one person, or why there are none."""

    person: str
    maps: HeatMapImage | None
    problem: str = ""


@dataclass(frozen=True)
class Scene:
    """One photo with everybody on it.

    Attributes:
        said_by: whose predictions are looked at, a run's or a model's name; empty for the labels
            alone.
        model: that is asked about boxes and heat maps; empty where there is none to ask.
        boxes: drawn by hand, as last taken in.
        heat: of the person somebody asked for.
        nobody: what to say where there is no person.
    """

    photo: PhotoFrame
    persons: Sequence[ShownPerson]
    said_by: str = ""
    model: str = ""
    boxes: DrawnBoxes = NO_BOXES
    heat: HeatAnswer | None = None
    nobody: str = "No person is labelled here."

    def for_browser(self) -> dict[str, Any]:
        """The JSON that overlay.js reads."""
        width, height = self.photo.size_wh_px
        image = {"url": self.photo.url, "near": self.photo.near_url or None}
        words = {"alt": self.photo.alt, "note": self.photo.note}
        return {
            "photo": self.photo.key,
            "image": image | {"width": width, "height": height} | words,
            "persons": [_person(person) for person in self.persons],
            "changed": any(person.current != person.given for person in self.persons),
            "said_by": self.said_by or None,
            "model": self.model or None,
            "boxes": self.boxes.for_browser(),
            "heat": _heat(self.heat) if self.heat else None,
            "nobody": self.nobody,
        }


def _person(person: ShownPerson) -> dict[str, Any]:
    return {
        "id": person.id,
        "title": person.title,
        "about": person.about,
        "box": list(person.box_xywh_px) if person.box_xywh_px else None,
        "drawn": person.drawn,
        "silence": person.silence,
        "edges": [list(edge) for edge in person.edges],
        "pose": {name: round(value, 4) for name, value in person.pose_scores.items()},
        "keypoints": [
            {
                "name": name,
                "given": _label(person.given, k),
                "current": _label(person.current, k),
                "said": dict(said) if said else None,
            }
            for k, (name, said) in enumerate(zip(person.names, person.said, strict=True))
        ],
    }


def _label(labels: Sequence[Label], k: int) -> list[float] | None:
    if not labels:
        return None
    return [labels[k].x_image_px, labels[k].y_image_px, int(labels[k].visibility)]


def _heat(answer: HeatAnswer) -> dict[str, Any]:
    maps = answer.maps
    if maps is None:
        return {"person": answer.person, "problem": answer.problem}
    return {
        "person": answer.person,
        "url": f"data:image/png;base64,{base64.b64encode(maps.png).decode()}",
        "size": list(maps.size_wh_px),
        "matrix": maps.map_to_image.round(4).tolist(),
        "peaks": [round(value, 4) for value in maps.maxima],
        "names": list(maps.keypoint_names),
    }
