from dataclasses import replace

import numpy as np
import pytest

from core.data.augment import (
    Augmentation,
    LabelledPerson,
    area_of_box,
    augmented_view,
    cut_off,
    flipped,
    hide,
    plain_view,
)
from core.data.skeleton import COCO17

SIZE = (160, 192)
SHOULDERS, ELBOWS, WRISTS = (5, 6), (7, 8), (9, 10)


def a_person(visibility=None, flag_known=None) -> LabelledPerson:
    """Seventeen keypoints on a grid inside a 100 x 200 photo full of noise."""
    columns, rows = np.arange(17) % 4, np.arange(17) // 4
    rng = np.random.default_rng(0)
    return LabelledPerson(
        rng.integers(0, 255, (200, 100, 3), dtype=np.uint8),
        np.array([10.0, 20, 80, 160]),
        np.stack([20.0 + 20 * columns, 30.0 + 35 * rows], axis=1),
        np.full(17, 2, dtype=np.int8) if visibility is None else np.asarray(visibility, np.int8),
        np.ones(17, dtype=bool) if flag_known is None else np.asarray(flag_known),
    )


def a_view(seed=0, person=None, **changes):
    return augmented_view(
        person or a_person(),
        np.random.default_rng(seed),
        config=replace(Augmentation(), **changes),
        skeleton=COCO17,
        crop_size_wh_px=SIZE,
        texture_bgr=np.zeros((8, 8, 3), dtype=np.uint8),
    )


def test_flipping_twice_gives_the_view_back():
    view = a_view(3)
    again = flipped(flipped(view, COCO17), COCO17)
    for name in ("crop_bgr", "placed", "visibility", "flag_known"):
        np.testing.assert_array_equal(getattr(again, name), getattr(view, name))
    np.testing.assert_allclose(again.xy_px, view.xy_px, atol=1e-4)


def test_flipping_swaps_left_and_right_with_all_that_is_theirs():
    flags = np.arange(17) % 3
    view = plain_view(a_person(flags, flag_known=np.arange(17) < 6), SIZE)
    mirror = flipped(view, COCO17)
    assert mirror.visibility[5] == view.visibility[6]
    assert mirror.placed[5] == view.placed[6]
    assert mirror.flag_known[5] == view.flag_known[6]
    np.testing.assert_allclose(mirror.xy_px[5], [159 - view.xy_px[6, 0], view.xy_px[6, 1]])


def test_the_same_seed_gives_the_same_view():
    one, two, other = a_view(4), a_view(4), a_view(5)
    np.testing.assert_array_equal(one.crop_bgr, two.crop_bgr)
    np.testing.assert_array_equal(one.xy_px, two.xy_px)
    assert (one.crop_bgr != other.crop_bgr).any()


def test_a_hidden_keypoint_with_a_neighbour_in_sight_is_occluded_and_keeps_its_place():
    view = plain_view(a_person(), SIZE)
    hidden = np.isin(np.arange(17), [ELBOWS[0]])
    after = hide(view, hidden, COCO17.edges)
    assert after.visibility[ELBOWS[0]] == 1
    assert after.placed.all()
    assert (np.delete(after.visibility, ELBOWS[0]) == 2).all()


def test_a_hidden_limb_has_no_place_beyond_its_first_keypoint():
    view = plain_view(a_person(), SIZE)
    hidden = np.isin(np.arange(17), [ELBOWS[0], WRISTS[0]])
    after = hide(view, hidden, COCO17.edges)
    assert after.visibility[[SHOULDERS[0], ELBOWS[0], WRISTS[0]]].tolist() == [2, 1, 0]
    assert after.placed[[SHOULDERS[0], ELBOWS[0], WRISTS[0]]].tolist() == [True, True, False]


def test_an_occluded_keypoint_stays_occluded_when_something_covers_it_too():
    flags = np.full(17, 2)
    flags[ELBOWS[0]] = 1
    view = plain_view(a_person(flags), SIZE)
    after = hide(view, np.isin(np.arange(17), [ELBOWS[0]]), COCO17.edges)
    assert after.visibility[ELBOWS[0]] == 1


def test_a_hidden_keypoint_teaches_its_flag_even_where_the_file_taught_none():
    view = plain_view(a_person(flag_known=np.zeros(17, dtype=bool)), SIZE)
    after = hide(view, np.isin(np.arange(17), [3]), COCO17.edges)
    assert after.flag_known.tolist() == [k == 3 for k in range(17)]


def test_a_cut_photo_ends_where_the_person_is_cut_and_what_is_outside_is_unlabelled():
    person = a_person()
    for seed in range(30):
        cut = cut_off(person, np.random.default_rng(seed))
        height, width = cut.photo_bgr.shape[:2]
        inside = ((cut.xy_px >= 0) & (cut.xy_px < [width, height])).all(axis=1)
        np.testing.assert_array_equal(cut.visibility, np.where(inside, 2, 0))
        assert inside.sum() >= 4
        assert (cut.box_xywh_px[:2] >= 0).all()
        assert (cut.box_xywh_px[:2] + cut.box_xywh_px[2:] <= [width, height]).all()


def test_who_would_keep_fewer_than_four_keypoints_is_not_cut():
    person = a_person(visibility=[2, 2, 2] + [0] * 14)
    assert cut_off(person, np.random.default_rng(0)) is person


def test_a_keypoint_nobody_labelled_gets_neither_place_nor_flag_from_a_view():
    flags = np.full(17, 2)
    flags[:5] = 0
    person = a_person(flags, flag_known=flags > 0)
    for seed in range(20):
        view = a_view(seed, person, flip_share=0.0)
        assert not view.placed[:5].any()
        assert not view.flag_known[:5].any()


def test_every_placed_keypoint_lies_in_the_crop_and_carries_a_flag_above_zero():
    for seed in range(40):
        view = a_view(seed, scale=0.6, cut_share=0.5, occluded_share=0.8)
        inside = ((view.xy_px >= -0.5) & (view.xy_px < np.array(SIZE) - 0.5)).all(axis=1)
        assert (view.placed <= inside).all()
        np.testing.assert_array_equal(view.placed, view.visibility > 0)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_occluders_appear_as_often_as_asked(share):
    views = [a_view(seed, occluded_share=share, cut_share=0.0, shift=0.0) for seed in range(20)]
    assert any((view.visibility == 1).any() for view in views) == bool(share)


def test_the_area_grows_with_the_square_of_the_crops_scale_and_no_turn_or_flip_changes_it():
    person = replace(a_person(), area_px2=5000.0)
    # The box of 80 x 160 fills 192 / 1.25 rows: a pixel of the photo is 0.96 wide in the crop.
    assert plain_view(person, SIZE).area_px2 == pytest.approx(5000 * 0.96**2)
    still = {"scale": 0.0, "cut_share": 0.0}
    for seed in range(5):
        assert a_view(seed, person, **still).area_px2 == pytest.approx(5000 * 0.96**2)


def test_a_person_without_an_area_has_about_half_its_box():
    assert a_person().oks_area_px2 == area_of_box(np.array([7.0, 7, 80, 160])) == 0.53 * 80 * 160


def test_a_cut_takes_as_much_of_the_area_as_of_the_box():
    person = replace(a_person(), area_px2=5000.0)
    cuts = [cut_off(person, np.random.default_rng(seed)) for seed in range(20)]
    for cut in cuts:
        share = cut.box_xywh_px[2:].prod() / (80 * 160)
        assert cut.oks_area_px2 == pytest.approx(5000 * share)
    assert any(cut.oks_area_px2 < 5000 for cut in cuts)
