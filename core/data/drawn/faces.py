"""Faces: the shape of a head, the picture painted on it, and where its keypoints are.

Places on a head are an azimuth (0 in front, positive to the person's left) and an elevation
(90 at the crown), in degrees.
"""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from core.data.drawn.atlas import HEAD_PX, Texture
from core.data.drawn.shapes import Colour, unit_sphere

FloatArray = NDArray[np.float64]
EYE_AZIMUTH, EYE_ELEVATION = 21.0, 4.0
NOSE_ELEVATION, MOUTH_ELEVATION, BROW_ELEVATION = -15.0, -35.0, 17.0
EAR_AZIMUTH, EAR_ELEVATION = 97.0, -3.0
_FRONT = np.s_[90:250, 56:200]  # the part of a head tile that is painted finely
# light to dark, red green blue; between two neighbours every mixture occurs
_SKIN_RGB = np.array(
    [(246, 214, 194), (231, 188, 160), (214, 164, 128), (185, 130, 92), (141, 92, 62),
     (104, 66, 46), (72, 46, 34)], dtype=float,
)  # fmt: skip
_HAIR_RGB = np.array(
    [(28, 22, 20), (52, 36, 28), (88, 58, 36), (140, 98, 58), (200, 165, 110), (150, 62, 34),
     (150, 148, 145), (215, 213, 210)], dtype=float,
)  # fmt: skip
_IRIS_BGR = ((38, 52, 74), (60, 90, 110), (150, 120, 90), (90, 110, 80))


@dataclass(frozen=True)
class Face:
    """Colours and features of one face; colours are blue, green, red in 0..1."""

    skin: Colour
    hair: Colour
    iris: tuple[int, int, int]
    beard: float
    smile: float
    mouth_open: bool
    lips: float
    brow: float
    glasses: bool
    stubble_line: float  # elevation above which a shaved head shows hair; 90 = none


def draw_face(rng: Generator, *, womanly: float, child: bool, glasses: bool, buzz: bool) -> Face:
    """A random face."""
    place = rng.uniform(0, len(_SKIN_RGB) - 1)
    low = int(place)
    mix = _SKIN_RGB[low] * (1 - place + low) + _SKIN_RGB[min(low + 1, 6)] * (place - low)
    dark = place > 3
    hair = _HAIR_RGB[int(rng.choice(3) if dark else rng.choice(6))]
    if not child and rng.random() < 0.16:
        hair = _HAIR_RGB[int(rng.integers(6, 8))]
    bearded = not child and womanly < 0.4 and rng.random() < 0.35
    return Face(
        skin=_bgr(mix),
        hair=_bgr(hair * rng.uniform(0.85, 1.1)),
        iris=_IRIS_BGR[0 if dark else int(rng.integers(4))],
        beard=float(rng.uniform(0.35, 0.9)) if bearded else 0.0,
        smile=float(rng.uniform(-0.2, 1.0)),
        mouth_open=bool(rng.random() < 0.2),
        lips=float(0.35 + 0.5 * womanly),
        brow=float(rng.uniform(0.7, 1.3)),
        glasses=glasses,
        stubble_line=48.0 if buzz else 90.0,
    )


def _bgr(rgb: FloatArray) -> Colour:
    red, green, blue = np.clip(rgb / 255, 0, 1)
    return float(blue), float(green), float(red)


def head_point(azimuth_deg: FloatArray | float, elevation_deg: FloatArray | float) -> FloatArray:
    """(..., 3) place on a head of height 1: left, up, forward from its middle."""
    azimuth, elevation = np.radians(azimuth_deg), np.radians(elevation_deg)
    unit = np.stack(
        [
            np.cos(elevation) * np.sin(azimuth),
            np.sin(elevation) + 0 * azimuth,
            np.cos(elevation) * np.cos(azimuth),
        ],
        axis=-1,
    )
    return shape_head(unit)


def shape_head(unit: FloatArray) -> FloatArray:
    """A head of height 1 out of a unit sphere (..., 3): flat sides, a jaw, a chin, a nape."""
    x, y, z = unit[..., 0], unit[..., 1], unit[..., 2]
    low = np.clip(-y, 0, 1)
    jaw = 1 - 0.40 * low**1.6
    nape = np.where(z < 0, 1 - 0.42 * low, 1.0)
    chin = np.where(z > 0, 0.10 * low**3, 0.0)
    forehead = np.where(z > 0, 1 - 0.07 * np.clip(y, 0, 1) ** 2, 1.0)
    return np.stack(
        [0.345 * x * jaw, 0.5 * y, 0.425 * z * nape * forehead + chin * np.clip(z, 0, 1)], axis=-1
    )


@lru_cache(maxsize=1)
def head_grid() -> FloatArray:
    """(N, M + 1, 3) the whole head of height 1."""
    return shape_head(unit_sphere(17, 25))


def face_pixel(azimuth_deg: float, elevation_deg: float) -> tuple[int, int]:
    """Where a place on the head lies in its tile of HEAD_PX."""
    x = (180 - azimuth_deg) / 360 * (HEAD_PX - 3)
    return round(x), round((90 - elevation_deg) / 180 * (HEAD_PX - 3))


def paint_face(face: Face) -> Texture:
    """(HEAD_PX, HEAD_PX, 3) the whole head unrolled, the face in the middle."""
    skin = np.array(face.skin) * 200
    image = np.empty((HEAD_PX, HEAD_PX, 3), np.uint8)
    cv2.rectangle(image, (0, 0), (HEAD_PX, HEAD_PX), _tone(skin, 1), -1)
    _paint_hair_shadow(image, face)
    _paint_cheeks(image, skin)
    for side in (1.0, -1.0):
        _paint_eye(image, face, skin, side)
    _paint_nose(image, skin)
    if face.beard:
        _paint_beard(image, face)
    _paint_mouth(image, face, skin)
    if face.glasses:
        _paint_glasses(image)
    image[_FRONT] = cv2.GaussianBlur(image[_FRONT], (3, 3), 0.6)
    return image


