"""Clothes: what people wear and how the cloth looks."""

import colorsys
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from core.data.drawn.atlas import SMALL_PX, Texture, folds
from core.data.drawn.shapes import Colour

# hue, saturation and value ranges of cloth people really wear; the weight says how often
_CLOTH = (
    ((0.0, 1.0), (0.0, 0.08), (0.08, 0.25), 4),  # black
    ((0.0, 1.0), (0.0, 0.06), (0.75, 0.95), 4),  # white
    ((0.0, 1.0), (0.0, 0.10), (0.35, 0.65), 3),  # grey
    ((0.58, 0.66), (0.35, 0.75), (0.22, 0.55), 5),  # navy, denim
    ((0.05, 0.12), (0.25, 0.55), (0.45, 0.75), 3),  # beige, brown
    ((0.97, 1.02), (0.55, 0.85), (0.45, 0.8), 2),  # red
    ((0.28, 0.42), (0.2, 0.6), (0.25, 0.55), 2),  # green
    ((0.12, 0.16), (0.5, 0.8), (0.75, 0.9), 1),  # yellow
    ((0.5, 0.58), (0.25, 0.6), (0.5, 0.85), 2),  # light blue
    ((0.8, 0.95), (0.2, 0.55), (0.5, 0.85), 2),  # pink, purple
)
PATTERNS = ("plain", "plain", "plain", "stripes", "bars", "checks", "dots", "print", "logo", "band")


@dataclass(frozen=True)
class Outfit:
    """What one person wears.

    Attributes:
        sleeve: how far down the arm the sleeve goes: 0 none, 0.25 short, 1 long.
        lower: "trousers", "shorts", "skirt" or "dress".
        leg: how far down the leg the lower garment goes, 0..1.
        loose_m: how far the cloth stands off the body.
        upper, lower_texture: painted cloth.
        glasses, hat: worn or not; the hat's colour beside.
    """

    sleeve: float
    lower: str
    leg: float
    loose_m: float
    upper: Texture
    lower_texture: Texture
    shoes: Colour
    socks: Colour
    hat: str
    hat_colour: Colour
    glasses: bool


def draw_outfit(rng: Generator, *, womanly: float, striding: bool = False) -> Outfit:
    """Random clothes; no skirt where the legs are wide apart."""
    lower = str(rng.choice(["trousers", "shorts"], p=[0.72, 0.28]))
    if rng.random() < 0.4 * womanly and not striding:
        lower = str(rng.choice(["skirt", "dress"]))
    leg = {
        "trousers": 0.97,
        "shorts": rng.uniform(0.3, 0.52),
        "skirt": rng.uniform(0.28, 0.7),
        "dress": rng.uniform(0.35, 0.75),
    }[lower]
    sleeve = float(rng.choice([0.0, rng.uniform(0.2, 0.36), 0.97], p=[0.12, 0.45, 0.43]))
    upper_colour, lower_colour = cloth_colour(rng), cloth_colour(rng)
    pattern = str(rng.choice(PATTERNS))
    upper = cloth(rng, upper_colour, pattern)
    return Outfit(
        sleeve=sleeve,
        lower=lower,
        leg=float(leg),
        loose_m=float(rng.uniform(0.004, 0.016)),
        upper=upper,
        lower_texture=upper if lower == "dress" else cloth(rng, lower_colour, _lower_pattern(rng)),
        shoes=cloth_colour(rng),
        socks=cloth_colour(rng),
        hat=str(rng.choice(["none", "cap", "beanie", "brim"], p=[0.82, 0.09, 0.05, 0.04])),
        hat_colour=cloth_colour(rng),
        glasses=bool(rng.random() < 0.17),
    )


def _lower_pattern(rng: Generator) -> str:
    return str(rng.choice(["plain", "checks", "seam"], p=[0.72, 0.08, 0.2]))


def cloth_colour(rng: Generator) -> Colour:
    """A colour of cloth, blue, green, red in 0..1."""
    weights = np.array([row[3] for row in _CLOTH], dtype=float)
    hue, saturation, value, _ = _CLOTH[int(rng.choice(len(_CLOTH), p=weights / weights.sum()))]
    red, green, blue = colorsys.hsv_to_rgb(
        rng.uniform(*hue) % 1.0, rng.uniform(*saturation), rng.uniform(*value)
    )
    return blue, green, red


