"""Training views of a person: another crop, another light, things in front of them.

Whatever hides or cuts off a keypoint changes its flag with it. The stated rule:

- A keypoint outside the crop (or cut off with the photo's frame) is UNLABELLED.
- A keypoint under a pasted thing is OCCLUDED while at least one of its neighbours along the
  skeleton is still in the crop and uncovered: then one can tell where it is. Otherwise it is
  UNLABELLED, and so is a keypoint that was OCCLUDED already when its neighbours go.
- A keypoint whose place was never labelled keeps its flag, and whether that flag is trusted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from core.data.crops import BOX_PADDING, apply_affine, crop_affine, cut_out
from core.data.skeleton import Skeleton
from core.data.visibility import Visibility

AREA_OF_BOX = 0.53  # a person's mask over its box, on average


@dataclass(frozen=True)
class LabelledPerson:
    """One person to learn from.

    Attributes:
        photo_bgr: (H, W, 3) uint8, the photo or the part of it around the person.
        box_xywh_px: (4,) in that photo.
        xy_px: (K, 2) float64 in that photo.
        visibility: (K,) int8, values of `Visibility`.
        flag_known: (K,) bool; False where the flag is not to be learned from.
        area_px2: what OKS calls the person's area, in that photo; None: `area_of_box` of the box.
    """

    photo_bgr: NDArray[np.uint8]
    box_xywh_px: NDArray[np.float64]
    xy_px: NDArray[np.float64]
    visibility: NDArray[np.int8]
    flag_known: NDArray[np.bool_]
    area_px2: float | None = None

    @property
    def oks_area_px2(self) -> float:
        """The area OKS is measured with, in pixels of the photo; above 0."""
        return area_of_box(self.box_xywh_px) if self.area_px2 is None else self.area_px2


@dataclass(frozen=True)
class View:
    """One training example, in crop pixels.

    Attributes:
        crop_bgr: (H, W, 3) uint8.
        xy_px: (K, 2) float32.
        placed: (K,) bool, True where the place is known and inside the crop.
        visibility: (K,) int8.
        flag_known: (K,) bool.
        area_px2: the person's area (OKS) in crop pixels, what the crop does not show included.
    """

    crop_bgr: NDArray[np.uint8]
    xy_px: NDArray[np.float32]
    placed: NDArray[np.bool_]
    visibility: NDArray[np.int8]
    flag_known: NDArray[np.bool_]
    area_px2: float


@dataclass(frozen=True)
class Augmentation:
    """How far views may differ from the photo."""

    scale: float = 0.25  # crop side over or under the box's, at most; normal, sd 0.7 of it
    rotation_deg: float = 30.0  # sd, cut at twice
    rotated_share: float = 0.6  # of views that are turned at all
    shift: float = 0.04  # sd of the box's centre, of the crop's sides: boxes are drawn by hand
    flip_share: float = 0.5
    cut_share: float = 0.25  # of views whose photo is cut through the person
    occluded_share: float = 0.4  # of views with things pasted in front
    blur_share: float = 0.2  # small persons in photos are soft when cut out
    light_share: float = 1.0  # of views in another light; blurred ones are among them


def area_of_box(box_xywh_px: NDArray[np.floating]) -> float:
    """The area OKS is measured with where an annotation has none, in pixels of the box's frame.

    0.53 of the box, as xtcocotools takes for sets without masks (`use_area=False`).
    """
    return float(AREA_OF_BOX * box_xywh_px[2] * box_xywh_px[3])


def plain_view(
    person: LabelledPerson,
    crop_size_wh_px: tuple[int, int],
    *,
    padding: float = BOX_PADDING,
    alignment: str = "centres",
) -> View:
    """The person as predictors cut it out."""
    affine = crop_affine(person.box_xywh_px, crop_size_wh_px, padding=padding, alignment=alignment)
    return _warp(person, affine, crop_size_wh_px)


def augmented_view(
    person: LabelledPerson,
    rng: np.random.Generator,
    *,
    config: Augmentation,
    skeleton: Skeleton,
    crop_size_wh_px: tuple[int, int],
    texture_bgr: NDArray[np.uint8],
    padding: float = BOX_PADDING,
    alignment: str = "centres",
) -> View:
    """A view that differs from the photo; `texture_bgr` is what pasted things are made of."""
    if rng.random() < config.cut_share:
        person = cut_off(person, rng)
    scale = 1 + np.clip(rng.normal() * 0.7, -1, 1) * config.scale
    turned = rng.random() < config.rotated_share
    rotation = float(np.clip(rng.normal(), -2, 2)) * config.rotation_deg if turned else 0.0
    shift = rng.normal(size=2) * config.shift
    affine = crop_affine(
        person.box_xywh_px,
        crop_size_wh_px,
        padding=padding * scale,
        rotation_deg=rotation,
        shift=(float(shift[0]), float(shift[1])),
        alignment=alignment,
    )
    view = _warp(person, affine, crop_size_wh_px)
    if rng.random() < config.flip_share:
        view = flipped(view, skeleton)
    if rng.random() < config.light_share:
        view = replace(view, crop_bgr=other_light(view.crop_bgr, rng, blur_share=config.blur_share))
    if rng.random() < config.occluded_share:
        view = with_things_in_front(view, rng, texture_bgr, skeleton)
    return view


def flipped(view: View, skeleton: Skeleton) -> View:
    """The mirror image; left and right keypoints change places, with all that belongs to them."""
    swap = skeleton.flip_index
    xy = view.xy_px[swap].copy()
    xy[:, 0] = view.crop_bgr.shape[1] - 1 - xy[:, 0]
    return View(
        np.ascontiguousarray(view.crop_bgr[:, ::-1]),
        xy,
        view.placed[swap],
        view.visibility[swap],
        view.flag_known[swap],
        view.area_px2,
    )


def cut_off(person: LabelledPerson, rng: np.random.Generator) -> LabelledPerson:
    """The same photo with its frame drawn through the person; what is outside is gone.

    At least four labelled keypoints and a part of the box stay, else the person comes back as it
    was. The box shrinks with the frame, as an annotator's would, and the area by the same share.
    """
    x, y, width, height = person.box_xywh_px
    photo_height, photo_width = person.photo_bgr.shape[:2]
    left, top, right, bottom = 0, 0, photo_width, photo_height
    kept = float(rng.uniform(0.35, 0.85))
    side = rng.choice(["bottom", "top", "left", "right"], p=[0.55, 0.15, 0.15, 0.15])
    if side == "bottom":
        bottom = int(min(bottom, y + kept * height))
    elif side == "top":
        top = int(max(top, y + (1 - kept) * height))
    elif side == "left":
        left = int(max(left, x + (1 - kept) * width))
    else:
        right = int(min(right, x + kept * width))
    xy = person.xy_px
    inside = (xy[:, 0] >= left) & (xy[:, 0] < right) & (xy[:, 1] >= top) & (xy[:, 1] < bottom)
    labelled = person.visibility > Visibility.UNLABELLED
    if (labelled & inside).sum() < 4:
        return person
    low = np.maximum([x, y], [left, top])
    high = np.minimum([x + width, y + height], [right, bottom])
    if (high - low).min() < 1:  # a box of a pixel, or one that is not where its keypoints are
        return person
    gone = labelled & ~inside
    kept_share = float((high - low).prod() / (width * height))
    return LabelledPerson(
        person.photo_bgr[top:bottom, left:right],
        np.concatenate([low - [left, top], high - low]),
        xy - [left, top],
        np.where(gone, Visibility.UNLABELLED, person.visibility).astype(np.int8),
        person.flag_known | gone,
        person.oks_area_px2 * kept_share,
    )


def other_light(
    crop_bgr: NDArray[np.uint8], rng: np.random.Generator, *, blur_share: float
) -> NDArray[np.uint8]:
    """Another brightness, contrast and tint; now and then grey or soft."""
    gain = rng.uniform(0.65, 1.35) * rng.uniform(0.9, 1.1, size=3)
    offset = rng.uniform(-25, 25)
    steps = np.arange(256)[:, None] * gain + offset  # (256, 3)
    table = np.clip(steps, 0, 255).astype(np.uint8)[None]  # (1, 256, 3)
    lit = cv2.LUT(crop_bgr, table)
    if rng.random() < 0.1:
        lit = cv2.cvtColor(cv2.cvtColor(lit, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    if rng.random() < blur_share:
        lit = cv2.GaussianBlur(lit, (0, 0), float(rng.uniform(0.6, 2.5)))
    return np.asarray(lit, dtype=np.uint8)


def with_things_in_front(
    view: View, rng: np.random.Generator, texture_bgr: NDArray[np.uint8], skeleton: Skeleton
) -> View:
    """One or two things pasted over the person; flags follow by the rule of this module."""
    height, width = view.crop_bgr.shape[:2]
    covered = np.zeros((height, width), dtype=np.uint8)
    for _ in range(int(rng.integers(1, 3))):
        _draw_thing(covered, rng, view.xy_px[view.placed])
    surface = _surface(rng, texture_bgr, (width, height))
    crop = np.where(covered[..., None] > 0, surface, view.crop_bgr)
    column, row = np.round(view.xy_px).astype(int).T
    hidden = view.placed & (covered[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)] > 0)
    return hide(replace(view, crop_bgr=crop), hidden, skeleton.edges)


def hide(view: View, hidden: NDArray[np.bool_], edges: Sequence[tuple[int, int]]) -> View:
    """Flags after `hidden` (K,) keypoints got covered."""
    in_sight = view.placed & ~hidden
    supported = np.zeros_like(hidden)
    for a, b in edges:
        supported[a] |= in_sight[b]
        supported[b] |= in_sight[a]
    visibility = view.visibility.copy()
    visibility[hidden & supported] = Visibility.OCCLUDED
    visibility[hidden & ~supported] = Visibility.UNLABELLED
    return replace(
        view,
        placed=view.placed & ~(hidden & ~supported),
        visibility=visibility,
        flag_known=view.flag_known | hidden,
    )


def _warp(
    person: LabelledPerson, affine: NDArray[np.float64], crop_size_wh_px: tuple[int, int]
) -> View:
    xy = apply_affine(affine, person.xy_px)
    labelled = person.visibility > Visibility.UNLABELLED
    inside = ((xy >= -0.5) & (xy < np.array(crop_size_wh_px) - 0.5)).all(axis=1)
    lost = labelled & ~inside
    return View(
        cut_out(person.photo_bgr, affine, crop_size_wh_px),
        xy.astype(np.float32),
        labelled & inside,
        np.where(lost, Visibility.UNLABELLED, person.visibility).astype(np.int8),
        person.flag_known | lost,
        # How much larger a pixel of the photo is in the crop.
        person.oks_area_px2 * abs(float(np.linalg.det(affine[:, :2]))),
    )


def _draw_thing(
    covered: NDArray[np.uint8], rng: np.random.Generator, around_xy_px: NDArray[np.float32]
) -> None:
    """Mark an ellipse, a turned rectangle or a ragged polygon, near a keypoint if there is one."""
    height, width = covered.shape
    centre = rng.uniform([0, 0], [width, height])
    if len(around_xy_px):
        centre = around_xy_px[rng.integers(len(around_xy_px))] + rng.normal(size=2) * 8
    sides = rng.uniform(0.06, 0.35, size=2) * (width, height)
    angle = float(rng.uniform(0, 180))
    middle = (int(centre[0]), int(centre[1]))
    shape = rng.integers(3)
    if shape == 0:
        axes = (int(sides[0] * 0.6) + 2, int(sides[1] * 0.6) + 2)
        cv2.ellipse(covered, middle, axes, angle, 0, 360, 1, -1)
        return
    if shape == 1:
        corners = cv2.boxPoints((middle, (float(sides[0]) + 4, float(sides[1]) + 4), angle))
    else:
        turns = np.sort(rng.uniform(0, 2 * np.pi, size=8))
        reach = rng.uniform(0.4, 1.1, size=(8, 1)) * sides * 0.7
        corners = centre + np.stack([np.cos(turns), np.sin(turns)], axis=1) * reach
    cv2.fillPoly(covered, [np.round(corners).astype(np.int32)], 1)


def _surface(
    rng: np.random.Generator, texture_bgr: NDArray[np.uint8], size_wh_px: tuple[int, int]
) -> NDArray[np.uint8]:
    """What things are made of: a piece of another photo, or one colour with grain."""
    width, height = size_wh_px
    if rng.random() < 0.6:
        return np.asarray(cv2.resize(texture_bgr, (width, height)), dtype=np.uint8)
    grain = rng.normal(scale=rng.uniform(1, 15), size=(height, width, 1))
    return np.clip(rng.uniform(0, 255, size=3) + grain, 0, 255).astype(np.uint8)
