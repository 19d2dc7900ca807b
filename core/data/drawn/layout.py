"""The layout: who and what stands where, under which light, and where the camera is."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from core.data.drawn.body import Bones, Build, draw_build, place_bones, seat_depth_m, turn
from core.data.drawn.camera import Camera, camera_at
from core.data.drawn.clothes import draw_outfit
from core.data.drawn.faces import draw_face
from core.data.drawn.furniture import IN_ROOMS, OUTDOORS, REACH_M, Builder, add_chair
from core.data.drawn.hair import draw_style
from core.data.drawn.parts import MAX_PERSONS, PARTS_PER_PERSON, Figure
from core.data.drawn.pose_prior import STRIDING, Pose, draw_pose
from core.data.drawn.renderer import Light
from core.data.drawn.vehicles import DRIVER_SEAT_M, add_bicycle, add_car, saddle_height_m

FloatArray = NDArray[np.float64]
FIRST_PROP = 1 + MAX_PERSONS * PARTS_PER_PERSON
SETTINGS = {"room": 0.34, "street": 0.24, "park": 0.18, "beach": 0.07, "studio": 0.08, "blur": 0.09}
_NUM_PERSONS = (0.40, 0.24, 0.15, 0.10, 0.06, 0.05)  # for 1 to 6; COCO's pictures are alike
# how far away the nearest person is, metres, and which share of its height the camera looks at
_SHOTS = {
    "close": (0.38, (1.0, 1.9), (0.60, 1.02)),
    "medium": (0.36, (1.9, 3.4), (0.45, 0.90)),
    "far": (0.26, (3.4, 6.5), (0.30, 0.85)),
}


Place = tuple[float, float, float]  # on the floor, metres
AddShapes = Callable[[Builder, Generator], None]


@dataclass(frozen=True)
class Prop:
    """A thing that is no person.

    Attributes:
        add: puts its shapes into the mesh.
        at_m: (3,) its origin in the world.
        yaw_deg: the way it faces; 0 = towards +z, where the camera is.
    """

    add: AddShapes
    at_m: FloatArray
    yaw_deg: float


@dataclass(frozen=True)
class Layout:
    """Everything of a scene but its looks."""

    setting: str
    camera: Camera
    light: Light
    wall_m: float
    figures: tuple[Figure, ...]
    props: tuple[Prop, ...]


def draw_layout(rng: Generator, size_wh_px: tuple[int, int]) -> Layout:
    """A random scene."""
    setting = str(rng.choice(list(SETTINGS), p=list(SETTINGS.values())))
    shot = str(rng.choice(list(_SHOTS), p=[row[0] for row in _SHOTS.values()]))
    _, distances, aims = _SHOTS[shot]
    nearest = float(rng.uniform(*distances))
    focal_px = size_wh_px[0] * float(rng.uniform(0.8, 1.35))
    half_view = size_wh_px[0] / 2 / focal_px
    count = 1 + int(rng.choice(len(_NUM_PERSONS), p=_NUM_PERSONS))
    places = _draw_places(rng, half_view, nearest, count)
    figures: list[Figure] = []
    props: list[Prop] = []
    for number, place in enumerate(places):
        others = [(0.0, 0.0, 0.0), *places[:number], *places[number + 1 :]]
        figure, seats = _draw_figure(rng, number, place, others)
        figures.append(figure)
        props += seats
    props += _draw_clutter(rng, setting, half_view, places)
    aim_m = figures[0].bones.at_m["head"] * [1, float(rng.uniform(*aims)), 1]
    camera = _draw_camera(rng, size_wh_px, focal_px, aim_m)
    wall_m = max(-place[2] for place in places) + float(rng.uniform(0.9, 3.0))
    return Layout(setting, camera, _draw_light(rng, setting), wall_m, tuple(figures), tuple(props))


def _draw_camera(
    rng: Generator, size_wh_px: tuple[int, int], focal_px: float, aim_m: FloatArray
) -> Camera:
    height = float(rng.uniform(0.8, 1.9))
    pitch = np.degrees(np.arctan2(height - aim_m[1], -aim_m[2])) + rng.normal(0, 2.5)
    return camera_at(
        size_wh_px,
        focal_px=focal_px,
        position_m=(0.0, height, 0.0),
        pitch_deg=float(np.clip(pitch, -16, 30)),
        roll_deg=float(rng.normal(0, 1.6)),
    )


def _draw_places(rng: Generator, half_view: float, nearest_m: float, count: int) -> list[Place]:
    """Floor places (x, 0, z) an arm's width apart; `half_view` = half width of view per metre."""
    places: list[Place] = []
    for _ in range(40):
        if len(places) == count:
            break
        away = nearest_m + (0.0 if not places else float(rng.uniform(0, 0.6 + 0.7 * nearest_m)))
        side = float(rng.uniform(-0.45, 0.45) if not places else rng.uniform(-1.1, 1.1))
        place = (side * half_view * away, 0.0, -away)
        if all(np.hypot(place[0] - x, place[2] - z) > 0.55 for x, _, z in places):
            places.append(place)
    return places


