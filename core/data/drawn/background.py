"""Backgrounds: what stands behind everybody, painted at half size, hence a little out of focus."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from core.data.drawn.camera import Camera

FloatArray = NDArray[np.float64]
Picture = NDArray[np.uint8]
Bgr = tuple[int, int, int]
_TILE_PX, _TILE_M = 256, 2.0
_WALL_BGR = ((205, 214, 218), (190, 200, 190), (215, 205, 190), (160, 185, 205), (140, 150, 160),
             (120, 105, 95), (196, 180, 200), (225, 228, 230))  # fmt: skip
_FACADE_BGR = ((120, 140, 165), (95, 105, 150), (150, 155, 160), (170, 190, 205), (105, 110, 115))


@dataclass(frozen=True)
class Background:
    """A painted backdrop, half as wide and high as the picture.

    Attributes:
        picture_bgr: (H / 2, W / 2, 3) uint8.
        floor: (H / 2, W / 2) float32, 1 where shadows may fall.
        kind: "room", "street", "park", "beach", "studio" or "blur".
    """

    picture_bgr: Picture
    floor: NDArray[np.float32]
    kind: str


def paint_background(rng: Generator, kind: str, camera: Camera, *, wall_m: float) -> Background:
    """Paint a background of one kind; `wall_m` is how far away it ends."""
    width, height = camera.size_wh_px
    small = Camera(
        (width // 2, height // 2), camera.focal_px / 2, camera.position_m, camera.rotation
    )
    picture, end_m = _PAINTERS[kind](rng, small, wall_m)
    floor = np.full((height // 2, width // 2), 1.0, np.float32)
    _fill(floor, small, _standing(-60, 60, 0, 40, end_m), 0.0)
    return Background(picture, floor, kind)


def backdrop(
    background: Background, shadow: NDArray[np.float32], size_wh_px: tuple[int, int]
) -> NDArray[np.float32]:
    """(H, W, 3) float32 in 0..1: the background with shadows on its floor."""
    height, width = background.floor.shape
    gain = 1 - background.floor * (1 - cv2.resize(shadow, (width, height)))
    shaded = cv2.multiply(
        background.picture_bgr, cv2.merge([gain] * 3), scale=1 / 255.0, dtype=cv2.CV_32F
    )
    return np.asarray(cv2.resize(shaded, size_wh_px), dtype=np.float32)


def _standing(left: float, right: float, low: float, high: float, away_m: float) -> FloatArray:
    """(4, 3) corners of an upright rectangle across the view, `away_m` in front of the camera."""
    z = -away_m
    return np.array([(left, low, z), (right, low, z), (right, high, z), (left, high, z)])


def _lying(far_m: float, near_m: float) -> FloatArray:
    """(4, 3) corners of a strip of floor across the view."""
    return np.array([(-60, 0, -far_m), (60, 0, -far_m), (60, 0, -near_m), (-60, 0, -near_m)])


def _fill(
    image: Picture | NDArray[np.float32],
    camera: Camera,
    corners: FloatArray,
    colour: Sequence[float] | float,
) -> None:
    xy, _ = camera.project(corners)
    points = np.clip(np.round(xy), -20000, 20000).astype(np.int32)
    cv2.fillConvexPoly(image, points, colour, cv2.LINE_AA)


def _floor(rng: Generator, camera: Camera, kind: str) -> Picture:
    """The floor's texture in perspective, fading into its mean colour far away."""
    texture, tint = _floor_textures()[kind], rng.uniform(0.75, 1.12)
    to_metres = np.diag([_TILE_M / _TILE_PX, _TILE_M / _TILE_PX, 1.0])
    matrix = camera.floor_homography() @ to_metres
    seen = cv2.warpPerspective(
        texture, matrix, camera.size_wh_px, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP
    )
    mean = np.full_like(seen, texture.mean(axis=(0, 1)))
    middle = np.array([[0.0, 0, -9.0], [0, 0, -2.5]])
    far, near = camera.project(middle)[0][:, 1]
    rows = np.linspace(0, camera.size_wh_px[1] - 1, camera.size_wh_px[1])
    share = np.clip((rows - far) / max(near - far, 1.0), 0, 1).astype(np.float32)
    share = np.repeat(share[:, None], camera.size_wh_px[0], axis=1)
    blended = cv2.blendLinear(seen, mean, share, 1 - share)
    return np.asarray(cv2.convertScaleAbs(blended, alpha=tint), dtype=np.uint8)


