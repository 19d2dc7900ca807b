"""A keypoint dataset as arrays, beside the source file it was read from."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.data.skeleton import Skeleton


@dataclass(frozen=True)
class Category:
    """One category of the file; `skeleton` is None where it has no keypoints."""

    id: int
    name: str
    skeleton: Skeleton | None


@dataclass(frozen=True)
class Images:
    """M images in file order.

    Attributes:
        id: (M,) int64, as in the file.
        file_name: M names, untrusted: never joined to a path without `photo_path`.
        size_wh_px: (M, 2) int32; 0 where the file does not say.
    """

    id: NDArray[np.int64]
    file_name: tuple[str, ...]
    size_wh_px: NDArray[np.int32]


@dataclass(frozen=True)
class Annotations:
    """N annotations (one = one person) in file order, K = the largest skeleton of the file.

    Attributes:
        id, image_id, category_id: (N,) int64, as in the file.
        box_xywh_px: (N, 4) float64; NaN where the annotation has no box.
        area_px2: (N,) float64; NaN where missing.
        iscrowd: (N,) bool.
        num_keypoints: (N,) int64; -1 where missing.
        size: (N,) int64, keypoints this annotation has: 0 without a keypoint list, else its
            category's K.
        xy_image_px: (N, K, 2) float64, image frame; columns from `size` on are 0.
        visibility: (N, K) int8, values of `Visibility`; columns from `size` on are 0.
        span_bytes: (N, 2) int64, start and end of the annotation's object in the decompressed
            source, so that an export can patch just these bytes.
    """

    id: NDArray[np.int64]
    image_id: NDArray[np.int64]
    category_id: NDArray[np.int64]
    box_xywh_px: NDArray[np.float64]
    area_px2: NDArray[np.float64]
    iscrowd: NDArray[np.bool_]
    num_keypoints: NDArray[np.int64]
    size: NDArray[np.int64]
    xy_image_px: NDArray[np.float64]
    visibility: NDArray[np.int8]
    span_bytes: NDArray[np.int64]


@dataclass(frozen=True)
class PoseDataset:
    """Everything of a keypoint file that Halfseen works with.

    What it does not work with (licences of photos, masks, unknown keys) stays in `source`
    and comes back on export untouched.

    Attributes:
        source: the file this was read from, or None for a dataset made in memory.
        counts_labelled: True where the file's num_keypoints counts the keypoints with v > 0
            (COCO's meaning); False for another convention, which an export then leaves alone.
        info, licences: the file's own words, for display.
    """

    categories: tuple[Category, ...]
    images: Images
    annotations: Annotations
    source: Path | None = None
    counts_labelled: bool = True
    info: str = ""
    licences: tuple[str, ...] = ()

    def skeleton_of(self, category_id: int) -> Skeleton | None:
        """The skeleton of a category; None where it has no keypoints."""
        return next(c.skeleton for c in self.categories if c.id == category_id)
