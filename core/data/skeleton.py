"""Skeletons: which keypoints a person has, how they are joined, mirrored, grouped and mapped."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

# COCO keypoint evaluation (pycocotools, Params.kpt_oks_sigmas).
COCO_NAMES = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear",
    "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
    "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle",
)  # fmt: skip
COCO_SIGMAS = dict(
    zip(
        COCO_NAMES,
        (.026, .025, .025, .035, .035, .079, .079, .072, .072, .062, .062,
         .107, .107, .087, .087, .089, .089),
        strict=True,
    )
)  # fmt: skip
DEFAULT_SIGMA = 0.079  # of keypoints COCO does not know: that of a shoulder, the median of COCO's
COCO_EDGES = (
    (15, 13), (13, 11), (16, 14), (14, 12), (11, 12), (5, 11), (6, 12), (5, 6), (5, 7), (6, 8),
    (7, 9), (8, 10), (1, 2), (0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 6),
)  # fmt: skip
_SIDE = re.compile(r"(?<![a-z])(left|right|l|r)(?![a-z])")
_WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OTHER_SIDE = {"left": "right", "right": "left", "l": "r", "r": "l"}
_HEAD = re.compile(r"nose|eye|ear|head|face|mouth|chin|neck")


@dataclass(frozen=True)
class Skeleton:
    """The keypoints of one category, in file order.

    Attributes:
        names: K keypoint names; "keypoint 1".. where the file names none.
        edges: index pairs from 0, each inside 0..K-1.
        named: False where the names were made up; then nothing may be mapped by name.
    """

    names: tuple[str, ...]
    edges: tuple[tuple[int, int], ...] = ()
    named: bool = True

    @property
    def size(self) -> int:
        """K, the number of keypoints."""
        return len(self.names)

    @cached_property
    def sigmas(self) -> NDArray[np.float64]:
        """(K,) OKS sigmas: COCO's where the name is COCO's, else `DEFAULT_SIGMA`."""
        return np.array([COCO_SIGMAS.get(name, DEFAULT_SIGMA) for name in self.names])

    @cached_property
    def flip_index(self) -> NDArray[np.int64]:
        """(K,) index of each keypoint's mirror image; itself where it has none."""
        words = [_words(name) for name in self.names]
        place = {name: k for k, name in enumerate(words)}
        mirrored = (_SIDE.sub(lambda m: _OTHER_SIDE[m[1]], name) for name in words)
        return np.array([place.get(name, k) for k, name in enumerate(mirrored)], dtype=np.int64)

    @cached_property
    def groups(self) -> dict[str, tuple[int, ...]]:
        """Keypoint indices of head, left, right and all, by name."""
        return {
            "head": tuple(k for k, name in enumerate(self.names) if _HEAD.search(name.lower())),
            "left": tuple(k for k in range(self.size) if self.side_of(k) == "left"),
            "right": tuple(k for k in range(self.size) if self.side_of(k) == "right"),
            "all": tuple(range(self.size)),
        }

    def side_of(self, keypoint: int) -> str:
        """`left`, `right` or `centre`, read from the keypoint's name."""
        found = _SIDE.search(_words(self.names[keypoint]))
        if found is None:
            return "centre"
        return "left" if found[1].startswith("l") else "right"

    def index_of(self, name: str) -> int | None:
        """The keypoint's place, or None where this skeleton does not have it."""
        return self.names.index(name) if name in self.names else None

    def places_in(self, other: "Skeleton") -> NDArray[np.int64]:
        """(K,) for each keypoint of this skeleton its index in `other`, -1 where it has none."""
        place = {name: k for k, name in enumerate(other.names)}
        return np.array([place.get(name, -1) for name in self.names], dtype=np.int64)


def _words(name: str) -> str:
    """The name in lower case with its words apart: leftEar and LEar as left_ear and l_ear."""
    return _WORD_START.sub("_", name).lower()


COCO17 = Skeleton(COCO_NAMES, COCO_EDGES)


def unnamed_skeleton(size: int) -> Skeleton:
    """A skeleton for a file that says only how many keypoints there are."""
    return Skeleton(tuple(f"keypoint {k + 1}" for k in range(size)), (), named=False)


def fitted_skeleton(skeleton: Skeleton | None, size: int) -> Skeleton:
    """The skeleton of a list of `size` keypoints: the category's, cut where the list is shorter.

    Without a category, or where the list is longer, keypoints are numbered.
    """
    if skeleton is None or skeleton.size < size:
        return unnamed_skeleton(size)
    if skeleton.size == size:
        return skeleton
    edges = tuple(edge for edge in skeleton.edges if max(edge) < size)
    return Skeleton(skeleton.names[:size], edges, named=skeleton.named)


def edges_from_coco(pairs: Sequence[Sequence[int]], size: int) -> tuple[tuple[int, int], ...]:
    """COCO's skeleton list as pairs from 0; pairs that point outside 1..size are left out.

    COCO counts from 1, also where the last keypoint has no edge, so nothing is guessed.
    CrowdPose ships COCO's edges beside 14 keypoints: those are the ones left out.
    """
    return tuple((a - 1, b - 1) for a, b in pairs if 1 <= a <= size and 1 <= b <= size)
