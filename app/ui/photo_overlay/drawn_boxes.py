"""Boxes drawn by hand on a photo: the browser sends the whole list, nothing of it is trusted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.data.boxes import BoxXywh, checked_boxes
from core.errors import UserError

MOST_BOXES = 20  # as in boxes.js
_LARGEST_NUMBER = 2**53
_ID = re.compile(r"b[0-9]{1,9}")
_NOT_OURS = UserError("The boxes sent by the browser cannot be read.", remedy="Reload the page.")


@dataclass(frozen=True)
class DrawnBoxes:
    """The boxes of one photo.

    Attributes:
        seq: the browser's number of this list; it keeps a newer one of its own.
        whole: whether the whole picture is looked at as well (uploads).
        boxes: by id, in the order they were drawn; inside the photo.
    """

    seq: int = 0
    whole: bool = True
    boxes: tuple[tuple[str, BoxXywh], ...] = ()

    def for_browser(self) -> dict[str, Any]:
        """The JSON that boxes.js reads."""
        listed = [{"id": box_id, "box": list(box)} for box_id, box in self.boxes]
        return {"seq": self.seq, "whole": self.whole, "list": listed}


NO_BOXES = DrawnBoxes()


def read_boxes(
    said: Mapping[str, Any], before: DrawnBoxes, size_wh_px: tuple[int, int]
) -> tuple[DrawnBoxes, UserError | None]:
    """Take in a message of the browser.

    Returns:
        The boxes to hold, and why the message was refused. What is refused leaves the boxes as
        they were, under the message's number, so that the browser shows them again.
    """
    seq = said.get("seq")
    if not isinstance(seq, int) or not 0 <= seq < _LARGEST_NUMBER:
        return before, _NOT_OURS
    try:
        return DrawnBoxes(seq, bool(said.get("whole")), _boxes(said, size_wh_px)), None
    except UserError as error:
        return replace(before, seq=seq), error


def _boxes(said: Mapping[str, Any], size_wh_px: tuple[int, int]) -> tuple[tuple[str, BoxXywh], ...]:
    listed = said.get("boxes")
    if not isinstance(listed, list) or not all(_is_box(each) for each in listed):
        raise _NOT_OURS
    if len(listed) > MOST_BOXES:
        raise UserError(f"These are {len(listed)} boxes; {MOST_BOXES} can be drawn on a photo.")
    if len({each["id"] for each in listed}) < len(listed):
        raise _NOT_OURS
    checked_boxes([each["box"] for each in listed], size_wh_px)
    return tuple((each["id"], _inside(each["box"], size_wh_px)) for each in listed)


def _is_box(said: Any) -> bool:
    if not isinstance(said, Mapping):
        return False
    box_id, box = said.get("id"), said.get("box")
    if not isinstance(box_id, str) or not _ID.fullmatch(box_id):
        return False
    return (
        isinstance(box, list)
        and len(box) == 4
        and all(type(number) in (int, float) and abs(number) < _LARGEST_NUMBER for number in box)
    )


def _inside(box_xywh_px: list[float], size_wh_px: tuple[int, int]) -> BoxXywh:
    """The part of the box that lies on the photo."""
    x, y, width, height = (float(number) for number in box_xywh_px)
    left, top = max(x, 0.0), max(y, 0.0)
    right, bottom = min(x + width, size_wh_px[0]), min(y + height, size_wh_px[1])
    return (left, top, right - left, bottom - top)
