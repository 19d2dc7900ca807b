"""Boxes people draw or type: which of them can be looked at."""

from collections.abc import Sequence

import numpy as np

from core.errors import UserError

MOST_BOXES = 100  # of one photo

BoxXywh = tuple[float, float, float, float]


def checked_boxes(boxes_xywh_px: Sequence[Sequence[float]], size_wh_px: tuple[int, int]) -> None:
    """Pass when every box holds a part of the picture.

    Args:
        boxes_xywh_px: in the picture's pixels, four numbers each; may stick out of it.
        size_wh_px: of the picture.

    Raises:
        UserError: too many, or one that is no number, without area, or wholly outside.
    """
    if len(boxes_xywh_px) > MOST_BOXES:
        raise UserError(
            f"These are {len(boxes_xywh_px):,} boxes; a photo may have {MOST_BOXES}.",
            remedy="Ask for some of them at a time.",
        )
    said = [(box, _problem(box, size_wh_px)) for box in boxes_xywh_px]
    problems = [f"({', '.join(f'{n:g}' for n in box)}) {why}" for box, why in said if why]
    if problems:
        width, height = size_wh_px
        raise UserError(
            "There is nothing to look at in this box."
            if len(problems) == 1
            else "There is nothing to look at in these boxes.",
            remedy=f"A box is x, y, width, height in pixels; the picture has {width} x {height}.",
            problems=problems,
        )


def _problem(box_xywh_px: Sequence[float], size_wh_px: tuple[int, int]) -> str:
    x, y, width, height = box_xywh_px
    if not np.isfinite([x, y, width, height]).all():
        return "is not made of numbers"
    if width <= 0 or height <= 0:
        return "has no area"
    inside = x < size_wh_px[0] and y < size_wh_px[1] and x + width > 0 and y + height > 0
    return "" if inside else "lies outside the picture"
