"""Whole pictures with all their persons, and which of them a view of a picture shows.

Flags follow the picture, by the rule of `core.data.augment`: a keypoint that is not on the view any
more is UNLABELLED, and that is known; one whose place was never labelled keeps its flag, and
whether that flag is trusted.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.letterbox import Placement
from core.data.skeleton import Skeleton
from core.data.visibility import Visibility

LEAST_PART = 0.1  # of a person's box that has to be left on a view; YOLOv5's
LEAST_SIDE_PX = 2.0  # of what is left; YOLOv5's

Part = tuple[int, int, int, int]  # edges on a canvas: left, top, right, bottom


@dataclass(frozen=True)
class PicturePeople:
    """The N persons of one picture.

    Attributes:
        boxes_xywh_px: (N, 4) float64.
        xy_px: (N, K, 2) float64.
        visibility: (N, K) int8, values of `Visibility`.
        flag_known: (N, K) bool; False where the flag is not to be learned from.
    """

    boxes_xywh_px: NDArray[np.float64]
    xy_px: NDArray[np.float64]
    visibility: NDArray[np.int8]
    flag_known: NDArray[np.bool_]

    def __len__(self) -> int:
        """N."""
        return len(self.boxes_xywh_px)

    def chosen(self, which: NDArray[np.bool_]) -> "PicturePeople":
        """Some of them, by a mask (N,)."""
        return PicturePeople(
            self.boxes_xywh_px[which],
            self.xy_px[which],
            self.visibility[which],
            self.flag_known[which],
        )


@dataclass(frozen=True)
class LabelledPicture:
    """A picture to learn from.

    Attributes:
        read: gives the photo, (H, W, 3) uint8 BGR; called for every view, so that photos need not
            all be in memory.
        people: its persons, in the photo's pixels.
    """

    read: Callable[[], NDArray[np.uint8]]
    people: PicturePeople


@dataclass(frozen=True)
class PictureView:
    """One training example.

    Attributes:
        picture_bgr: (H, W, 3) uint8.
        people: in its pixels; a place is known where the flag is above UNLABELLED, and then it is
            on the view.
    """

    picture_bgr: NDArray[np.uint8]
    people: PicturePeople


def people_on(people: PicturePeople, placement: Placement, part_xyxy_px: Part) -> PicturePeople:
    """The persons of a photo that a part of the canvas shows, in canvas pixels.

    Boxes end where the part ends. Persons of whom hardly anything is left do not come back.
    """
    left_top, right_bottom = np.array(part_xyxy_px[:2]), np.array(part_xyxy_px[2:])
    boxes, xy = placement.boxes_on(people.boxes_xywh_px), placement.points_on(people.xy_px)
    labelled = people.visibility > Visibility.UNLABELLED
    # Pixel centres are whole numbers, edges of parts are not.
    inside = ((xy >= left_top - 0.5) & (xy < right_bottom - 0.5)).all(axis=-1)
    lost = labelled & ~inside
    low = np.clip(boxes[:, :2], left_top, right_bottom)
    high = np.clip(boxes[:, :2] + boxes[:, 2:], left_top, right_bottom)
    left = high - low
    moved = PicturePeople(
        np.concatenate([low, left], axis=1),
        xy,
        np.where(lost, Visibility.UNLABELLED, people.visibility).astype(np.int8),
        people.flag_known | lost,
    )
    enough = left.prod(axis=1) >= LEAST_PART * boxes[:, 2:].prod(axis=1)
    return moved.chosen((left >= LEAST_SIDE_PX).all(axis=1) & enough)


def flipped(view: PictureView, skeleton: Skeleton) -> PictureView:
    """The mirror image; left and right keypoints change places, with all that belongs to them."""
    swap, width = skeleton.flip_index, view.picture_bgr.shape[1]
    people = view.people
    boxes, xy = people.boxes_xywh_px.copy(), people.xy_px[:, swap].copy()
    boxes[:, 0] = width - boxes[:, 0] - boxes[:, 2]
    xy[..., 0] = width - 1 - xy[..., 0]
    return PictureView(
        np.ascontiguousarray(view.picture_bgr[:, ::-1]),
        PicturePeople(boxes, xy, people.visibility[:, swap], people.flag_known[:, swap]),
    )
