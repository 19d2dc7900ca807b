"""The ternary visibility flag."""

from enum import IntEnum


class Visibility(IntEnum):
    """COCO's visibility flag of a keypoint. Never a bool, never clamped."""

    UNLABELLED = 0  # "not labelled": no place known; x = y = 0 in COCO's own files
    OCCLUDED = 1  # "hidden": yet one can tell where it is; keeps its coordinates
    VISIBLE = 2
