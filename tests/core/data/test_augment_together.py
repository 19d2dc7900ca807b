"""Flags, places and pixels move together, whatever a view does: checked on painted keypoints."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.augment import (
    Augmentation,
    LabelledPerson,
    View,
    augmented_view,
    cut_off,
    flipped,
    hide,
    plain_view,
    with_things_in_front,
)
from core.data.skeleton import COCO17, Skeleton

SIZE = (160, 192)
# No change of light, so that a colour stays what it is; cuts, which leave half a dot, apart.
SHAPE_ONLY = Augmentation(occluded_share=0.0, blur_share=0.0, cut_share=0.0)
SEEDS = st.integers(0, 2**32 - 1)
THING = (255, 255, 255)  # what is pasted in front; no keypoint has this colour
DOT_PX = 7  # radius of a painted keypoint


def colour(k: int) -> tuple[int, int, int]:
    """One colour for each keypoint, far from every other and from black."""
    return (40 + 10 * k, 230 - 10 * k, 60 + 60 * (k % 3))


@st.composite
def painted_people(draw: st.DrawFn) -> LabelledPerson:
    """A black photo with a coloured dot at each labelled keypoint, no two dots touching."""
    width, height = draw(st.integers(120, 300)), draw(st.integers(120, 300))
    cells = [(x, y) for x in range(12, width - 12, 24) for y in range(12, height - 12, 24)]
    places = draw(st.permutations(cells))[:17]
    flags = np.zeros(17, np.int8)
    xy = np.zeros((17, 2))
    photo = np.zeros((height, width, 3), np.uint8)
    for k, (x, y) in enumerate(places):
        flags[k] = draw(st.sampled_from([0, 1, 2, 2]))
        if flags[k]:
            xy[k] = x, y
            cv2.circle(photo, (x, y), DOT_PX, colour(k), -1)
    known = np.array(draw(st.lists(st.booleans(), min_size=17, max_size=17)))
    box = np.array([4.0, 4.0, width - 8.0, height - 8.0])
    return LabelledPerson(photo, box, xy, flags, known)


def a_view(person: LabelledPerson, seed: int, config: Augmentation = SHAPE_ONLY) -> View:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.data.augment.other_light", lambda crop, rng, *, blur_share: crop)
        return augmented_view(
            person,
            np.random.default_rng(seed),
            config=config,
            skeleton=COCO17,
            crop_size_wh_px=SIZE,
            texture_bgr=np.full((8, 8, 3), THING, np.uint8),
        )


def is_at(crop: np.ndarray, xy: np.ndarray, k: int) -> bool:
    """Whether the dot of keypoint k covers this place of the crop."""
    column, row = np.round(xy).astype(int)
    pixel = crop[row.clip(0, SIZE[1] - 1), column.clip(0, SIZE[0] - 1)].astype(int)
    return bool(np.abs(pixel - colour(k)).max() <= 4)


def deep_inside(xy: np.ndarray) -> bool:
    """Away from the crop's rim, where half a dot mixes with what is outside."""
    return bool((xy > 2).all() and (xy < np.array(SIZE) - 3).all())


@settings(deadline=None, max_examples=40)
@given(painted_people(), SEEDS)
def test_every_placed_keypoint_lies_on_its_own_colour(person: LabelledPerson, seed: int) -> None:
    view = a_view(person, seed, replace(SHAPE_ONLY, flip_share=0.0))
    for k in np.flatnonzero(view.placed):
        assert not deep_inside(view.xy_px[k]) or is_at(view.crop_bgr, view.xy_px[k], k), k


@settings(deadline=None, max_examples=40)
@given(painted_people(), SEEDS)
def test_a_mirrored_keypoint_lies_on_the_colour_of_its_partner(
    person: LabelledPerson, seed: int
) -> None:
    view = a_view(person, seed, replace(SHAPE_ONLY, flip_share=1.0))
    for k in np.flatnonzero(view.placed):
        partner = int(COCO17.flip_index[k])
        assert not deep_inside(view.xy_px[k]) or is_at(view.crop_bgr, view.xy_px[k], partner), k


@settings(deadline=None, max_examples=40)
@given(painted_people(), SEEDS)
def test_a_colour_nobody_placed_is_nowhere(person: LabelledPerson, seed: int) -> None:
    view = a_view(person, seed, replace(SHAPE_ONLY, flip_share=0.0))
    for k in np.flatnonzero((person.visibility > 0) & ~view.placed):
        here = np.abs(view.crop_bgr.astype(int) - colour(k)).max(axis=-1) <= 1
        rim = np.zeros_like(here)
        rim[DOT_PX * 2 : -DOT_PX * 2, DOT_PX * 2 : -DOT_PX * 2] = True
        assert not (here & rim).any(), k  # at the rim the edge of a dot may still be seen
        assert (view.visibility[k], view.flag_known[k]) == (0, True)


