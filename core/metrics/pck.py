"""PCK: the share of keypoints found near their label."""

import numpy as np
from numpy.typing import NDArray


def found_keypoints(
    xy_px: NDArray[np.floating],
    label_xy_px: NDArray[np.floating],
    visibility: NDArray[np.integer],
    side_px: NDArray[np.floating],
    *,
    tolerance: float = 0.1,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which labelled keypoints lie within `tolerance` box sides of their label.

    Args:
        xy_px: (N, K, 2) predicted; NaN counts as not found.
        label_xy_px: (N, K, 2).
        visibility: (N, K); keypoints with v > 0 count.
        side_px: (N,) the side distances are measured in.
        tolerance: in sides; a distance equal to it counts as found.

    Returns:
        found (N, K) and counted (N, K); PCK is found.sum() / counted.sum().

    >>> xy, label = np.array([[[0.0, 0], [9, 0]]]), np.array([[[0.0, 9], [20, 0]]])
    >>> found_keypoints(xy, label, np.array([[2, 1]]), np.array([100.0]))[0].tolist()
    [[True, False]]
    """
    counted = visibility > 0
    off_px = np.linalg.norm(np.asarray(xy_px) - label_xy_px, axis=-1)
    found: NDArray[np.bool_] = counted & (off_px <= tolerance * side_px[:, None])
    return found, counted


def crop_side_px(
    box_xywh_px: NDArray[np.floating], crop_size_wh_px: tuple[int, int]
) -> NDArray[np.float64]:
    """(N,) the crop's height over its padding: the box's height, or more for a wide box."""
    box = np.asarray(box_xywh_px, dtype=np.float64)
    return np.maximum(box[:, 3], box[:, 2] * crop_size_wh_px[1] / crop_size_wh_px[0])
