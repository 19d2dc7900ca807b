"""What the editor is told of photos, persons and the queue, as plain JSON."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.ui.flags import WORDS
from app.workflow.queue import QueueEntry
from app.workflow.relabel_item import Opinion, RelabelItem
from core.data.listing import Person
from core.data.prediction import FloatArray
from core.data.review import Held, Label, LoggedStep, StepChange, Verdict

MOST_HISTORY = 20  # verdicts told of one keypoint, the latest


@dataclass(frozen=True)
class PhotoFrame:
    """The photo as it is shown.

    Attributes:
        url: signed address.
        thumb_url: of a small one.
        size_wh_px: of the frame the labels live in.
        note: what is wrong with the file, e.g. that it is missing; empty for nothing.
    """

    url: str
    thumb_url: str
    size_wh_px: tuple[int, int]
    note: str


def photo_json(item: RelabelItem, photo: PhotoFrame) -> dict[str, Any]:
    """The photo of an item with everybody on it."""
    width, height = photo.size_wh_px
    return {
        "url": photo.url,
        "thumb": photo.thumb_url,
        "w": width,
        "h": height,
        "note": photo.note,
        "title": item.image.file_name,
        "place": item.image.position + 1,
        "total": item.dataset.num_images,
        "people": [_on_photo(person) for person in item.people],
    }


def item_json(item: RelabelItem, *, why: str, held_by: str | None) -> dict[str, Any]:
    """One person as the editor opens it.

    Args:
        why: one line, why this person is in the queue.
        held_by: who else is at work on it.
    """
    person = item.person
    return {
        "dataset": item.dataset.name,
        "id": person.annotation_id,
        "image": item.image.id,
        "why": why,
        "names": list(item.skeleton.names),
        "edges": [list(edge) for edge in item.skeleton.edges],
        "groups": {name: list(group) for name, group in item.skeleton.groups.items()},
        "box": list(person.box_xywh_px) if person.box_xywh_px else None,
        "given": [_label(label) for label in person.given],
        "current": [_label(label) for label in person.current],
        "revisions": list(person.revision),
        "reviewed": list(person.reviewed),
        "unsure": [held.unsure for held in person.held],
        "steps": [held.step for held in person.held],
        "history": [_history(verdicts) for verdicts in person.history],
        "model": _model(item.opinion) if item.opinion else None,
        "held_by": held_by,
    }


def entry_json(entry: QueueEntry, *, unit_is_keypoint: bool, why: str) -> dict[str, Any]:
    """One place of the queue."""
    return {
        "id": entry.annotation_id,
        "image": entry.image_id,
        "keypoint": entry.keypoint if unit_is_keypoint else None,
        "why": why,
    }


def why_in_queue(entry: QueueEntry, names: Sequence[str], run: str | None) -> str:
    """One line of text: what makes somebody look at this."""
    k = entry.keypoint
    if k is None or k >= len(names):
        return "In the order of the file"
    name = names[k].replace("_", " ")
    given = "" if entry.given is None else f": given {WORDS[entry.given]}"
    if entry.suspicion is None or run is None:
        return f"{name}{given}"
    said = "" if entry.suggested is None else f", {run} says {WORDS[entry.suggested]}"
    return f"{name}{given}{said} (suspicion {entry.suspicion:.2f})"


def step_json(logged: LoggedStep) -> dict[str, Any]:
    """One step that can be undone or redone."""
    return {
        "step": logged.step,
        "item": logged.annotation_id,
        "changes": [_change(change) for change in logged.changes],
    }


def steps_json(steps: Iterable[LoggedStep]) -> list[dict[str, Any]]:
    """Steps in their order."""
    return [step_json(step) for step in steps]


def _change(change: StepChange) -> dict[str, Any]:
    return {
        "keypoint": change.keypoint,
        "before": _held(change.before),
        "after": _held(change.after),
    }


def _held(held: Held) -> dict[str, Any]:
    x, y, v = _label(held.label)
    return {
        "x": x, "y": y, "v": v,
        "reviewed": held.reviewed, "unsure": held.unsure, "step": held.step,
    }  # fmt: skip


def _label(label: Label) -> list[float]:
    return [label.x_image_px, label.y_image_px, int(label.visibility)]


def _history(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    return [
        {
            "by": verdict.annotator,
            "at": verdict.at.isoformat(),
            "kind": verdict.kind.value,
            "from": int(verdict.before.visibility),
            "to": int(verdict.after.visibility),
            "moved": _place(verdict.before) != _place(verdict.after),
            "reason": verdict.reason,
        }
        for verdict in verdicts[-MOST_HISTORY:]
    ]


def _place(label: Label) -> tuple[float, float]:
    return label.x_image_px, label.y_image_px


def _on_photo(person: Person) -> dict[str, Any]:
    points = [
        [round(label.x_image_px, 1), round(label.y_image_px, 1), int(label.visibility)]
        for label in person.current
    ]
    return {"id": person.annotation_id, "crowd": person.iscrowd, "points": points}


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
