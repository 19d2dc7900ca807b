import numpy as np
import pytest

from core.data.drawn.pose_prior import FAMILIES, LIMITS_DEG, draw_pose


@pytest.mark.parametrize("kind", FAMILIES)
def test_every_angle_stays_within_its_limits(kind):
    for seed in range(40):
        pose = draw_pose(np.random.default_rng(seed), kind)
        assert pose.angles_deg.keys() == LIMITS_DEG.keys()
        outside = [
            name
            for name, (low, high) in LIMITS_DEG.items()
            if not low <= pose.angles_deg[name] <= high
        ]
        assert outside == []


def test_every_family_is_drawn():
    rng = np.random.default_rng(0)
    assert {draw_pose(rng).kind for _ in range(600)} == set(FAMILIES)


def test_either_arm_may_be_the_one_that_waves():
    rng = np.random.default_rng(1)
    lifted = {
        max(("left", "right"), key=lambda side: pose.angles_deg[f"{side}_shoulder_abduct"])
        for pose in (draw_pose(rng, "waving") for _ in range(20))
    }
    assert lifted == {"left", "right"}
