"""The visibility rule: which flag each keypoint of a drawn person truly has.

2: in the frame, and what the camera sees there is the keypoint's own body part at the keypoint's
own depth. Clothes and shoes count as the body part they cover, a hat or hair does not.
1: in the frame and hidden, yet a person could say where it is: a neighbour along the limbs
(`NEIGHBOURS`) is visible. A face keypoint on the far side of the person's own head is inferable
only just behind the rim (up to `RIM_DEG`), for COCO's annotators leave the others out as well.
0: outside the frame, or hopeless by that rule, or on a person of whom less than
`SMALLEST_AREA_PX2` is seen (COCO labels no keypoints below 32 x 32 pixels either).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.data.drawn.camera import Camera
from core.data.drawn.figure import keypoint_radii_m, keypoints_m
from core.data.drawn.parts import PARTS_PER_PERSON, Figure, Part, thing_of
from core.data.drawn.renderer import Buffers
from core.data.visibility import Visibility

FloatArray = NDArray[np.float64]
SMALLEST_AREA_PX2 = 32 * 32
RIM_DEG = 15.0
# along the limbs and across shoulders and hips; an ear also tells where the shoulder is, not
# the other way round
NEIGHBOURS: tuple[tuple[int, ...], ...] = (
    (1, 2), (0, 2, 3), (0, 1, 4), (1,), (2,),
    (3, 6, 7, 11), (4, 5, 8, 12), (5, 9), (6, 10), (7,), (8,),
    (5, 12, 13), (6, 11, 14), (11, 15), (12, 16), (13,), (14,),
)  # fmt: skip
_ARMS = ((Part.LEFT_ARM, Part.LEFT_HAND), (Part.RIGHT_ARM, Part.RIGHT_HAND))
_LEGS = ((Part.LEFT_LEG, Part.LEFT_FOOT), (Part.RIGHT_LEG, Part.RIGHT_FOOT))
OWN_PARTS: tuple[tuple[Part, ...], ...] = (
    (Part.NOSE, Part.HEAD), (Part.HEAD,), (Part.HEAD,), (Part.LEFT_EAR,), (Part.RIGHT_EAR,),
    *((Part.TORSO, arm[0]) for arm in _ARMS),
    *((arm[0],) for arm in _ARMS),
    *(arm for arm in _ARMS),
    *((Part.TORSO, Part.SKIRT, leg[0]) for leg in _LEGS),
    *((leg[0], Part.SKIRT) for leg in _LEGS),
    *(leg for leg in _LEGS),
)  # fmt: skip
_END_PARTS: Mapping[int, Part] = {
    9: Part.LEFT_HAND, 10: Part.RIGHT_HAND, 15: Part.LEFT_FOOT, 16: Part.RIGHT_FOOT,
}  # fmt: skip
# A forearm that points at the camera lies before its elbow, yet one sees where the elbow is.
_FORESHORTENED: Mapping[int, Part] = {
    7: Part.LEFT_ARM, 8: Part.RIGHT_ARM, 13: Part.LEFT_LEG, 14: Part.RIGHT_LEG,
}  # fmt: skip
_DISC_PX = (1.0, 5.0)  # smallest and largest radius of the disc looked at around a keypoint


@dataclass(frozen=True)
class SeenKeypoints:
    """The keypoints of one person as the camera has them.

    Attributes:
        xy_image_px: (17, 2), also of those outside the frame.
        visibility: (17,) int8, values of `Visibility`.
    """

    xy_image_px: FloatArray
    visibility: NDArray[np.int8]


def see_keypoints(
    figure: Figure, buffers: Buffers, camera: Camera, *, area_px2: int
) -> SeenKeypoints:
    """Decide every flag of one person, `area_px2` of whom is seen, from what was drawn."""
    points = keypoints_m(figure)
    xy, depth = camera.project(points)
    width, height = camera.size_wh_px
    in_frame = (depth > 0.1) & (xy >= 0).all(axis=1) & (xy <= (width - 1, height - 1)).all(axis=1)
    flags = np.zeros(17, np.int8)
    first = thing_of(figure.number, Part.TORSO)
    if area_px2 < SMALLEST_AREA_PX2:
        return SeenKeypoints(xy, flags)
    radii = keypoint_radii_m(figure)
    tell = _reach_table()
    visible = np.zeros(17, bool)
    for k in np.flatnonzero(in_frame):
        disc = float(np.clip(0.35 * radii[k] * camera.focal_px / depth[k], *_DISC_PX))
        things, depths = _window(buffers, xy[k], disc)
        reach = tell[k][np.clip(things.astype(np.int64) - first, -1, PARTS_PER_PERSON)]
        own = depths >= depth[k] - reach * (1.25 * radii[k] + 0.005)
        visible[k] = np.count_nonzero(own) * 2 >= things.size
    flags[visible] = Visibility.VISIBLE
    inferable = _inferable(figure, points, camera, visible)
    flags[in_frame & ~visible & inferable] = Visibility.OCCLUDED
    return SeenKeypoints(xy, flags)


def person_mask(thing: NDArray[np.uint8], person: int) -> NDArray[np.bool_]:
    """(H, W) where the person, clothes and hair and all, is seen."""
    first = thing_of(person, Part.TORSO)
    # unsigned arithmetic wraps, so one comparison asks for both ends
    return (thing - np.uint8(first)) < PARTS_PER_PERSON


def _window(
    buffers: Buffers, xy: FloatArray, disc_px: float
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Things and depths within a disc around a place in the frame."""
    height, width = buffers.thing.shape
    x, y = round(float(xy[0])), round(float(xy[1]))
    reach = int(disc_px)
    top, left = max(y - reach, 0), max(x - reach, 0)
    rows, columns = np.ogrid[top : min(y + reach + 1, height), left : min(x + reach + 1, width)]
    inside = (rows - y) ** 2 + (columns - x) ** 2 <= disc_px**2
    window = np.s_[top : top + inside.shape[0], left : left + inside.shape[1]]
    return buffers.thing[window][inside], buffers.depth_m[window][inside]


@lru_cache(maxsize=1)
def _reach_table() -> FloatArray:
    """(17, 18) how far in front of a keypoint a part may be and still show it.

    In units of the keypoint's depth in the flesh: 1 for its own parts, 2 along its own limb,
    without limit for a hand before its own wrist, never for others (the two last columns stand
    for other things).
    """
    table = np.full((17, PARTS_PER_PERSON + 2), -np.inf)
    for k, parts in enumerate(OWN_PARTS):
        table[k, [int(part) for part in parts]] = 1.0
    for k, limb in _FORESHORTENED.items():
        table[k, int(limb)] = 2.0
    for k, end in _END_PARTS.items():
        table[k, int(end)] = np.inf
    return table


def _inferable(
    figure: Figure, points: FloatArray, camera: Camera, visible: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    hint = np.array([bool(visible[list(around)].any()) for around in NEIGHBOURS])
    outwards = points[:5] - figure.bones.at_m["head"]
    outwards /= np.linalg.norm(outwards, axis=1, keepdims=True)
    view = camera.position_m - points[:5]
    view /= np.linalg.norm(view, axis=1, keepdims=True)
    behind = np.einsum("kc,kc->k", outwards, view) < -np.sin(np.radians(RIM_DEG))
    hint[:5] &= ~behind
    return hint
