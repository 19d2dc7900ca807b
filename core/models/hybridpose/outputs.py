"""What a HybridPose says of whole pictures, before and after its codec reads it."""

from typing import NamedTuple

from torch import Tensor


class LevelOutput(NamedTuple):
    """One level of the pyramid, h x w cells, A anchors in each; all before the sigmoid.

    Attributes:
        cells: (B, A, 5 + 2K, h, w): box x, y, w, h, objectness, then x, y of each keypoint.
        maps: (B, A, K, h, w) visibility maps.
    """

    cells: Tensor
    maps: Tensor


class GridOutput(NamedTuple):
    """What the network says: its levels from fine to coarse, strides 8, 16, 32, 64."""

    levels: tuple[LevelOutput, ...]


class Candidates(NamedTuple):
    """Persons that may be on each picture, M per picture, the surest first; input frame.

    Box edges: the input's corner is (0, 0). Keypoints: the centre of its first pixel is (0, 0).

    Attributes:
        score: (B, M) objectness in 0..1, higher = surer; -1 fills up pictures with fewer.
        boxes_xyxy_px: (B, M, 4).
        xy_px: (B, M, K, 2).
        map_score: (B, M, K) in 0..1, the visibility map at the keypoint, 0 off the picture.
        level, anchor: (B, M) int64, whose cell and maps they come from.
    """

    score: Tensor
    boxes_xyxy_px: Tensor
    xy_px: Tensor
    map_score: Tensor
    level: Tensor
    anchor: Tensor
