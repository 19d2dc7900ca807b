"""What the browser is told of one changed label."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from app.ui.flags import WORDS
from app.workflow.changes import ListedChange
from core.data.listing import Person
from core.data.review import Label


@dataclass(frozen=True)
class ChangeCard:
    """A changed label with the photo it is on.

    Attributes:
        photo_url: where the photo is loaded from; a grey picture where it is missing.
        size_wh_px: of the frame its labels live in.
        note: why there is no photo, or what is odd about it; empty where all is well.
    """

    dataset: str
    change: ListedChange
    person: Person
    photo_url: str
    size_wh_px: tuple[int, int]
    note: str


def card_json(card: ChangeCard) -> dict[str, Any]:
    """The card as `cards.js` takes it; every text in it is untrusted."""
    change = card.change
    address = urlencode({"dataset": card.dataset, "item": change.annotation_id})
    return {
        "href": f"relabel?{address}",
        "photo": {"url": card.photo_url, "w": card.size_wh_px[0], "h": card.size_wh_px[1]},
        "file": change.file_name,
        "note": card.note,
        "person": person_rect(card.person),
        "id": change.annotation_id,
        "keypoint": change.keypoint,
        "before": _label(change.before),
        "after": _label(change.after),
        "words": [WORDS[change.before.visibility], WORDS[change.after.visibility]],
        "who": change.annotator,
        "at": change.at.isoformat(),
        "reason": change.reason,
    }


def person_rect(person: Person) -> list[float] | None:
    """x, y, width and height round a person: its box, else its labelled keypoints; image pixels."""
    if person.box_xywh_px is not None and min(person.box_xywh_px[2:]) > 0:
        return list(person.box_xywh_px)
    labelled = [label for label in person.given if label.visibility > 0]
    if not labelled:
        return None
    xs = [label.x_image_px for label in labelled]
    ys = [label.y_image_px for label in labelled]
    return [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)]


def _label(label: Label) -> list[float]:
    return [label.x_image_px, label.y_image_px, int(label.visibility)]