@settings(deadline=None, max_examples=40)
@given(painted_people(), SEEDS)
def test_what_is_covered_is_never_called_visible_and_what_is_not_keeps_its_flag(
    person: LabelledPerson, seed: int
) -> None:
    before = plain_view(person, SIZE)
    things = np.full((8, 8, 3), THING, np.uint8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "core.data.augment._surface",
            lambda rng, texture, size: np.full((size[1], size[0], 3), THING, np.uint8),
        )
        after = with_things_in_front(before, np.random.default_rng(seed), things, COCO17)
    for k in range(17):
        covered = before.placed[k] and is_covered(after.crop_bgr, before.xy_px[k])
        if covered:
            assert after.visibility[k] < 2, k
            assert after.flag_known[k], k
        else:
            assert after.visibility[k] == before.visibility[k], k
            assert after.flag_known[k] == before.flag_known[k], k
        assert after.placed[k] == (before.placed[k] and after.visibility[k] > 0), k
    np.testing.assert_array_equal(after.xy_px, before.xy_px)


def is_covered(crop: np.ndarray, xy: np.ndarray) -> bool:
    column, row = np.round(xy).astype(int)
    pixel = crop[row.clip(0, SIZE[1] - 1), column.clip(0, SIZE[0] - 1)]
    return bool((pixel == THING).all())


@settings(deadline=None, max_examples=40)
@given(painted_people(), SEEDS)
def test_flipping_twice_gives_everything_back(person: LabelledPerson, seed: int) -> None:
    view = a_view(person, seed)
    again = flipped(flipped(view, COCO17), COCO17)
    for name in ("crop_bgr", "placed", "visibility", "flag_known"):
        np.testing.assert_array_equal(getattr(again, name), getattr(view, name))
    np.testing.assert_allclose(again.xy_px, view.xy_px, atol=1e-4)


@settings(deadline=None, max_examples=40)
@given(painted_people(), SEEDS)
def test_a_cut_photo_keeps_pixels_places_and_flags_together(
    person: LabelledPerson, seed: int
) -> None:
    cut = cut_off(person, np.random.default_rng(seed))
    height, width = cut.photo_bgr.shape[:2]
    for k in np.flatnonzero(cut.visibility):
        column, row = cut.xy_px[k].astype(int)
        assert (cut.photo_bgr[row, column] == colour(k)).all(), k
    lost = (person.visibility > 0) & (cut.visibility == 0)
    x, y = cut.xy_px[lost].T
    assert ((x < 0) | (y < 0) | (x >= width) | (y >= height)).all()
    assert cut.flag_known[lost].all()
    assert (cut.box_xywh_px[2:] >= 1).all()


@settings(deadline=None, max_examples=40)
@given(painted_people(), SEEDS)
def test_a_keypoint_nobody_labelled_never_gets_a_place(person: LabelledPerson, seed: int) -> None:
    view = a_view(person, seed, replace(Augmentation(), flip_share=0.0))
    unlabelled = person.visibility == 0
    assert not view.placed[unlabelled].any()
    np.testing.assert_array_equal(
        view.flag_known[unlabelled & (view.visibility == 0)],
        person.flag_known[unlabelled & (view.visibility == 0)],
    )


def test_hidden_limbs_by_hand() -> None:
    """A chain of four: what is hidden next to something in sight is half seen, the rest is gone."""
    chain = Skeleton(("a", "b", "c", "d"), ((0, 1), (1, 2), (2, 3)))
    crop = np.zeros((10, 10, 3), np.uint8)
    yes = np.ones(4, bool)
    view = View(crop, np.zeros((4, 2), np.float32), yes, np.array([2, 2, 1, 2], np.int8), ~yes, 9.0)
    cases = {
        (): [2, 2, 1, 2],
        (0,): [1, 2, 1, 2],
        (3,): [2, 2, 1, 1],
        (1, 2): [2, 1, 1, 2],
        (0, 1): [0, 1, 1, 2],
        (1, 2, 3): [2, 1, 0, 0],
        (0, 1, 2, 3): [0, 0, 0, 0],
    }
    for hidden, wanted in cases.items():
        after = hide(view, np.isin(np.arange(4), hidden), chain.edges)
        assert after.visibility.tolist() == wanted, hidden
        assert after.placed.tolist() == [flag > 0 for flag in wanted], hidden
        assert after.flag_known.tolist() == [k in hidden for k in range(4)], hidden