@lru_cache(maxsize=1)
def _floor_textures() -> Mapping[str, Picture]:
    rng = np.random.default_rng(11)
    colours: Mapping[str, Bgr] = {
        "planks": (85, 120, 165), "tiles": (190, 196, 200), "carpet": (120, 115, 130),
        "asphalt": (92, 90, 88), "paving": (150, 155, 160), "grass": (62, 120, 88),
        "sand": (150, 190, 215),
    }  # fmt: skip
    made = {}
    for name, colour in colours.items():
        coarse = cv2.resize(rng.normal(0, 1, (10, 10)).astype(np.float32), (_TILE_PX, _TILE_PX))
        fine = cv2.GaussianBlur(
            rng.normal(0, 1, (_TILE_PX, _TILE_PX)).astype(np.float32), (0, 0), 1
        )
        gain = 1 + 0.05 * coarse + {"grass": 0.45, "carpet": 0.2}.get(name, 0.12) * fine
        texture = np.clip(gain[..., None] * np.array(colour), 0, 255).astype(np.uint8)
        _lay(rng, texture, name)
        made[name] = texture
    return made


def _lay(rng: Generator, texture: Picture, name: str) -> None:
    """Gaps between planks or slabs."""
    dark = (texture.mean(axis=(0, 1)) * 0.62).astype(int).tolist()
    if name == "planks":
        for column in range(0, _TILE_PX, 16):
            strip = texture[:, column : column + 15]
            strip[:] = np.clip(strip * rng.uniform(0.82, 1.12), 0, 255).astype(np.uint8)
            texture[:, column + 15] = dark
            texture[int(rng.integers(_TILE_PX)), column : column + 15] = dark
    if name in ("tiles", "paving"):
        for line in range(0, _TILE_PX, 64 if name == "tiles" else 32):
            texture[line : line + 2] = dark
            texture[:, line : line + 2] = dark


def _room(rng: Generator, camera: Camera, wall_m: float) -> tuple[Picture, float]:
    picture = _floor(rng, camera, str(rng.choice(["planks", "tiles", "carpet"])))
    wall = np.array(_WALL_BGR[int(rng.integers(len(_WALL_BGR)))]) * rng.uniform(0.7, 1.05)
    _fill(picture, camera, _standing(-60, 60, 0, 40, wall_m), _bgr(wall))
    for _ in range(int(rng.integers(1, 5))):
        _hang(rng, picture, camera, wall_m)
    _fill(picture, camera, _standing(-60, 60, 0, 0.1, wall_m - 0.01), _bgr(wall * 1.15))
    side = float(rng.choice([-1, 1]) * rng.uniform(2.0, 4.0))
    if rng.random() < 0.5:
        corners = np.array(
            [(side, 0, -wall_m), (side, 0, -0.4), (side, 12, -0.4), (side, 12, -wall_m)]
        )
        _fill(picture, camera, corners, _bgr(wall * 0.86))
    return _shaded(rng, picture), wall_m


