from itertools import pairwise

import numpy as np
import pytest

from core.data.drawn.body import FOREARM, SHANK, THIGH, UPPER_ARM, draw_build, place_bones
from core.data.drawn.pose_prior import FAMILIES, LIMITS_DEG, Pose, draw_pose

ELBOW, KNEE = ("shoulder", "elbow", "wrist"), ("hip", "knee", "ankle")


def bones_of(seed, kind=None):
    rng = np.random.default_rng(seed)
    build, pose = draw_build(rng), draw_pose(rng, kind)
    return build, pose, place_bones(build, pose, yaw_deg=float(rng.uniform(-180, 180)))


def bend_deg(bones, side, names):
    upper, middle, lower = (bones.at_m[f"{side}_{name}"] for name in names)
    first, second = middle - upper, lower - middle
    cosine = first @ second / np.linalg.norm(first) / np.linalg.norm(second)
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


@pytest.mark.parametrize("seed", range(12))
def test_limbs_keep_their_length_and_bend_as_asked(seed):
    build, pose, bones = bones_of(seed)
    for side in ("left", "right"):
        for names, lengths in ((ELBOW, (UPPER_ARM, FOREARM)), (KNEE, (THIGH, SHANK))):
            ends = [bones.at_m[f"{side}_{name}"] for name in names]
            found = [np.linalg.norm(b - a) for a, b in pairwise(ends)]
            assert found == pytest.approx([build.height_m * share for share in lengths])
            asked = pose.angles_deg[f"{side}_{names[1]}"]
            assert bend_deg(bones, side, names) == pytest.approx(asked, abs=1e-4)


def test_knees_bend_backwards_and_elbows_forwards():
    bent = dict.fromkeys(LIMITS_DEG, 0.0) | {"left_knee": 60.0, "left_elbow": 60.0}
    build, _, _ = bones_of(0)
    at = place_bones(build, Pose("by hand", bent), yaw_deg=0.0).at_m
    assert at["left_ankle"][2] < at["left_knee"][2]
    assert at["left_wrist"][2] > at["left_elbow"][2]


@pytest.mark.parametrize(
    "kind", [name for name, family in FAMILIES.items() if family.seat == "feet"]
)
def test_a_body_stands_on_the_floor(kind):
    for seed in range(5):
        _, _, bones = bones_of(seed, kind)
        soles = [
            bones.at_m[f"{side}_{end}"][1] for side in ("left", "right") for end in ("toe", "heel")
        ]
        assert min(soles) == pytest.approx(0.0, abs=1e-9)


def test_builds_are_those_of_children_and_grown_ups():
    rng = np.random.default_rng(5)
    builds = [draw_build(rng) for _ in range(300)]
    children = [build for build in builds if build.child]
    assert 25 < len(children) < 80
    assert all(0.9 < build.height_m < 1.5 for build in children)
    assert all(1.45 < build.height_m < 2.05 for build in builds if not build.child)
