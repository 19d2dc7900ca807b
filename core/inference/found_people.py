"""Whom a whole-picture network found on a photo: several looks made one, and whose box is whose."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.data.letterbox import Placement
from core.data.prediction import FloatArray
from core.models.codecs.config import GridConfig
from core.models.hybridpose.nms import surest
from core.models.hybridpose.outputs import Candidates

# IoU of a person with the box that asks for one, below which it is somebody else.
LEAST_OVERLAP = 0.3


@dataclass(frozen=True)
class FoundPeople:
    """D persons of one photo, in its pixels.

    Attributes:
        score: (D,) float32 objectness in 0..1, higher = surer.
        boxes_xywh_px: (D, 4) float32.
        xy_px: (D, K, 2) float32.
        map_score: (D, K) float32 in 0..1.
        level, anchor: (D,) int64, whose maps they come from.
    """

    score: FloatArray
    boxes_xywh_px: FloatArray
    xy_px: FloatArray
    map_score: FloatArray
    level: NDArray[np.int64]
    anchor: NDArray[np.int64]

    def __len__(self) -> int:
        """D."""
        return len(self.score)

    def chosen(self, which: NDArray[np.integer]) -> "FoundPeople":
        """Some of them, by index, in that order."""
        return FoundPeople(*(part[which] for part in self.parts))

    @property
    def parts(self) -> tuple[NDArray[np.generic], ...]:
        """All arrays, in the order of the fields."""
        return tuple(vars(self).values())


@dataclass(frozen=True)
class Look:
    """How a network looked at a photo.

    Attributes:
        placement: of the photo on the network's input.
        width_px: of that input.
        mirrored: whether the input was mirrored.
    """

    placement: Placement
    width_px: int
    mirrored: bool


def in_photo(candidates: Candidates, row: int, look: Look, swap: NDArray[np.int64]) -> FoundPeople:
    """The candidates of one picture of a batch, in the photo's pixels.

    What a mirrored look says is mirrored back, and left and right keypoints change places. Boxes
    end where the photo ends, and who is all outside is left out; keypoints stay where they are.

    Args:
        swap: (K,) index of each keypoint's mirror image.
    """
    real = candidates.score[row] >= 0
    score, xyxy, xy, map_score, level, anchor = (
        part[row][real].cpu().numpy() for part in candidates
    )
    if look.mirrored:
        xyxy = np.stack(
            [look.width_px - xyxy[:, 2], xyxy[:, 1], look.width_px - xyxy[:, 0], xyxy[:, 3]], axis=1
        )
        xy, map_score = xy[:, swap].copy(), map_score[:, swap]
        xy[..., 0] = look.width_px - 1 - xy[..., 0]
    boxes = look.placement.boxes_back(np.concatenate([xyxy[:, :2], xyxy[:, 2:] - xyxy[:, :2]], 1))
    limit = np.array(look.placement.photo_size_wh_px)
    low, high = boxes[:, :2].clip(0, limit), (boxes[:, :2] + boxes[:, 2:]).clip(0, limit)
    people = FoundPeople(
        score,
        np.concatenate([low, high - low], axis=1).astype(np.float32),
        look.placement.points_back(xy).astype(np.float32),
        map_score,
        level,
        anchor,
    )
    return people.chosen(np.flatnonzero((people.boxes_xywh_px[:, 2:] > 0).all(axis=1)))


def merged(looks: Sequence[FoundPeople], config: GridConfig) -> FoundPeople:
    """Everybody of all looks once, the surest first, by non-maximum suppression over all."""
    everybody = FoundPeople(
        *(np.concatenate(parts) for parts in zip(*(look.parts for look in looks), strict=True))
    )
    boxes = torch.from_numpy(everybody.boxes_xywh_px)
    kept = surest(
        torch.from_numpy(everybody.score),
        torch.cat([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], dim=1),
        most_overlap=config.most_overlap,
        most=config.most_people,
    )
    return everybody.chosen(kept.numpy())


def person_of_each_box(
    boxes_xywh_px: NDArray[np.floating], found: FoundPeople
) -> NDArray[np.int64]:
    """(N,) index of the person in each box, -1 where there is none; nobody is in two boxes.

    Pairs are made in the order of IoU times objectness: between a person the network is sure of
    and a hardly believed one that fits the box a little better, the box gets the former.

    Args:
        boxes_xywh_px: (N, 4).
    """
    overlap = overlaps_of(boxes_xywh_px, found.boxes_xywh_px)  # (N, D)
    fit = np.where(overlap >= LEAST_OVERLAP, overlap * found.score, 0.0)
    answer = np.full(len(boxes_xywh_px), -1, dtype=np.int64)
    while fit.size and fit.max() > 0:
        box, person = np.unravel_index(fit.argmax(), fit.shape)
        answer[box] = person
        fit[box], fit[:, person] = 0.0, 0.0
    return answer


def overlaps_of(
    a_xywh_px: NDArray[np.floating], b_xywh_px: NDArray[np.floating]
) -> NDArray[np.float64]:
    """(N, D) IoU of boxes (N, 4) with boxes (D, 4)."""
    a, b = a_xywh_px[:, None].astype(np.float64), b_xywh_px[None].astype(np.float64)
    low = np.maximum(a[..., :2], b[..., :2])
    high = np.minimum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:])
    shared = (high - low).clip(min=0).prod(axis=-1)
    either = a[..., 2:].prod(axis=-1) + b[..., 2:].prod(axis=-1) - shared
    found: NDArray[np.float64] = shared / np.maximum(either, 1e-9)
    return found
