"""Training views of whole pictures: larger or smaller, four side by side (a mosaic), mirrored.

What that does to flags is the rule of `core.data.pictures`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.data.augment import other_light
from core.data.letterbox import GREY, Placement, letterbox
from core.data.pictures import (
    LabelledPicture,
    Part,
    PicturePeople,
    PictureView,
    flipped,
    people_on,
)
from core.data.skeleton import Skeleton


@dataclass(frozen=True)
class PictureAugmentation:
    """How far views of whole pictures may differ from the photo."""

    mosaic_share: float = 1.0  # of views made of four photos; KAPAO's, and mosaic in paper 002
    scale: float = 0.9  # photo over or under its letterboxed size, at most; KAPAO's
    shift: float = 0.25  # of the photo, or of where four meet, from the middle, of the view's sides
    flip_share: float = 0.5  # KAPAO's, and flip in paper 002
    blur_share: float = 0.1
    light_share: float = 1.0  # of views in another light


def plain_view(
    picture: LabelledPicture, canvas_wh_px: tuple[int, int], *, fill: int = GREY
) -> PictureView:
    """The picture letterboxed, as predictors look at it."""
    photo = picture.read()
    placement = letterbox(_size(photo), canvas_wh_px)
    return _composed([(photo, picture.people, placement)], [_whole(canvas_wh_px)], fill)


def augmented_view(
    pictures: Sequence[LabelledPicture],
    place: int,
    rng: np.random.Generator,
    *,
    config: PictureAugmentation,
    skeleton: Skeleton,
    canvas_wh_px: tuple[int, int],
    fill: int = GREY,
) -> PictureView:
    """A view of the picture at a place, with three others beside it if it is a mosaic."""
    if rng.random() < config.mosaic_share:
        others = rng.integers(len(pictures), size=3).tolist()
        view = mosaic_view(
            [pictures[n] for n in (place, *others)], rng, config, canvas_wh_px, fill=fill
        )
    else:
        view = scaled_view(pictures[place], rng, config, canvas_wh_px, fill=fill)
    if rng.random() < config.flip_share:
        view = flipped(view, skeleton)
    if rng.random() < config.light_share:
        lit = other_light(view.picture_bgr, rng, blur_share=config.blur_share)
        view = replace(view, picture_bgr=lit)
    return view


def scaled_view(
    picture: LabelledPicture,
    rng: np.random.Generator,
    config: PictureAugmentation,
    canvas_wh_px: tuple[int, int],
    *,
    fill: int = GREY,
) -> PictureView:
    """One photo larger or smaller than letterboxed, and off the middle."""
    photo = picture.read()
    size = _scaled_size(photo, rng, config, canvas_wh_px)
    middle = _jittered_middle(rng, config, canvas_wh_px)
    corner = (middle[0] - size[0] // 2, middle[1] - size[1] // 2)
    placed = (photo, picture.people, Placement(_size(photo), size, corner))
    return _composed([placed], [_whole(canvas_wh_px)], fill)


def mosaic_view(
    pictures: Sequence[LabelledPicture],
    rng: np.random.Generator,
    config: PictureAugmentation,
    canvas_wh_px: tuple[int, int],
    *,
    fill: int = GREY,
) -> PictureView:
    """Four photos around a point, each with a corner there and larger or smaller than letterboxed.

    As YOLOv5's mosaic, drawn once at its final size instead of at twice the side and then cut.

    Args:
        pictures: four: upper left, upper right, lower left, lower right.
    """
    assert len(pictures) == 4
    (x, y), (width, height) = _jittered_middle(rng, config, canvas_wh_px), canvas_wh_px
    parts = [(0, 0, x, y), (x, 0, width, y), (0, y, x, height), (x, y, width, height)]
    placed = []
    for number, picture in enumerate(pictures):
        photo = picture.read()
        size = _scaled_size(photo, rng, config, canvas_wh_px)
        corner = (x - size[0] * (number % 2 == 0), y - size[1] * (number < 2))
        placed.append((photo, picture.people, Placement(_size(photo), size, corner)))
    return _composed(placed, parts, fill)


def _composed(
    placed: Sequence[tuple[NDArray[np.uint8], PicturePeople, Placement]],
    parts: Sequence[Part],
    fill: int,
) -> PictureView:
    """Photos side by side, each seen in its part of the canvas."""
    width, height = max(part[2] for part in parts), max(part[3] for part in parts)
    canvas = np.full((height, width, 3), fill, dtype=np.uint8)
    found = []
    for (photo, people, placement), part in zip(placed, parts, strict=True):
        placement.draw(photo, canvas, part)
        found.append(people_on(people, placement, part))
    return PictureView(
        canvas,
        PicturePeople(
            np.concatenate([people.boxes_xywh_px for people in found]),
            np.concatenate([people.xy_px for people in found]),
            np.concatenate([people.visibility for people in found]),
            np.concatenate([people.flag_known for people in found]),
        ),
    )


def _scaled_size(
    photo_bgr: NDArray[np.uint8],
    rng: np.random.Generator,
    config: PictureAugmentation,
    canvas_wh_px: tuple[int, int],
) -> tuple[int, int]:
    gain = rng.uniform(1 - config.scale, 1 + config.scale)
    width, height = letterbox(_size(photo_bgr), canvas_wh_px).size_wh_px
    return max(1, round(width * gain)), max(1, round(height * gain))


def _jittered_middle(
    rng: np.random.Generator, config: PictureAugmentation, canvas_wh_px: tuple[int, int]
) -> tuple[int, int]:
    x, y = (0.5 + rng.uniform(-1, 1, size=2) * config.shift) * canvas_wh_px
    return round(float(x)), round(float(y))


def _size(photo_bgr: NDArray[np.uint8]) -> tuple[int, int]:
    return photo_bgr.shape[1], photo_bgr.shape[0]


def _whole(canvas_wh_px: tuple[int, int]) -> Part:
    return (0, 0, *canvas_wh_px)
