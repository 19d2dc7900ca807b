"""Columns of a COCO file packed into the arrays that travel."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.data.coco_columns import AnnotationColumns
from core.data.dataset import Annotations, Category


def pack_annotations(
    columns: AnnotationColumns,
    categories: Sequence[Category],
    usable: NDArray[np.bool_],
    span_bytes: NDArray[np.int64],
) -> Annotations:
    """Annotations as (N, K) arrays, K the largest skeleton.

    Args:
        columns: N annotations.
        categories: of the file.
        usable: (N,) keypoint lists that fit their skeleton; the others are packed as none.
        span_bytes: (N, 2) place of every annotation in the source.
    """
    total = len(columns.id)
    width = max((c.skeleton.size for c in categories if c.skeleton), default=0)
    xy = np.zeros((total, width, 2))
    visibility = np.zeros((total, width), dtype=np.int8)
    lengths = np.where(usable, columns.length, 0)
    for length in np.unique(lengths[lengths > 0]).tolist():
        k = length // 3
        rows = np.flatnonzero(lengths == length)
        xyv = keypoint_lists(columns, rows, length).reshape(-1, k, 3)
        target = slice(None) if len(rows) == total else rows
        xy[target, :k] = xyv[:, :, :2]
        visibility[target, :k] = xyv[:, :, 2]
    return Annotations(
        id=columns.id,
        image_id=columns.image_id,
        category_id=columns.category_id,
        box_xywh_px=columns.box_xywh_px,
        area_px2=columns.area_px2,
        iscrowd=columns.iscrowd,
        num_keypoints=columns.num_keypoints,
        size=lengths // 3,
        xy_image_px=xy,
        visibility=visibility,
        span_bytes=span_bytes,
    )


def keypoint_lists(
    columns: AnnotationColumns, rows: NDArray[np.int64], length: int
) -> NDArray[np.float64]:
    """(n, length) numbers of the keypoint lists of rows that all have this length."""
    if len(rows) == len(columns.length):
        return columns.values.reshape(-1, length)
    first = np.cumsum(columns.length) - columns.length
    found: NDArray[np.float64] = columns.values[first[rows][:, None] + np.arange(length)]
    return found


def skeleton_sizes(columns: AnnotationColumns, categories: Sequence[Category]) -> NDArray[np.int64]:
    """(N,) keypoints of each annotation's category; 0 without a skeleton, -1 if not known."""
    sizes = np.full(len(columns.id), -1, dtype=np.int64)
    if not categories:
        return sizes
    ids = np.array([category.id for category in categories], dtype=np.int64)
    order = np.argsort(ids)
    size = np.array([c.skeleton.size if c.skeleton else 0 for c in categories])[order]
    place = np.searchsorted(ids[order], columns.category_id).clip(max=len(ids) - 1)
    found = columns.category_known & (ids[order][place] == columns.category_id)
    sizes[found] = size[place[found]]
    return sizes
