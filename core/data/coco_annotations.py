"""Columns of a COCO file packed into the arrays that travel."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.data.coco_columns import AnnotationColumns
from core.data.dataset import Annotations, Category


def pack_annotations(
    columns: AnnotationColumns, categories: Sequence[Category], span_bytes: NDArray[np.int64]
) -> Annotations:
    """Annotations as (N, K) arrays, K the largest skeleton.

    Args:
        columns: without errors: every keypoint list is as long as its category needs.
        categories: of the file.
        span_bytes: (N, 2) place of every annotation in the source.
    """
    total = len(columns.id)
    width = max((c.skeleton.size for c in categories if c.skeleton), default=0)
    xy = np.zeros((total, width, 2))
    visibility = np.zeros((total, width), dtype=np.int8)
    for k in np.unique(columns.length[columns.length > 0]) // 3:
        rows = np.flatnonzero(columns.length == 3 * k)
        xyv = keypoint_lists(columns, rows, 3 * k).reshape(-1, k, 3)
        everybody = len(rows) == total
        xy[slice(None) if everybody else rows, :k] = xyv[:, :, :2]
        visibility[slice(None) if everybody else rows, :k] = xyv[:, :, 2]
    return Annotations(
        id=columns.id,
        image_id=columns.image_id,
        category_id=columns.category_id,
        box_xywh_px=columns.box_xywh_px,
        area_px2=columns.area_px2,
        iscrowd=columns.iscrowd,
        num_keypoints=columns.num_keypoints,
        size=columns.length // 3,
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
    return columns.values[first[rows][:, None] + np.arange(length)]