def _draw_figure(
    rng: Generator, number: int, place: Place, others: list[Place]
) -> tuple[Figure, list[Prop]]:
    build, pose = draw_build(rng), draw_pose(rng)
    turned = rng.random() < 0.25
    yaw = float(rng.uniform(-180, 180) if turned else rng.normal(0, 32))
    if pose.seat == "car" and not _has_room_for_car(place, yaw, others):
        pose = draw_pose(rng, "sitting")
    bones = place_bones(build, pose, yaw_deg=yaw)
    bones, seats = _seat(rng, build, pose, bones, np.array(place), yaw)
    outfit = draw_outfit(rng, womanly=build.bust, striding=pose.kind in STRIDING)
    style = draw_style(rng, womanly=build.bust, child=build.child)
    face = draw_face(
        rng, womanly=build.bust, child=build.child, glasses=outfit.glasses, buzz=style == "buzz"
    )
    return Figure(number, build, bones, outfit, face, style, pose.kind), seats


def _seat(
    rng: Generator, build: Build, pose: Pose, bones: Bones, place_m: FloatArray, yaw_deg: float
) -> tuple[Bones, list[Prop]]:
    """The body where it belongs, with what carries it."""
    if pose.seat == "chair":
        bones = bones.moved(place_m)
        seat_m = float(bones.at_m["pelvis"][1]) - seat_depth_m(build)
        chair = Prop(partial(add_chair, seat_m=max(seat_m, 0.12)), place_m, yaw_deg)
        if rng.random() < 0.3:
            ahead = turn("y", yaw_deg) @ [0, 0, 0.85]
            return bones, [chair, Prop(IN_ROOMS["table"], place_m + ahead, yaw_deg)]
        return bones, [chair]
    if pose.seat == "car":
        seat_m = 0.50 + seat_depth_m(build)
        lifted = bones.moved(np.array([0, seat_m - bones.at_m["pelvis"][1], 0]) + place_m)
        aside = turn("y", yaw_deg) @ [DRIVER_SEAT_M, 0, 0]
        return lifted, [Prop(partial(add_car, roof=False), place_m - aside, yaw_deg)]
    if pose.seat == "bicycle":
        bones = bones.moved(place_m + np.array([0, 0.09, 0]))
        ride = partial(add_bicycle, seat_m=saddle_height_m(bones))
        return bones, [Prop(ride, place_m, yaw_deg)]
    return bones.moved(place_m), []


def _has_room_for_car(place: Place, yaw_deg: float, others: list[Place]) -> bool:
    """Whether nobody, the camera included, would stand in the car around this driver."""
    across, _, along = turn("y", yaw_deg).T @ (np.array(others) - place).T
    return not bool(((np.abs(across + DRIVER_SEAT_M) < 1.3) & (np.abs(along) < 2.7)).any())


def _draw_clutter(
    rng: Generator, setting: str, half_view: float, places: list[Place]
) -> list[Prop]:
    """Things in front of people and behind them."""
    kinds = IN_ROOMS if setting in ("room", "studio", "blur") else OUTDOORS
    low = [name for name in kinds if name not in ("tree", "lamp")]
    props = []
    for place in places:
        if rng.random() < 0.32:
            kind, share = str(rng.choice(low)), float(rng.uniform(0.5, 0.85))
            at = np.array(place) * share + [float(rng.normal(0, 0.25)), 0, 0]
            if -at[2] > 1.2 and _is_free(at, REACH_M[kind], places):
                props.append(Prop(kinds[kind], at, float(rng.uniform(-30, 30))))
    farthest = max(-z for _, _, z in places)
    for _ in range(int(rng.integers(0, 4))):
        kind, away = str(rng.choice(list(kinds))), farthest + float(rng.uniform(0.6, 2.2))
        at = np.array([float(rng.uniform(-1, 1)) * half_view * away, 0.0, -away])
        if _is_free(at, REACH_M[kind], places):
            props.append(Prop(kinds[kind], at, float(rng.uniform(-180, 180))))
    if setting == "street" and rng.random() < 0.6:
        away = farthest + float(rng.uniform(1.8, 4.0))
        at = np.array([float(rng.uniform(-1, 1)) * half_view * away, 0.0, -away])
        props.append(Prop(add_car, at, float(rng.choice([-90, 90]) + rng.normal(0, 12))))
    return props


def _is_free(at_m: FloatArray, reach_m: float, places: list[Place]) -> bool:
    return all(np.hypot(at_m[0] - x, at_m[2] - z) > reach_m + 0.25 for x, _, z in places)


def _draw_light(rng: Generator, setting: str) -> Light:
    outdoors = setting in ("street", "park", "beach")
    angle, height = rng.uniform(0, 2 * np.pi), rng.uniform(0.55, 1.6)
    direction = np.array([np.cos(angle), height, 0.55 + 0.7 * np.sin(angle)])
    direction /= np.linalg.norm(direction)
    strength = float(rng.uniform(0.35, 0.75) if outdoors else rng.uniform(0.2, 0.5))
    warm = float(rng.uniform(-0.06, 0.08))
    sun = (strength * (1 - warm), strength, strength * (1 + warm))
    rest = 1.06 - strength
    sky = (rest * (1.04 if outdoors else 0.97), rest, rest * (0.97 if outdoors else 1.03))
    ground = (rest * 0.58, rest * 0.60, rest * 0.62)
    return Light(direction, sun, sky, ground, float(rng.uniform(0.3, 0.6)) * (0.6 + strength))
