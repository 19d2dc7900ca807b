"""Boxes of persons: which one is cut out, and which can be looked at on a photo."""

from collections.abc import Sequence

import numpy as np

from core.errors import UserError

MOST_BOXES = 100  # of one photo
LARGEST_PX = 1e6  # beyond any photo

BoxXywh = tuple[float, float, float, float]


def box_to_cut(
    own_xywh_px: BoxXywh | None, labelled_xy_px: Sequence[tuple[float, float]]
) -> BoxXywh | None:
    """What a model looks at: the person's own box, else that of the labelled points.

    None where there is neither, or where no photo can be as large.

    >>> box_to_cut(None, [(10.0, 20.0), (40.0, 20.0)])
    (10.0, 20.0, 30.0, 1.0)
    """
    if own_xywh_px is not None and min(own_xywh_px[2:]) > 0 and _can_be(own_xywh_px):
        return own_xywh_px
    if not labelled_xy_px:
        return None
    xs, ys = zip(*labelled_xy_px, strict=True)
    left, top = min(xs), min(ys)
    around = left, top, max(max(xs) - left, 1.0), max(max(ys) - top, 1.0)
    return around if _can_be(around) else None


def is_on_picture(box_xywh_px: Sequence[float], size_wh_px: tuple[int, int]) -> bool:
    """Whether the box holds a part of the picture."""
    x, y, width, height = box_xywh_px
    return x < size_wh_px[0] and y < size_wh_px[1] and x + width > 0 and y + height > 0


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
    return "" if is_on_picture(box_xywh_px, size_wh_px) else "lies outside the picture"


def _can_be(box_xywh_px: BoxXywh) -> bool:
    # A file may say 1e300; nothing is cut out there.
    return max(map(abs, box_xywh_px)) <= LARGEST_PX