def _tone(colour: FloatArray, gain: float) -> tuple[int, int, int]:
    blue, green, red = (int(np.clip(channel * gain, 0, 255)) for channel in colour)
    return blue, green, red


def _oval(
    image: Texture,
    at: tuple[int, int],
    axes: tuple[int, int],
    colour: tuple[int, int, int],
    *,
    arc: tuple[float, float] = (0, 360),
    thick: int = -1,
    angle: float = 0,
) -> None:
    cv2.ellipse(image, at, axes, angle, *arc, colour, thick, cv2.LINE_AA)


def _paint_hair_shadow(image: Texture, face: Face) -> None:
    if face.stubble_line >= 90:
        return
    tone = _tone(np.array(face.hair) * 200 * 0.6 + np.array(face.skin) * 200 * 0.4, 0.9)
    _, row = face_pixel(0, face.stubble_line)
    _, back_row = face_pixel(0, -30)
    left, right = face_pixel(78, 0)[0], face_pixel(-78, 0)[0]
    image[:row] = tone
    image[:back_row, :left] = tone
    image[:back_row, right:] = tone


def _paint_cheeks(image: Texture, skin: FloatArray) -> None:
    warm = image.copy()
    for side in (1, -1):
        _oval(warm, face_pixel(side * 30, -20), (13, 18), _tone(skin * [0.82, 0.84, 1.02], 1))
        _oval(warm, face_pixel(side * 21, 5), (13, 12), _tone(skin, 0.80))
    soft = cv2.GaussianBlur(warm[_FRONT], (0, 0), 4)
    image[_FRONT] = cv2.addWeighted(image[_FRONT], 0.4, soft, 0.6, 0)


def _paint_eye(image: Texture, face: Face, skin: FloatArray, side: float) -> None:
    x, y = face_pixel(side * EYE_AZIMUTH, EYE_ELEVATION)
    _oval(image, (x, y), (8, 6), _tone(skin, 0.62))
    _oval(image, (x, y + 1), (7, 5), (212, 216, 220))
    _oval(image, (x, y), (4, 5), face.iris)
    _oval(image, (x, y), (2, 3), (12, 10, 10))
    image[y - 2 : y, x + 1 : x + 3] = 235
    _oval(image, (x, y), (8, 6), _tone(skin, 0.28), arc=(190, 350), thick=2)
    brow = _tone(np.array(face.hair) * 200 * 0.7 + skin * 0.12, 0.85)
    bx, by = face_pixel(side * (EYE_AZIMUTH + 1), BROW_ELEVATION - 6)
    thick = max(2, round(3 * face.brow))
    _oval(image, (bx, by + 5), (11, 9), brow, arc=(205, 335), thick=thick)


def _paint_nose(image: Texture, skin: FloatArray) -> None:
    x, y = face_pixel(0, NOSE_ELEVATION - 7)
    for side in (-4, 4):
        _oval(image, (x + side, y), (2, 2), _tone(skin, 0.4))
    cv2.line(image, (x - 7, y - 18), (x - 7, y - 4), _tone(skin, 0.87), 2, cv2.LINE_AA)


def _paint_beard(image: Texture, face: Face) -> None:
    shade = image.copy()
    dark = _tone(np.array(face.hair) * 200, 0.9)
    outline = [
        (75, -8),
        (62, -28),
        (24, -30),
        (0, -26),
        (-24, -30),
        (-62, -28),
        (-75, -8),
        (-70, -60),
        (-30, -86),
        (30, -86),
        (70, -60),
    ]
    cv2.fillPoly(shade, [np.array([face_pixel(*place) for place in outline])], dark, cv2.LINE_AA)
    soft = cv2.GaussianBlur(shade[_FRONT], (0, 0), 2.5)
    image[_FRONT] = cv2.addWeighted(image[_FRONT], 1 - face.beard, soft, face.beard, 0)


def _paint_mouth(image: Texture, face: Face, skin: FloatArray) -> None:
    x, y = face_pixel(0, MOUTH_ELEVATION)
    lip = _tone(skin * (1 - 0.3 * face.lips) * [0.72, 0.70, 1.0 + 0.08 * face.lips], 0.86)
    lift = round(4 * face.smile)
    _oval(image, (x, y - 1), (12, 4 + round(2 * face.lips)), lip)
    if face.mouth_open:
        _oval(image, (x, y), (10, 5), (40, 30, 70))
        _oval(image, (x, y - 2), (8, 2), (215, 220, 225))
    dark = _tone(skin * [0.5, 0.5, 0.75], 0.5)
    _oval(image, (x, y - lift), (12, max(1, lift + 1)), dark, arc=(15, 165), thick=1)


def _paint_glasses(image: Texture) -> None:
    for side in (1, -1):
        _oval(
            image,
            face_pixel(side * EYE_AZIMUTH, EYE_ELEVATION - 1),
            (13, 12),
            (25, 22, 22),
            thick=2,
        )
        start, end = face_pixel(side * 37, EYE_ELEVATION), face_pixel(side * 92, EYE_ELEVATION + 2)
        cv2.line(image, start, end, (25, 22, 22), 2, cv2.LINE_AA)
    cv2.line(image, face_pixel(8, 6), face_pixel(-8, 6), (25, 22, 22), 2, cv2.LINE_AA)
