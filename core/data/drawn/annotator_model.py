"""The annotator model: labels made wrong the way people make them wrong, with the truth kept.

Each picture is labelled by one of `ANNOTATORS`, whose habits multiply the rates of `Mistakes`.
Every wrong label is reported as a `PlantedError`; the small scatter of every click is not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from core.data.drawn.scene import DrawnPerson
from core.data.review import Label
from core.data.skeleton import COCO17
from core.data.visibility import Visibility

FloatArray = NDArray[np.float64]


class MistakeKind(StrEnum):
    """What went wrong."""

    OCCLUDED_CALLED_VISIBLE = "occluded_called_visible"
    VISIBLE_CALLED_OCCLUDED = "visible_called_occluded"
    LEFT_OUT = "left_out"  # a hidden keypoint that could have been placed has no label
    FORGOTTEN = "forgotten"  # a visible keypoint has no label
    MADE_UP = "made_up"  # a hopeless keypoint was placed by guessing
    SWAPPED = "swapped"  # left and right exchanged
    MISPLACED = "misplaced"
    PERSON_SKIPPED = "person_skipped"


@dataclass(frozen=True)
class Mistakes:
    """How often what goes wrong; each rate is a share of the keypoints it can happen to.

    Attributes:
        occluded_called_visible: the commonest: one "sees" the hip through the table. Labels made
            without a third look mix up the two classes most (here and one line below).
        visible_called_occluded: rarer; a hand in shadow, a shoulder under a bag strap.
        left_out: the guideline asks for hidden keypoints, the clock does not.
        forgotten: a plain slip, mostly at faces.
        made_up: diligence where nothing can be known: legs behind a counter.
        swapped: persons with one limb or all sides exchanged; seen from behind three times as
            often.
        misplaced: one click far off: another person's wrist, a fold taken for a knee.
        person_skipped: small persons (fewer than `small_px` tall) left without any keypoint.
        scatter: of every click, in COCO's sigmas (1 = as far apart as COCO's annotators were).
        small_px: what counts as small.
    """

    occluded_called_visible: float = 0.10
    visible_called_occluded: float = 0.015
    left_out: float = 0.08
    forgotten: float = 0.01
    made_up: float = 0.02
    swapped: float = 0.02
    misplaced: float = 0.008
    person_skipped: float = 0.15
    scatter: float = 0.4
    small_px: float = 90.0


CAREFUL = Mistakes()
_FIVE_SIGMAS = 5.0  # how far a misplaced click lies off


@dataclass(frozen=True)
class Annotator:
    """One person's habits; factors on the rates of `Mistakes`.

    Attributes:
        through_self: on keypoints hidden by the annotated person's own body being called visible.
        left_out: on hidden keypoints without a label.
        whole_face: share of persons whose face is labelled visible throughout once any of it is.
    """

    through_self: float
    left_out: float
    whole_face: float


ANNOTATORS: Mapping[str, Annotator] = {
    "careful": Annotator(through_self=0.5, left_out=0.5, whole_face=0.0),
    "sees_through_bodies": Annotator(through_self=5.0, left_out=0.5, whole_face=0.05),
    "in_a_hurry": Annotator(through_self=1.0, left_out=2.5, whole_face=0.0),
    "whole_faces": Annotator(through_self=1.0, left_out=1.0, whole_face=0.5),
}


@dataclass(frozen=True)
class PlantedError:
    """One wrong label of a drawn dataset.

    Attributes:
        annotation_id: of the written file.
        keypoint: index from 0.
        given: what the file says.
        true: what is right.
    """

    annotation_id: int
    keypoint: int
    kind: MistakeKind
    given: Label
    true: Label


@dataclass
class _Sheet:
    """The labels of one person while they are being made."""

    xy: FloatArray
    flags: NDArray[np.int8]
    kinds: dict[int, MistakeKind]

    def set_flag(self, keypoint: int, flag: Visibility, kind: MistakeKind) -> None:
        self.flags[keypoint] = flag
        self.kinds[keypoint] = kind


def true_labels(person: DrawnPerson) -> tuple[Label, ...]:
    """The 17 labels a perfect annotator gives: whole pixels, (0, 0) where unlabelled."""
    return _labels(person.xy_image_px, person.visibility)


def annotate(
    rng: Generator, person: DrawnPerson, annotator: Annotator, mistakes: Mistakes
) -> tuple[tuple[Label, ...], dict[int, MistakeKind]]:
    """The 17 labels this annotator gives, and what is wrong with which keypoint."""
    sheet = _Sheet(person.xy_image_px.copy(), person.visibility.copy(), {})
    if person.box_xywh_px[3] < mistakes.small_px and rng.random() < mistakes.person_skipped:
        for keypoint in np.flatnonzero(person.visibility).tolist():
            sheet.set_flag(keypoint, Visibility.UNLABELLED, MistakeKind.PERSON_SKIPPED)
        return _labels(sheet.xy, sheet.flags), sheet.kinds
    _mistake_flags(rng, person, annotator, mistakes, sheet)
    _make_up(rng, person, mistakes, sheet)
    if rng.random() < annotator.whole_face:
        _label_whole_face(person, sheet)
    _misplace(rng, person, mistakes, sheet)
    _swap_sides(rng, person, mistakes, sheet)
    _keep_in_frame(sheet.xy, person.mask.shape)
    given, true = _labels(sheet.xy, sheet.flags), true_labels(person)
    wrong = {k: kind for k, kind in sheet.kinds.items() if given[k] != true[k]}
    return given, wrong


def _mistake_flags(
    rng: Generator,
    person: DrawnPerson,
    annotator: Annotator,
    mistakes: Mistakes,
    sheet: _Sheet,
) -> None:
    for keypoint, flag in enumerate(person.visibility):
        draw = rng.random()
        if flag == Visibility.VISIBLE:
            if draw < mistakes.forgotten:
                sheet.set_flag(keypoint, Visibility.UNLABELLED, MistakeKind.FORGOTTEN)
            elif draw < mistakes.forgotten + mistakes.visible_called_occluded:
                kind = MistakeKind.VISIBLE_CALLED_OCCLUDED
                sheet.set_flag(keypoint, Visibility.OCCLUDED, kind)
        elif flag == Visibility.OCCLUDED:
            habit = annotator.through_self if _behind_self(person, keypoint) else 1.0
            seen = min(0.9, mistakes.occluded_called_visible * habit)
            if draw < seen:
                kind = MistakeKind.OCCLUDED_CALLED_VISIBLE
                sheet.set_flag(keypoint, Visibility.VISIBLE, kind)
            elif draw < seen + mistakes.left_out * annotator.left_out:
                sheet.set_flag(keypoint, Visibility.UNLABELLED, MistakeKind.LEFT_OUT)


def _make_up(rng: Generator, person: DrawnPerson, mistakes: Mistakes, sheet: _Sheet) -> None:
    """Place hopeless keypoints by guessing."""
    guessed = (rng.random(17) < mistakes.made_up) & (person.visibility == 0) & _in_frame(person)
    off = rng.standard_normal((17, 2)) * 2 * _sigma_px(person)[:, None]
    if not person.visibility.any():
        return
    for keypoint in np.flatnonzero(guessed).tolist():
        sheet.set_flag(keypoint, Visibility.OCCLUDED, MistakeKind.MADE_UP)
        sheet.xy[keypoint] += off[keypoint]


def _in_frame(person: DrawnPerson) -> NDArray[np.bool_]:
    """(17,) whether the true place lies in the picture."""
    height, width = person.mask.shape
    xy = person.xy_image_px
    inside = (xy >= 0) & (xy <= (width - 1, height - 1))
    return np.asarray(inside.all(axis=1), dtype=np.bool_)


def _behind_self(person: DrawnPerson, keypoint: int) -> bool:
    """Whether what hides the keypoint is the person itself: the mask covers its place."""
    height, width = person.mask.shape
    x = int(np.clip(round(float(person.xy_image_px[keypoint, 0])), 0, width - 1))
    y = int(np.clip(round(float(person.xy_image_px[keypoint, 1])), 0, height - 1))
    return bool(person.mask[y, x])


def _label_whole_face(person: DrawnPerson, sheet: _Sheet) -> None:
    visible = person.visibility[:5] == Visibility.VISIBLE
    if not visible.any():
        return
    for keypoint in np.flatnonzero(~visible & _in_frame(person)[:5]).tolist():
        hidden = person.visibility[keypoint] == Visibility.OCCLUDED
        kind = MistakeKind.OCCLUDED_CALLED_VISIBLE if hidden else MistakeKind.MADE_UP
        sheet.set_flag(keypoint, Visibility.VISIBLE, kind)


def _sigma_px(person: DrawnPerson) -> FloatArray:
    """(17,) scatter of COCO's annotators on this person, pixels (sigma times root of area)."""
    sigma: FloatArray = COCO17.sigmas * np.sqrt(person.area_px2)
    return sigma