def _hang(rng: Generator, picture: Picture, camera: Camera, wall_m: float) -> None:
    """A window, a picture, a door or a shelf on the wall."""
    x = rng.uniform(-3, 3) * wall_m / 4
    kind = str(rng.choice(["window", "picture", "door", "shelf"]))
    frame = _bgr(np.array([205, 210, 214]) * rng.uniform(0.3, 1.15))
    low, high, half = {
        "window": (0.95, 2.3, 0.8), "picture": (1.35, 2.0, 0.42), "door": (0, 2.1, 0.48),
        "shelf": (0, 1.9, 0.6),
    }[kind]  # fmt: skip
    _fill(picture, camera, _standing(x - half, x + half, low, high, wall_m), frame)
    inner = [int(c) for c in rng.integers(60, 230, 3)]
    if kind == "window":
        for pane in (-1, 1):
            middle = x + pane * half / 2
            pane_corners = _standing(
                middle - half * 0.42, middle + half * 0.42, low + 0.08, high - 0.08, wall_m
            )
            _fill(picture, camera, pane_corners, (240, 225, 205))
    elif kind == "picture":
        _fill(
            picture,
            camera,
            _standing(x - half * 0.88, x + half * 0.88, low + 0.05, high - 0.05, wall_m),
            inner,
        )
    elif kind == "shelf":
        _books(rng, picture, camera, (x - half, x + half, wall_m))


def _books(
    rng: Generator, picture: Picture, camera: Camera, place: tuple[float, float, float]
) -> None:
    left, right, wall_m = place
    for level in (0.1, 0.7, 1.3):
        at = left + 0.05
        while at < right - 0.1:
            thick, tall = rng.uniform(0.03, 0.09), rng.uniform(0.25, 0.45)
            colour = [int(c) for c in rng.integers(40, 200, 3)]
            _fill(picture, camera, _standing(at, at + thick, level, level + tall, wall_m), colour)
            at += thick