def cloth(rng: Generator, colour: Colour, pattern: str) -> Texture:
    """(SMALL_PX, SMALL_PX, 3) cloth; the front of a torso is the middle column."""
    base = np.empty((SMALL_PX, SMALL_PX, 3), np.uint8)
    cv2.rectangle(base, (0, 0), (SMALL_PX, SMALL_PX), _to_bytes(colour), -1)
    second = _to_bytes(cloth_colour(rng))
    _PAINTERS[pattern](rng, base, second)
    fold = folds()[int(rng.integers(8))]
    gain = np.roll(fold, int(rng.integers(SMALL_PX)), axis=1)
    folded = cv2.multiply(base, cv2.merge([gain] * 3), dtype=cv2.CV_8U)
    return np.asarray(folded, dtype=np.uint8)


def _to_bytes(colour: Colour) -> tuple[int, int, int]:
    # textures are multiplied by light only, hence the room above NEUTRAL stays unused
    blue, green, red = (int(200 * channel) for channel in colour)
    return blue, green, red


def _plain(rng: Generator, base: Texture, second: tuple[int, int, int]) -> None:
    del rng, base, second


def _stripes(rng: Generator, base: Texture, second: tuple[int, int, int]) -> None:
    step = int(rng.integers(9, 26))
    for row in range(int(rng.integers(step)), SMALL_PX, step):
        base[row : row + max(3, step * 2 // 5)] = second


def _bars(rng: Generator, base: Texture, second: tuple[int, int, int]) -> None:
    step = int(rng.choice([8, 16]))
    for column in range(0, SMALL_PX, step):
        base[:, column : column + max(2, step // 4)] = second


def _checks(rng: Generator, base: Texture, second: tuple[int, int, int]) -> None:
    step = int(rng.choice([16, 32]))
    shade = base.copy()
    _stripe_grid(shade, second, step)
    cv2.addWeighted(base, 0.45, shade, 0.55, 0, dst=base)


def _stripe_grid(shade: Texture, second: tuple[int, int, int], step: int) -> None:
    for place in range(0, SMALL_PX, step):
        shade[place : place + step // 3] = second
        shade[:, place : place + step // 3] = second


def _dots(rng: Generator, base: Texture, second: tuple[int, int, int]) -> None:
    step = int(rng.choice([16, 21]))
    for row, y in enumerate(range(step // 2, SMALL_PX, step)):
        for x in range(step // 2 + (row % 2) * step // 2, SMALL_PX, step):
            cv2.circle(base, (x, y), step // 5, second, -1, cv2.LINE_AA)


def _print(rng: Generator, base: Texture, second: tuple[int, int, int]) -> None:
    for _ in range(40):
        middle = rng.integers(0, SMALL_PX, 2).tolist()
        axes = rng.integers(2, 9, 2).tolist()
        shade = tuple(int(c * rng.uniform(0.6, 1.1)) % 256 for c in second)
        cv2.ellipse(base, middle, axes, int(rng.integers(180)), 0, 360, shade, -1, cv2.LINE_AA)


def _logo(rng: Generator, base: Texture, second: tuple[int, int, int]) -> None:
    middle = (SMALL_PX // 2, 45)
    if rng.random() < 0.5:
        cv2.ellipse(base, middle, (11, 15), 0, 0, 360, second, -1, cv2.LINE_AA)
        cv2.ellipse(base, middle, (6, 8), 0, 0, 360, base[2, 2].tolist(), 3, cv2.LINE_AA)
        return
    number = str(rng.integers(1, 99))
    for x in (SMALL_PX // 2 - 11, 2):
        cv2.putText(base, number, (x, 62), cv2.FONT_HERSHEY_DUPLEX, 0.75, second, 2, cv2.LINE_AA)
    base[:] = base[:, ::-1].copy()  # a ring of points runs from right to left as one faces it


def _band(rng: Generator, base: Texture, second: tuple[int, int, int]) -> None:
    top = int(rng.integers(25, 70))
    base[top : top + int(rng.integers(10, 45))] = second


def _seam(rng: Generator, base: Texture, second: tuple[int, int, int]) -> None:
    del rng
    for column in (SMALL_PX // 4, SMALL_PX * 3 // 4):
        base[:, column - 3 : column + 3] = second


_PAINTERS = {
    "plain": _plain,
    "stripes": _stripes,
    "bars": _bars,
    "checks": _checks,
    "dots": _dots,
    "print": _print,
    "logo": _logo,
    "band": _band,
    "seam": _seam,
}
