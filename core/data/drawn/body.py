"""Bodies: how people are built, and where their bones are in a pose (forward kinematics).

A body's own frame: x to its left, y up, z the way it faces, metres.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from core.data.drawn.pose_prior import Pose

FloatArray = NDArray[np.float64]

# Segment lengths as shares of body height: Drillis and Contini, "Body Segment Parameters", 1966
# (as in Winter, "Biomechanics and Motor Control", fig. 4.1). The shoulder and hip points lie
# inside the flesh, hence narrower than Winter's outer widths.
UPPER_ARM, FOREARM, THIGH, SHANK, ANKLE_HEIGHT = 0.186, 0.146, 0.245, 0.246, 0.039
SPINE, SHOULDER_HALF, HIP_HALF, NECK = 0.288, 0.104, 0.052, 0.018


@dataclass(frozen=True)
class Build:
    """How one person is built.

    Attributes:
        height_m: standing, without shoes.
        girth: 1 = average; scales every thickness.
        head_m: height of the head; children's are large for their height.
        shoulders, hips: 1 = average width.
        bust: 0..1, how far the chest stands out.
    """

    height_m: float
    girth: float
    head_m: float
    shoulders: float
    hips: float
    bust: float
    child: bool


def draw_build(rng: Generator) -> Build:
    """A random person; one in six is a child."""
    if rng.random() < 1 / 6:
        height = rng.uniform(0.98, 1.48)
        head = 0.205 + 0.012 * (height - 1.0) / 0.5
        return Build(height, rng.normal(0.98, 0.07), head, 0.94, 0.95, 0.0, child=True)
    womanly = float(np.clip(rng.choice([0.12, 0.88]) + rng.normal(0, 0.12), 0, 1))
    height = rng.normal(1.77 - 0.13 * womanly, 0.065)
    return Build(
        height_m=float(np.clip(height, 1.48, 2.02)),
        girth=float(np.clip(rng.lognormal(0.02, 0.12), 0.8, 1.45)),
        head_m=float(rng.normal(0.236 - 0.012 * womanly, 0.005)),
        shoulders=1.05 - 0.13 * womanly,
        hips=0.96 + 0.12 * womanly,
        bust=womanly,
        child=False,
    )


@dataclass(frozen=True)
class Bones:
    """A posed body in the world.

    Attributes:
        at_m: named points (3,): pelvis, waist, chest, neck, head, left_shoulder, ... right_toe.
        frame: named rotations (3, 3), body part to world; columns are its left, up, forward.
    """

    at_m: Mapping[str, FloatArray]
    frame: Mapping[str, FloatArray]

    def moved(self, shift_m: FloatArray) -> "Bones":
        """The same body elsewhere."""
        return Bones({name: point + shift_m for name, point in self.at_m.items()}, self.frame)


def turn(axis: str, angle_deg: float) -> FloatArray:
    """(3, 3) rotation about x, y or z."""
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    if axis == "x":
        return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    if axis == "y":
        return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])


def place_bones(build: Build, pose: Pose, *, yaw_deg: float) -> Bones:
    """The posed body with its pelvis above the origin, facing +z turned by `yaw_deg` about y.

    It rests on the floor (y = 0) with its lowest point: a sole, or the seat.
    """
    angle = pose.angles_deg
    pelvis = turn("y", yaw_deg) @ turn("x", angle["root_pitch"]) @ turn("z", angle["root_roll"])
    frame, at = {"pelvis": pelvis}, {"pelvis": np.zeros(3)}
    _place_trunk(build, angle, at, frame)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        _place_arm(build, angle, side, sign, at, frame)
        _place_leg(build, angle, side, sign, at, frame)
    bones = Bones(at, frame)
    lowest = min(_lowest_points(build, bones, pose))
    return bones.moved(np.array([0.0, -lowest, 0.0]))


def _place_trunk(
    build: Build,
    angle: Mapping[str, float],
    at: dict[str, FloatArray],
    frame: dict[str, FloatArray],
) -> None:
    spine = build.height_m * SPINE
    half = (
        turn("x", angle["spine_bend"] / 2)
        @ turn("z", angle["spine_side"] / 2)
        @ turn("y", angle["spine_twist"] / 2)
    )
    frame["waist"] = frame["pelvis"] @ half
    frame["chest"] = frame["waist"] @ half
    at["waist"] = at["pelvis"] + frame["pelvis"] @ [0, 0.30 * spine, 0]
    at["chest"] = at["waist"] + frame["waist"] @ [0, 0.30 * spine, 0]
    at["neck"] = at["chest"] + frame["chest"] @ [0, 0.46 * spine, 0]
    nod = turn("x", angle["neck_pitch"] / 2)
    frame["neck"] = frame["chest"] @ nod
    frame["head"] = (
        frame["neck"] @ turn("y", angle["neck_yaw"]) @ nod @ turn("z", angle["neck_roll"])
    )
    base = at["neck"] + frame["neck"] @ [0, build.height_m * NECK, 0.012]
    at["head"] = base + frame["head"] @ [0, 0.46 * build.head_m, 0.018]


def _place_arm(
    build: Build,
    angle: Mapping[str, float],
    side: str,
    sign: float,
    at: dict[str, FloatArray],
    frame: dict[str, FloatArray],
) -> None:
    # a raised arm lifts its shoulder
    lift = 0.018 * max(0.0, angle[f"{side}_shoulder_abduct"] - 50) / 100
    half = build.height_m * SHOULDER_HALF * build.shoulders
    spine = build.height_m * SPINE
    at[f"{side}_shoulder"] = at["chest"] + frame["chest"] @ [sign * half, 0.34 * spine + lift, 0]
    upper = (
        frame["chest"]
        @ turn("x", -angle[f"{side}_shoulder_flex"])
        @ turn("z", sign * angle[f"{side}_shoulder_abduct"])
        @ turn("y", -sign * angle[f"{side}_shoulder_twist"])
    )
    fore = upper @ turn("x", -angle[f"{side}_elbow"])
    hand = fore @ turn("x", -angle[f"{side}_wrist"])
    reach = build.height_m * UPPER_ARM
    at[f"{side}_elbow"] = at[f"{side}_shoulder"] + upper @ [0, -reach, 0]
    at[f"{side}_wrist"] = at[f"{side}_elbow"] + fore @ [0, -build.height_m * FOREARM, 0]
    frame[f"{side}_upper_arm"], frame[f"{side}_forearm"], frame[f"{side}_hand"] = upper, fore, hand


def _place_leg(
    build: Build,
    angle: Mapping[str, float],
    side: str,
    sign: float,
    at: dict[str, FloatArray],
    frame: dict[str, FloatArray],
) -> None:
    half = build.height_m * HIP_HALF * build.hips
    at[f"{side}_hip"] = at["pelvis"] + frame["pelvis"] @ [sign * half, 0, 0]
    thigh = (
        frame["pelvis"]
        @ turn("x", -angle[f"{side}_hip_flex"])
        @ turn("z", sign * angle[f"{side}_hip_abduct"])
        @ turn("y", -sign * angle[f"{side}_hip_twist"])
    )
    shank = thigh @ turn("x", angle[f"{side}_knee"])
    foot = shank @ turn("x", -angle[f"{side}_ankle"]) @ turn("y", sign * 7)
    at[f"{side}_knee"] = at[f"{side}_hip"] + thigh @ [0, -build.height_m * THIGH, 0]
    at[f"{side}_ankle"] = at[f"{side}_knee"] + shank @ [0, -build.height_m * SHANK, 0]
    sole = -build.height_m * ANKLE_HEIGHT
    at[f"{side}_toe"] = at[f"{side}_ankle"] + foot @ [0, sole, 0.105 * build.height_m]
    at[f"{side}_heel"] = at[f"{side}_ankle"] + foot @ [0, sole, -0.03 * build.height_m]
    frame[f"{side}_thigh"], frame[f"{side}_shank"], frame[f"{side}_foot"] = thigh, shank, foot


def _lowest_points(build: Build, bones: Bones, pose: Pose) -> list[float]:
    """Heights of what may touch the floor."""
    soles = [
        bones.at_m[f"{side}_{end}"][1] for side in ("left", "right") for end in ("toe", "heel")
    ]
    if pose.seat == "floor":
        return [*soles, bones.at_m["pelvis"][1] - seat_depth_m(build)]
    return soles


def seat_depth_m(build: Build) -> float:
    """How far below the hip points the seat is when sitting."""
    return 0.058 * build.height_m * build.girth
