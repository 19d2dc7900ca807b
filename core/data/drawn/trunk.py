"""The trunk: torso, neck and skirt."""

import numpy as np
from numpy.typing import NDArray

from core.data.drawn.atlas import clothes_tile, fixed_tile
from core.data.drawn.body import SPINE
from core.data.drawn.limbs import LEG_AT, LEG_M, leg_points
from core.data.drawn.parts import Figure, Part, thickness, thing_of
from core.data.drawn.shapes import MeshBuilder, rings

FloatArray = NDArray[np.float64]
# at a height of 1.75 m: share of the spine, half width, half depth, shift forwards
_TORSO = np.array([
    (-0.24, 0.020, 0.03, 0.000), (-0.21, 0.080, 0.070, -0.005), (-0.14, 0.140, 0.098, -0.010),
    (-0.04, 0.166, 0.114, -0.012), (0.06, 0.164, 0.112, -0.008), (0.18, 0.148, 0.100, 0.0),
    (0.32, 0.136, 0.094, 0.004), (0.48, 0.146, 0.102, 0.008), (0.62, 0.158, 0.112, 0.010),
    (0.76, 0.170, 0.114, 0.006), (0.87, 0.176, 0.102, 0.0), (0.95, 0.160, 0.086, -0.006),
    (1.00, 0.134, 0.076, -0.008), (1.045, 0.096, 0.064, -0.006), (1.09, 0.062, 0.056, 0.0),
])  # fmt: skip


def _spine(figure: Figure, at: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Centres (N, 3), left axes and forward axes at shares of the spine."""
    bones = figure.bones
    marks = np.array([0, 0.30, 0.60, 1.06])
    points = np.stack([bones.at_m[name] for name in ("pelvis", "waist", "chest", "neck")])
    frames = np.stack([bones.frame[name] for name in ("pelvis", "waist", "chest", "chest")])
    below = np.minimum(at, 0.0)[:, None] * figure.build.height_m * SPINE * frames[0][:, 1]
    centres = np.stack([np.interp(at, marks, points[:, k]) for k in range(3)], axis=-1) + below
    beyond = np.maximum(at - 1.06, 0)[:, None] * figure.build.height_m * SPINE * frames[3][:, 1]

    def axis(column: int) -> FloatArray:
        return np.stack([np.interp(at, marks, frames[:, k, column]) for k in range(3)], axis=-1)

    return centres + beyond, axis(0), axis(2)


def _torso_rings(figure: Figure, spans: FloatArray, extra_m: float) -> FloatArray:
    """Rings of the torso at rows of `_TORSO`, widened by cloth."""
    build = figure.build
    at, wide, deep, shift = spans.T
    scale = build.height_m / 1.75
    belly = np.exp(-(((at - 0.25) / 0.25) ** 2)) * max(0.0, build.girth - 0.98) * 0.16
    bust = np.exp(-(((at - 0.72) / 0.10) ** 2)) * 0.022 * build.bust
    width_gain = np.interp(
        at, [0.1, 0.35, 0.7], [build.hips, 1 - 0.08 * build.bust, build.shoulders]
    )
    girth = np.interp(at, [0.9, 1.06], [build.girth, 1.0])
    left = wide * width_gain * (0.35 + 0.65 * girth) * scale + extra_m
    front = (deep * girth + belly * 0.5 + bust * 0.6) * scale + extra_m
    centres, left_axis, front_axis = _spine(figure, at)
    centres = centres + front_axis * ((shift + belly * 0.5 + bust * 0.5) * scale)[:, None]
    return rings(centres, left_axis * left[:, None], front_axis * front[:, None], 19)


def _resampled(low: float, high: float, count: int) -> FloatArray:
    at = np.linspace(low, high, count)
    return np.stack([at, *(np.interp(at, _TORSO[:, 0], _TORSO[:, k]) for k in (1, 2, 3))], axis=-1)


def add_torso(mesh: MeshBuilder, figure: Figure) -> None:
    """Add torso and neck."""
    outfit, number = figure.outfit, figure.number
    thing = thing_of(number, Part.TORSO)
    hem = 0.02 if outfit.loose_m > 0.008 or outfit.lower == "dress" else 0.10
    lower = _resampled(hem + 0.06, -0.24, 12)
    mesh.add(
        _torso_rings(figure, lower, 0.006), bgr=(1, 1, 1), tile=clothes_tile(number, 1), thing=thing
    )
    upper = _resampled(1.075, hem, 18)
    mesh.add(
        _torso_rings(figure, upper, 0.012 + outfit.loose_m * 0.5),
        bgr=(1, 1, 1),
        tile=clothes_tile(number, 0),
        thing=thing,
    )
    _add_neck(mesh, figure, thing)


def _add_neck(mesh: MeshBuilder, figure: Figure, thing: int) -> None:
    bones, scale = figure.bones, figure.build.head_m / 0.228
    frame = bones.frame["neck"]
    start = bones.at_m["neck"] - 0.05 * frame[:, 1]
    end = bones.at_m["head"] - 0.18 * figure.build.head_m * bones.frame["head"][:, 1]
    share = np.linspace(0, 1, 6)[:, None]
    radius = np.array([0.060, 0.058, 0.055, 0.052, 0.051, 0.052])[:, None] * scale
    grid = rings(start + share * (end - start), radius * frame[:, 0], radius * frame[:, 2], 13)
    mesh.add(grid, bgr=figure.face.skin, tile=fixed_tile("skin"), thing=thing)


def add_skirt(mesh: MeshBuilder, figure: Figure) -> None:
    """Add a skirt around both thighs."""
    frame = figure.bones.frame["pelvis"]
    reach = np.linspace(0.0, figure.outfit.leg, 9)
    sides = []
    for side in ("left", "right"):
        _, hip, knee, ankle = leg_points(figure, side)
        thigh = hip + np.minimum(reach, 0.5)[:, None] * 2 * (knee - hip)
        sides.append(thigh + np.maximum(reach - 0.5, 0)[:, None] * 2 * (ankle - knee))
    centres = (sides[0] + sides[1]) / 2
    apart = sides[0] - sides[1]
    thick = np.interp(reach, LEG_AT, LEG_M) * thickness(figure.build) + 0.012 + 0.03 * reach
    along = np.gradient(centres, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
    across = apart / (np.linalg.norm(apart, axis=1, keepdims=True) + 1e-9)
    across -= np.einsum("nc,nc->n", across, along)[:, None] * along
    across /= np.linalg.norm(across, axis=1, keepdims=True) + 1e-9
    front = np.cross(across, -along)
    half = (np.abs(np.einsum("nc,nc->n", apart, across)) / 2 + thick)[:, None]
    lowest = np.concatenate([centres, centres[-1:]])
    shrink = np.append(np.ones(len(reach)), 0.75)[:, None]
    left = np.concatenate([half * across, (half * across)[-1:]]) * shrink
    depth = np.concatenate([thick[:, None] * 1.15 * front, (thick[:, None] * front)[-1:]]) * shrink
    top = centres[:1] + 0.10 * figure.build.height_m * SPINE * frame[:, 1]
    left = np.concatenate([left[:1] * 0.92, left])
    depth = np.concatenate([depth[:1] * 1.1, depth])
    mesh.add(
        rings(np.concatenate([top, lowest]), left, depth, 19),
        bgr=(1, 1, 1),
        tile=clothes_tile(figure.number, 1),
        thing=thing_of(figure.number, Part.SKIRT),
    )
