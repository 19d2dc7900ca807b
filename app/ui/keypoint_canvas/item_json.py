"""What the editor is told of a person, as plain JSON."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from app.workflow.relabel_item import Opinion, RelabelItem
from core.data.listing import Person
from core.data.prediction import FloatArray
from core.data.review import Label


@dataclass(frozen=True)
class PhotoFrame:
    """The photo as it is shown.

    Attributes:
        url: signed address.
        size_wh_px: of the frame the labels live in.
        note: what is wrong with the file, e.g. that it is missing; empty for nothing.
    """

    url: str
    size_wh_px: tuple[int, int]
    note: str


def item_json(item: RelabelItem, photo: PhotoFrame, *, why: str) -> dict[str, Any]:
    """One person as state.js reads it.

    Args:
        why: one line, why this person is in the queue.
    """
    width, height = photo.size_wh_px
    person = item.person
    ids = [each.annotation_id for each in item.people if not each.iscrowd or each is person]
    return {
        "dataset": item.dataset.name,
        "id": person.annotation_id,
        "title": item.image.file_name,
        "place": item.image.position + 1,
        "why": why,
        "photo": {"url": photo.url, "w": width, "h": height, "note": photo.note},
        "names": list(item.skeleton.names),
        "edges": [list(edge) for edge in item.skeleton.edges],
        "groups": {name: list(group) for name, group in item.skeleton.groups.items()},
        "box": list(person.box_xywh_px) if person.box_xywh_px else None,
        "given": [_label(label) for label in person.given],
        "current": [_label(label) for label in person.current],
        "revisions": list(person.revision),
        "reviewed": list(person.reviewed),
        "model": _model(item.opinion) if item.opinion else None,
        "persons": ids,
        "others": [_other(each) for each in item.people if each is not person],
    }


def _label(label: Label) -> list[float]:
    return [label.x_image_px, label.y_image_px, int(label.visibility)]


def _other(person: Person) -> dict[str, Any]:
    points = [
        [round(label.x_image_px, 1), round(label.y_image_px, 1), int(label.visibility)]
        for label in person.current
    ]
    return {"id": person.annotation_id, "points": points}


def _model(opinion: Opinion) -> dict[str, Any]:
    return {
        "run": opinion.run,
        "xy": [_row(xy, 2) for xy in opinion.xy_image_px],
        "p": [_row(p, 4) for p in opinion.p],
    }


def _row(values: FloatArray, digits: int) -> list[float] | None:
    if not np.isfinite(values).all():
        return None
    return [round(float(value), digits) for value in values]
