"""Limbs: arms and legs with sleeves and trousers, hands and feet."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from core.data.drawn.atlas import clothes_tile, fixed_tile, part_of
from core.data.drawn.body import THIGH, UPPER_ARM
from core.data.drawn.parts import Figure, Part, thickness, thing_of
from core.data.drawn.shapes import MeshBuilder, Tile, ellipsoid, rings

FloatArray = NDArray[np.float64]
Limb = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
# Body shape at a height of 1.75 m. Arm and leg: share of the way shoulder-elbow-wrist
# (0, 0.5, 1) and radius there.
_ARM_AT = np.array([-0.16, -0.08, -0.02, 0.05, 0.13, 0.26, 0.42, 0.5, 0.57, 0.68, 0.85, 1.02])
_ARM_M = np.array(
    [0.034, 0.046, 0.053, 0.054, 0.051, 0.047, 0.041, 0.039, 0.042, 0.041, 0.031, 0.025]
)
LEG_AT = np.array([-0.045, -0.04, 0.0, 0.08, 0.2, 0.35, 0.45, 0.5, 0.56, 0.66, 0.76, 0.9, 1.02])
LEG_M = np.array(
    [0.010, 0.060, 0.086, 0.091, 0.084, 0.070, 0.060, 0.058, 0.054, 0.059, 0.055, 0.038, 0.034]
)
_COLUMNS = 13


def limb_rings(
    points_m: Limb,
    hinge: FloatArray,
    at: FloatArray,
    radius_m: FloatArray,
) -> FloatArray:
    """Rings around a limb of two bones, bent smoothly where they meet.

    Args:
        points_m: root in the trunk, upper end, hinge and lower end.
        hinge: (3,) unit axis both bones turn about.
        at: (N,) share of the way, 0 upper end, 0.5 hinge, 1 lower end; below 0 towards the root.
        radius_m: (N,) radius there.
    """
    root, upper, middle, lower = points_m

    def way(share: FloatArray) -> FloatArray:
        inwards = np.minimum(share, 0.0)[:, None] * 2 * (upper - root)
        first = np.clip(share, 0, 0.5)[:, None] * 2 * (middle - upper)
        second = np.maximum(share - 0.5, 0)[:, None] * 2 * (lower - middle)
        return upper + inwards + first + second

    before, after = way(at - 0.055), way(at + 0.055)
    centres = (before + way(at) + after) / 3
    along = after - before
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
    front = np.cross(along, hinge)
    return rings(centres, radius_m[:, None] * hinge, radius_m[:, None] * front, _COLUMNS)


def _arm(figure: Figure, side: str) -> Limb:
    at, bones = figure.bones.at_m, figure.bones
    shoulder = at[f"{side}_shoulder"]
    # the collar bone, as long as the upper arm for an even spacing of rings
    inwards = at["neck"] - 0.05 * bones.frame["chest"][:, 1] - shoulder
    inwards *= figure.build.height_m * UPPER_ARM / np.linalg.norm(inwards)
    return shoulder + inwards, shoulder, at[f"{side}_elbow"], at[f"{side}_wrist"]


def leg_points(figure: Figure, side: str) -> Limb:
    """Root in the pelvis, hip, knee and ankle."""
    at = figure.bones.at_m
    hip = at[f"{side}_hip"]
    root = hip + figure.bones.frame["pelvis"] @ [0, figure.build.height_m * THIGH, 0]
    return root, hip, at[f"{side}_knee"], at[f"{side}_ankle"]


def add_arm(mesh: MeshBuilder, figure: Figure, side: str) -> None:
    """Add an arm with its sleeve."""
    points = _arm(figure, side)
    hinge = figure.bones.frame[f"{side}_upper_arm"][:, 0]
    thick = thickness(figure.build)
    thing = thing_of(figure.number, Part[f"{side.upper()}_ARM"])
    bare = np.maximum(_ARM_AT, figure.outfit.sleeve - 0.15) if figure.outfit.sleeve else _ARM_AT
    skin = limb_rings(points, hinge, bare, np.interp(bare, _ARM_AT, _ARM_M) * thick)
    mesh.add(skin, bgr=figure.face.skin, tile=fixed_tile("skin"), thing=thing)
    if figure.outfit.sleeve > 0:
        _add_cloth_tube(
            mesh,
            figure,
            points,
            hinge,
            (_ARM_AT, _ARM_M * thick),
            figure.outfit.sleeve,
            part_of(clothes_tile(figure.number, 0), 0.12, 0.1, 0.26, 0.85),
            thing,
        )


def add_leg(mesh: MeshBuilder, figure: Figure, side: str) -> None:
    """Add a leg with its trouser leg."""
    points = leg_points(figure, side)
    hinge = figure.bones.frame[f"{side}_thigh"][:, 0]
    radius = LEG_M * thickness(figure.build)
    thing = thing_of(figure.number, Part[f"{side.upper()}_LEG"])
    covered = figure.outfit.lower in ("trousers", "shorts")
    bare = np.maximum(LEG_AT, figure.outfit.leg - 0.15) if covered else LEG_AT
    skin = limb_rings(points, hinge, bare, np.interp(bare, LEG_AT, radius))
    mesh.add(skin, bgr=figure.face.skin, tile=fixed_tile("skin"), thing=thing)
    if covered:
        tile = clothes_tile(figure.number, 1)
        _add_cloth_tube(
            mesh, figure, points, hinge, (LEG_AT, radius), figure.outfit.leg, tile, thing
        )


def _add_cloth_tube(
    mesh: MeshBuilder,
    figure: Figure,
    points_m: Limb,
    hinge: FloatArray,
    shape: tuple[FloatArray, FloatArray],
    end: float,
    tile: Tile,
    thing: int,
) -> None:
    at, radius = shape
    along = np.append(np.linspace(at[0], end, 14), end)
    wide = np.interp(along, at, radius) + 0.005 + figure.outfit.loose_m * np.clip(along + 0.3, 0, 1)
    wide[-1] *= 0.8  # the hem turns inwards, so that nothing shows through
    tube_rings = limb_rings(points_m, hinge, along, wide)
    mesh.add(tube_rings, bgr=(1, 1, 1), tile=tile, thing=thing)


def add_hand(mesh: MeshBuilder, figure: Figure, side: str, sign: float, rng: Generator) -> None:
    """Add a hand: palm, four fingers more or less bent, thumb."""
    frame, wrist = figure.bones.frame[f"{side}_hand"], figure.bones.at_m[f"{side}_wrist"]
    scale = figure.build.height_m / 1.75
    thing = thing_of(figure.number, Part[f"{side.upper()}_HAND"])
    skin = figure.face.skin

    def add(
        offset: tuple[float, float, float], half: tuple[float, float, float], bend: float
    ) -> None:
        turned = frame @ _bend(bend * sign)
        size = (half[0] * scale, half[1] * scale, half[2] * scale)
        grid = ellipsoid(wrist + frame @ (np.array(offset) * scale), turned, size, fine=False)
        mesh.add(grid, bgr=skin, tile=fixed_tile("skin"), thing=thing)

    add((0, -0.052, 0.002), (0.018, 0.056, 0.041), 0)
    curl = float(rng.uniform(0, 50))
    for finger, (z, reach) in enumerate(
        ((0.029, 0.036), (0.010, 0.041), (-0.010, 0.038), (-0.028, 0.030))
    ):
        bend = curl * (1 + 0.08 * finger)
        drop = -0.098 - reach * np.cos(np.radians(bend)) * 0.8
        add(
            (-sign * reach * np.sin(np.radians(bend)) * 0.8, drop, z),
            (0.0095, reach, 0.0095),
            -bend,
        )
    add((-sign * 0.012, -0.060, 0.045), (0.011, 0.034, 0.012), -18)


def _bend(angle_deg: float) -> FloatArray:
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])


def add_foot(mesh: MeshBuilder, figure: Figure, side: str) -> None:
    """Add a shoe with its sole, and a sock."""
    frame, ankle = figure.bones.frame[f"{side}_foot"], figure.bones.at_m[f"{side}_ankle"]
    height = figure.build.height_m
    thing = thing_of(figure.number, Part[f"{side.upper()}_FOOT"])
    sole = -0.039 * height
    shoe = ellipsoid(
        np.zeros(3), np.eye(3), (0.027 * height, 0.036 * height, 0.082 * height), fine=True
    )
    shoe[..., 2] += 0.038 * height
    shoe[..., 1] -= 0.012 * height + 0.016 * height * np.clip(shoe[..., 2] / (0.12 * height), 0, 1)
    tread = shoe.copy()
    shoe[..., 1] = np.maximum(shoe[..., 1], sole + 0.006 * height)
    tread[..., 1] = np.clip(tread[..., 1], sole, sole + 0.011 * height)
    tread[..., [0, 2]] *= 1.03
    mesh.add(
        shoe @ frame.T + ankle, bgr=figure.outfit.shoes, tile=fixed_tile("fabric"), thing=thing
    )
    mesh.add(tread @ frame.T + ankle, bgr=(0.75, 0.76, 0.76), tile=fixed_tile("paint"), thing=thing)
    sock = ellipsoid(
        ankle + frame @ [0, 0.0, -0.004],
        frame,
        (0.024 * height, 0.030 * height, 0.026 * height),
        fine=False,
    )
    mesh.add(sock, bgr=figure.outfit.socks, tile=fixed_tile("fabric"), thing=thing)