def _sky(rng: Generator, camera: Camera) -> Picture:
    width, height = camera.size_wh_px
    top = np.array([235, 190, 140]) * rng.uniform(0.6, 1.05)
    low = np.array([240, 228, 215]) * rng.uniform(0.8, 1.05)
    share = np.linspace(0, 1, height)[:, None]
    column = np.clip(top * (1 - share) + low * share, 0, 255)
    sky = np.repeat(column[:, None], width, axis=1).astype(np.uint8)
    for _ in range(int(rng.integers(0, 5))):
        at = (int(rng.integers(width)), int(rng.integers(max(height // 2, 1))))
        axes = (int(rng.integers(20, 70)), int(rng.integers(4, 14)))
        cv2.ellipse(sky, at, axes, 0, 0, 360, (245, 244, 240), -1, cv2.LINE_AA)
    return np.asarray(cv2.blur(sky, (15, 9)), dtype=np.uint8)


def _under_sky(rng: Generator, camera: Camera, floor: str, end_m: float) -> Picture:
    """Sky above, floor below the line where the floor ends."""
    picture = _floor(rng, camera, floor)
    mask = np.zeros(picture.shape[:2], np.uint8)
    _fill(mask, camera, _standing(-900, 900, 0, 900, end_m), 255)
    cv2.copyTo(_sky(rng, camera), mask, picture)
    return picture


def _street(rng: Generator, camera: Camera, wall_m: float) -> tuple[Picture, float]:
    end = wall_m + rng.uniform(3, 9)
    picture = _under_sky(rng, camera, str(rng.choice(["asphalt", "paving"])), end)
    x = -end * 1.2
    while x < end * 1.2:
        wide, tall = rng.uniform(4, 9), rng.uniform(5, 14)
        colour = np.array(_FACADE_BGR[int(rng.integers(len(_FACADE_BGR)))]) * rng.uniform(0.7, 1.2)
        _fill(picture, camera, _standing(x, x + wide, 0, tall, end), _bgr(colour))
        _windows(rng, picture, camera, (x, wide, tall, end))
        x += wide + (rng.uniform(0, 3) if rng.random() < 0.3 else 0)
    _fill(picture, camera, _lying(end, end - 2), (158, 160, 162))
    return _shaded(rng, picture), end


def _windows(
    rng: Generator, picture: Picture, camera: Camera, house: tuple[float, float, float, float]
) -> None:
    left, wide, tall, end = house
    glass = _bgr(np.array([120, 100, 85]) * rng.uniform(0.5, 1.5))
    for low in np.arange(1.0, tall - 1.4, 2.9):
        for at in np.arange(left + 0.7, left + wide - 1.2, 1.9):
            _fill(picture, camera, _standing(at, at + 1.0, low, low + 1.5, end), glass)


def _park(rng: Generator, camera: Camera, wall_m: float) -> tuple[Picture, float]:
    end = wall_m + rng.uniform(5, 14)
    picture = _under_sky(rng, camera, "grass", end)
    for _ in range(int(rng.integers(25, 60))):
        gain = rng.uniform(0.55, 1.1)
        at, depth = np.array([[rng.uniform(-1, 1) * end * 0.9, rng.uniform(0.3, 3.8), -end]]), end
        xy, _ = camera.project(at)
        radius = int(rng.uniform(0.5, 1.5) * camera.focal_px / depth)
        cv2.circle(picture, xy[0].astype(int).tolist(), max(radius, 2),
                   _bgr(np.array([58, 110, 72]) * gain), -1, cv2.LINE_AA)  # fmt: skip
    if rng.random() < 0.4:
        path = np.array([(-0.8, 0, -1.0), (0.8, 0, -1.0), (3.0, 0, -end), (1.2, 0, -end)])
        path[:, 0] += rng.uniform(-2, 2)
        _fill(picture, camera, path, (140, 165, 180))
    return _shaded(rng, np.asarray(cv2.blur(picture, (3, 3)), dtype=np.uint8)), end


def _beach(rng: Generator, camera: Camera, wall_m: float) -> tuple[Picture, float]:
    end = wall_m + rng.uniform(2, 8)
    picture = _under_sky(rng, camera, "sand", end)
    sea = np.array([150, 130, 70]) * rng.uniform(0.7, 1.3)
    _fill(
        picture,
        camera,
        np.array([(-900, 0, -end), (900, 0, -end), (900, 0, -400), (-900, 0, -400.0)]),
        _bgr(sea),
    )
    _fill(picture, camera, _lying(end, end - 0.3), (225, 228, 225))
    return _shaded(rng, picture), end


def _studio(rng: Generator, camera: Camera, wall_m: float) -> tuple[Picture, float]:
    width, height = camera.size_wh_px
    tint = rng.uniform(70, 220) + rng.uniform(-32, 32, 3)
    across, down = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    centre = rng.uniform(-0.5, 0.5, 2)
    light = 1.1 - 0.45 * np.hypot(across - centre[0], down - centre[1])
    picture = np.clip(light[..., None] * tint, 0, 255).astype(np.uint8)
    return picture, wall_m


def _blur(rng: Generator, camera: Camera, wall_m: float) -> tuple[Picture, float]:
    """Any other background far out of focus."""
    kind = str(rng.choice(["room", "street", "park", "beach"]))
    sharp, end = _PAINTERS[kind](rng, camera, wall_m)
    reach = int(rng.integers(9, 31))
    return np.asarray(cv2.blur(cv2.blur(sharp, (reach, reach)), (reach, reach)), np.uint8), end


def _shaded(rng: Generator, picture: Picture) -> Picture:
    """Uneven light: brighter to one side."""
    height, width = picture.shape[:2]
    corners = rng.uniform(0.78, 1.12, (2, 2)).astype(np.float32)
    gain = cv2.resize(corners, (width, height), interpolation=cv2.INTER_LINEAR)
    shaded = cv2.multiply(picture, cv2.merge([gain] * 3), dtype=cv2.CV_8U)
    return np.asarray(shaded, dtype=np.uint8)


def _bgr(colour: FloatArray) -> Bgr:
    blue, green, red = (int(np.clip(channel, 0, 255)) for channel in colour)
    return blue, green, red


_PAINTERS: Mapping[str, Callable[[Generator, Camera, float], tuple[Picture, float]]] = {
    "room": _room,
    "street": _street,
    "park": _park,
    "beach": _beach,
    "studio": _studio,
    "blur": _blur,
}
