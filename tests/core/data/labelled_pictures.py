"""Pictures with people on them, made in memory."""

from collections.abc import Sequence

import numpy as np

from core.data.pictures import LabelledPicture, PicturePeople


def some_people(
    boxes: Sequence[Sequence[float]],
    xy: Sequence[Sequence[Sequence[float]]],
    v: Sequence[Sequence[int]],
    known: Sequence[Sequence[bool]] | None = None,
) -> PicturePeople:
    """People by boxes (N, 4), places (N, K, 2), flags (N, K) and whether these are trusted."""
    visibility = np.array(v, dtype=np.int8)
    return PicturePeople(
        np.array(boxes, dtype=np.float64),
        np.array(xy, dtype=np.float64),
        visibility,
        np.ones(visibility.shape, dtype=bool) if known is None else np.array(known),
    )


def a_picture(people: PicturePeople, *, size_wh=(100, 100), shade: int = 0) -> LabelledPicture:
    """A picture of one shade."""
    photo = np.full((size_wh[1], size_wh[0], 3), shade, dtype=np.uint8)
    return LabelledPicture(lambda: photo, people)


def as_lists(people: PicturePeople) -> dict[str, list]:
    """Everything of some people, to compare it whole."""
    return {
        "boxes": people.boxes_xywh_px.round(6).tolist(),
        "xy": people.xy_px.round(6).tolist(),
        "v": people.visibility.tolist(),
        "known": people.flag_known.tolist(),
    }