def _misplace(rng: Generator, person: DrawnPerson, mistakes: Mistakes, sheet: _Sheet) -> None:
    sigma = _sigma_px(person)
    sheet.xy += rng.standard_normal((17, 2)) * (mistakes.scatter * sigma)[:, None]
    far = rng.random(17) < mistakes.misplaced
    angle = rng.uniform(0, 2 * np.pi, 17)
    for k in np.flatnonzero(far & (sheet.flags > 0)):
        direction = np.array([np.cos(angle[k]), np.sin(angle[k])])
        sheet.xy[k] += max(_FIVE_SIGMAS * sigma[k], 6.0) * direction
        sheet.kinds.setdefault(int(k), MistakeKind.MISPLACED)


def _swap_sides(rng: Generator, person: DrawnPerson, mistakes: Mistakes, sheet: _Sheet) -> None:
    from_behind = not (person.visibility[:3] > 0).any()
    draw, part = rng.random(), int(rng.integers(4))
    if draw >= mistakes.swapped * (3 if from_behind else 1):
        return
    limbs: tuple[tuple[int, ...], ...] = (
        (7, 9),
        (13, 15),
        (11, 13, 15),
        (1, 3, 5, 7, 9, 11, 13, 15),
    )
    for left in limbs[part]:
        right = int(COCO17.flip_index[left])
        pair, other = [left, right], [right, left]
        sheet.xy[pair], sheet.flags[pair] = sheet.xy[other], sheet.flags[other]
        for keypoint in pair:
            if sheet.flags[keypoint] or person.visibility[keypoint]:
                sheet.kinds[keypoint] = MistakeKind.SWAPPED


def _keep_in_frame(xy: FloatArray, size_hw_px: tuple[int, ...]) -> None:
    height, width = size_hw_px
    # 1 and not 0: a click at (0, 0) would read as no click at all
    np.clip(xy, 1, (width - 1, height - 1), out=xy)


def _labels(xy: FloatArray, flags: NDArray[np.int8]) -> tuple[Label, ...]:
    return tuple(
        Label(float(round(x)), float(round(y)), Visibility(int(flag)))
        if flag
        else Label(0.0, 0.0, Visibility.UNLABELLED)
        for (x, y), flag in zip(xy.tolist(), flags.tolist(), strict=True)
    )
