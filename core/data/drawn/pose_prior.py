"""The pose prior: kinds of poses people take, as angles of a skeleton with limits.

All angles are degrees from standing upright with hanging arms. Flexion lifts a limb forwards,
abduction sideways away from the body, twist turns it inwards about its own length.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

# Active ranges of a healthy adult, rounded (AAOS, "Joint Motion: Method of Measuring and
# Recording", 1965); the spine is the sum over its parts.
_TRUNK_LIMITS = {
    "root_pitch": (-40.0, 70.0),  # of the pelvis against upright, forwards positive
    "root_roll": (-15.0, 15.0),
    "spine_bend": (-25.0, 75.0),
    "spine_side": (-30.0, 30.0),
    "spine_twist": (-40.0, 40.0),
    "neck_pitch": (-45.0, 45.0),
    "neck_yaw": (-70.0, 70.0),
    "neck_roll": (-35.0, 35.0),
}
_SIDE_LIMITS = {
    "shoulder_flex": (-50.0, 175.0),
    "shoulder_abduct": (-5.0, 165.0),
    "shoulder_twist": (-70.0, 80.0),
    "elbow": (0.0, 145.0),
    "wrist": (-45.0, 45.0),
    "hip_flex": (-20.0, 120.0),
    "hip_abduct": (-15.0, 45.0),
    "hip_twist": (-35.0, 40.0),
    "knee": (0.0, 140.0),
    "ankle": (-40.0, 25.0),  # toes up positive
}
LIMITS_DEG: Mapping[str, tuple[float, float]] = {
    **_TRUNK_LIMITS,
    **{f"{side}_{name}": span for side in ("left", "right") for name, span in _SIDE_LIMITS.items()},
}
Angles = dict[str, float]


@dataclass(frozen=True)
class Pose:
    """One pose.

    Attributes:
        kind: name of the family in `FAMILIES` it was drawn from.
        angles_deg: every angle of `LIMITS_DEG`, inside its limits.
        seat: what carries the body: "feet", "chair", "floor", "car" or "bicycle".
    """

    kind: str
    angles_deg: Mapping[str, float]
    seat: str = "feet"


def _arms(**both: float) -> Angles:
    return {f"{side}_{name}": angle for side in ("left", "right") for name, angle in both.items()}


def _hanging(rng: Generator) -> Angles:
    return _arms(shoulder_abduct=9, elbow=14, shoulder_twist=15) | {
        "left_shoulder_flex": rng.normal(0, 8),
        "right_shoulder_flex": rng.normal(0, 8),
    }


def _standing(rng: Generator) -> Angles:
    return _hanging(rng) | _arms(hip_abduct=rng.uniform(2, 9), knee=4)


def _contrapposto(rng: Generator) -> Angles:
    bent = rng.uniform(12, 30)
    return _standing(rng) | {
        "root_roll": 5,
        "spine_side": -7,
        "left_knee": bent,
        "left_hip_flex": bent * 0.7,
        "left_hip_abduct": 9,
    }


def _walking(rng: Generator) -> Angles:
    stride = rng.uniform(14, 30)
    return {
        "left_hip_flex": stride,
        "left_knee": rng.uniform(3, 20),
        "right_hip_flex": -stride * 0.55,
        "right_knee": rng.uniform(8, 45),
        "left_shoulder_flex": -stride * 0.9,
        "right_shoulder_flex": stride * 0.9,
        "left_elbow": rng.uniform(8, 25),
        "right_elbow": rng.uniform(15, 45),
        "spine_twist": stride * 0.25,
        "right_ankle": -12,
    } | _arms(shoulder_abduct=8)


def _running(rng: Generator) -> Angles:
    stride = rng.uniform(40, 70)
    return {
        "root_pitch": 10,
        "left_hip_flex": stride,
        "left_knee": rng.uniform(45, 95),
        "right_hip_flex": -12,
        "right_knee": rng.uniform(15, 90),
        "left_shoulder_flex": -38,
        "right_shoulder_flex": 42,
        "spine_twist": 14,
        "right_ankle": -28,
    } | _arms(elbow=rng.uniform(75, 105), shoulder_abduct=14, shoulder_twist=18)


def _sitting(rng: Generator) -> Angles:
    hands = rng.uniform(0, 1)
    return (
        _arms(hip_flex=rng.uniform(78, 92), knee=rng.uniform(70, 100), hip_abduct=9)
        | _arms(shoulder_flex=18 + 22 * hands, shoulder_twist=25, shoulder_abduct=10)
        | _arms(elbow=rng.uniform(35, 85))
        | {"root_pitch": rng.uniform(-12, 6), "spine_bend": rng.uniform(-2, 22)}
    )


def _legs_crossed(rng: Generator) -> Angles:
    return _sitting(rng) | {"left_hip_flex": 104, "left_hip_abduct": -13, "left_knee": 74}


def _driving(rng: Generator) -> Angles:
    return (
        _arms(hip_flex=88, knee=58, hip_abduct=10)
        | _arms(shoulder_flex=rng.uniform(45, 68), elbow=rng.uniform(25, 60), shoulder_abduct=8)
        | _arms(shoulder_twist=20)
        | {"root_pitch": -16, "spine_bend": 8}
    )


def _riding(rng: Generator) -> Angles:
    pedal = rng.uniform(-22, 22)
    return (
        _arms(shoulder_flex=74, elbow=24, shoulder_abduct=12, hip_abduct=5)
        | {"left_hip_flex": 78 + pedal, "right_hip_flex": 78 - pedal}
        | {"left_knee": 66 + pedal, "right_knee": 66 - pedal}
        | {"root_pitch": 24, "spine_bend": rng.uniform(8, 24), "neck_pitch": -24}
    )


def _arms_raised(rng: Generator) -> Angles:
    return _standing(rng) | _arms(
        shoulder_flex=rng.uniform(-5, 60),
        shoulder_abduct=rng.uniform(95, 160),
        elbow=rng.uniform(5, 70),
        shoulder_twist=0,
    )


def _waving(rng: Generator) -> Angles:
    return _standing(rng) | {
        "left_shoulder_flex": 20,
        "left_shoulder_abduct": rng.uniform(85, 130),
        "left_elbow": rng.uniform(40, 110),
        "left_shoulder_twist": -55,
    }


def _pointing(rng: Generator) -> Angles:
    return _standing(rng) | {
        "left_shoulder_flex": rng.uniform(65, 110),
        "left_shoulder_abduct": rng.uniform(0, 60),
        "left_elbow": rng.uniform(0, 20),
    }


def _hands_on_hips(rng: Generator) -> Angles:
    return _standing(rng) | _arms(
        shoulder_flex=-18, shoulder_abduct=42, shoulder_twist=52, elbow=rng.uniform(95, 112)
    )


def _arms_crossed(rng: Generator) -> Angles:
    return _standing(rng) | _arms(
        shoulder_flex=28, shoulder_abduct=8, shoulder_twist=64, elbow=rng.uniform(96, 112)
    )


def _hands_behind(rng: Generator) -> Angles:
    return _standing(rng) | _arms(
        shoulder_flex=-38, shoulder_abduct=12, shoulder_twist=70, elbow=rng.uniform(35, 60)
    )


def _phone(rng: Generator) -> Angles:
    return _standing(rng) | {
        "left_shoulder_flex": rng.uniform(25, 45),
        "left_elbow": rng.uniform(85, 115),
        "left_shoulder_twist": 22,
        "neck_pitch": rng.uniform(10, 32),
    }


def _carrying(rng: Generator) -> Angles:
    return _standing(rng) | _arms(
        shoulder_flex=rng.uniform(12, 35), elbow=rng.uniform(65, 95), shoulder_twist=16
    )


def _bending(rng: Generator) -> Angles:
    lean = rng.uniform(20, 62)
    return (
        _arms(hip_flex=lean * 0.95, knee=rng.uniform(5, 32), hip_abduct=7)
        | _arms(shoulder_flex=rng.uniform(35, 90), elbow=rng.uniform(5, 45))
        | {"root_pitch": lean, "spine_bend": rng.uniform(10, 42), "neck_pitch": -12}
    )


def _crouching(rng: Generator) -> Angles:
    return (
        _arms(hip_flex=rng.uniform(100, 116), knee=rng.uniform(112, 132), hip_abduct=16, ankle=22)
        | _arms(shoulder_flex=rng.uniform(35, 75), elbow=rng.uniform(20, 80), shoulder_twist=15)
        | {"root_pitch": 26, "spine_bend": 22, "neck_pitch": -22}
    )


def _on_the_floor(rng: Generator) -> Angles:
    return (
        _arms(hip_flex=rng.uniform(88, 112), knee=rng.uniform(20, 105), hip_abduct=12)
        | _arms(shoulder_flex=rng.uniform(-35, 45), elbow=rng.uniform(10, 60), shoulder_abduct=16)
        | {"root_pitch": -8, "spine_bend": rng.uniform(5, 28)}
    )


def _kicking(rng: Generator) -> Angles:
    return _hanging(rng) | {
        "left_hip_flex": rng.uniform(35, 80),
        "left_knee": rng.uniform(5, 50),
        "right_knee": 14,
        "root_pitch": -10,
        "left_shoulder_abduct": 35,
        "right_shoulder_abduct": 50,
        "right_shoulder_flex": 30,
    }


@dataclass(frozen=True)
class Family:
    """One kind of pose: its mean angles, how often it is drawn and what carries the body."""

    angles: Callable[[Generator], Angles]
    weight: float
    seat: str = "feet"


FAMILIES: Mapping[str, Family] = {
    "standing": Family(_standing, 14),
    "contrapposto": Family(_contrapposto, 10),
    "walking": Family(_walking, 12),
    "running": Family(_running, 6),
    "sitting": Family(_sitting, 10, "chair"),
    "legs_crossed": Family(_legs_crossed, 4, "chair"),
    "driving": Family(_driving, 3, "car"),
    "riding": Family(_riding, 3, "bicycle"),
    "arms_raised": Family(_arms_raised, 5),
    "waving": Family(_waving, 4),
    "pointing": Family(_pointing, 4),
    "hands_on_hips": Family(_hands_on_hips, 4),
    "arms_crossed": Family(_arms_crossed, 5),
    "hands_behind": Family(_hands_behind, 3),
    "phone": Family(_phone, 6),
    "carrying": Family(_carrying, 4),
    "bending": Family(_bending, 4),
    "crouching": Family(_crouching, 4),
    "on_the_floor": Family(_on_the_floor, 3, "floor"),
    "kicking": Family(_kicking, 3),
}
STRIDING = ("running", "riding", "crouching", "on_the_floor", "kicking")  # no skirts: legs apart
_FREE_FEET = ("walking", "running", "riding", "driving", "on_the_floor", "legs_crossed", "kicking")
# How far people differ within one family, degrees: one standard deviation.
_SPREAD_DEG = {"root": 3.0, "spine": 5.0, "neck": 11.0, "shoulder": 9.0, "elbow": 10.0,
               "wrist": 16.0, "hip": 4.0, "knee": 6.0, "ankle": 6.0}  # fmt: skip


def draw_pose(rng: Generator, kind: str | None = None) -> Pose:
    """A random pose, of one family or of any by weight; left and right swapped half the time."""
    if kind is None:
        weights = np.array([family.weight for family in FAMILIES.values()])
        kind = list(FAMILIES)[int(rng.choice(len(weights), p=weights / weights.sum()))]
    family = FAMILIES[kind]
    means = family.angles(rng)
    mirrored = rng.random() < 0.5
    noise = rng.standard_normal(len(LIMITS_DEG))
    angles = {}
    for deviation, (name, (low, high)) in zip(noise, LIMITS_DEG.items(), strict=True):
        mean = means.get(_mirror_name(name) if mirrored else name, 0.0)
        if mirrored and name in _TRUNK_LIMITS and not name.endswith(("pitch", "bend")):
            mean = -mean
        part = name.removeprefix("left_").removeprefix("right_").split("_")[0]
        angles[name] = float(np.clip(mean + deviation * _SPREAD_DEG[part], low, high))
    if kind not in _FREE_FEET:
        _stand_flat(angles)
    return Pose(kind, angles, family.seat)


def _stand_flat(angles: Angles) -> None:
    """Turn the ankles so that the soles lie on the floor, as far as ankles can."""
    for side in ("left", "right"):
        slope = angles["root_pitch"] - angles[f"{side}_hip_flex"] + angles[f"{side}_knee"]
        angles[f"{side}_ankle"] = float(np.clip(slope, *LIMITS_DEG[f"{side}_ankle"]))


def _mirror_name(name: str) -> str:
    if name.startswith("left_"):
        return "right_" + name.removeprefix("left_")
    return "left_" + name.removeprefix("right_") if name.startswith("right_") else name
