import numpy as np
import pytest

from core.data.letterbox import GREY
from core.data.picture_views import (
    PictureAugmentation,
    augmented_view,
    mosaic_view,
    plain_view,
    scaled_view,
)
from core.data.pictures import LabelledPicture
from core.data.skeleton import COCO17, Skeleton
from tests.core.data.labelled_pictures import a_picture, as_lists, some_people

STILL = PictureAugmentation(
    mosaic_share=0.0, scale=0.0, shift=0.0, flip_share=0.0, blur_share=0.0, light_share=0.0
)
NOSE = Skeleton(("nose",))


def marked(x: int, y: int, v: int = 2, *, size_wh=(90, 60)) -> LabelledPicture:
    """A person on a black photo whose only keypoint lies in the middle of a white patch."""
    photo = np.zeros((size_wh[1], size_wh[0], 3), dtype=np.uint8)
    photo[y - 2 : y + 3, x - 2 : x + 3] = 255
    people = some_people([[x - 12, y - 12, 24, 24]], [[[x, y]]], [[v]])
    return LabelledPicture(lambda: photo, people)


def test_a_plain_view_is_the_letterboxed_picture():
    people = some_people([[10, 20, 30, 20]], [[[19.5, 9.5]]], [[1]])
    view = plain_view(a_picture(people, size_wh=(200, 100)), (100, 100))
    assert as_lists(view.people) == {
        "boxes": [[5, 35, 15, 10]],
        "xy": [[[9.5, 29.5]]],
        "v": [[1]],
        "known": [[True]],
    }
    assert np.unique(view.picture_bgr[:25]).tolist() == [GREY]
    assert np.unique(view.picture_bgr[25:75]).tolist() == [0]


def test_without_augmentation_a_view_is_plain():
    picture = marked(40, 30)
    view = augmented_view(
        [picture], 0, np.random.default_rng(0), config=STILL, skeleton=NOSE, canvas_wh_px=(96, 64)
    )
    plain = plain_view(picture, (96, 64))
    assert (view.picture_bgr == plain.picture_bgr).all()
    assert as_lists(view.people) == as_lists(plain.people)


@pytest.mark.parametrize("make", ["scaled", "mosaic"])
def test_keypoints_lie_on_their_marks_whatever_is_done(make):
    config = PictureAugmentation(scale=0.4, shift=0.3)
    pictures = [marked(40, 30), marked(20, 20), marked(60, 35), marked(45, 15)]
    seen = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        if make == "mosaic":
            view = mosaic_view(pictures, rng, config, (128, 96))
        else:
            view = scaled_view(pictures[0], rng, config, (128, 96))
        assert view.picture_bgr.shape == (96, 128, 3)
        for xy, v in zip(view.people.xy_px[:, 0], view.people.visibility[:, 0], strict=True):
            if v:
                column, row = np.floor(xy + 0.5).astype(int)
                assert view.picture_bgr[row, column, 0] > 120
                seen += 1
    assert seen > 10


def test_a_mosaic_shows_four_photos_round_a_point():
    nobody = some_people(np.zeros((0, 4)), np.zeros((0, 1, 2)), np.zeros((0, 1)))
    four = [a_picture(nobody, shade=shade) for shade in (10, 20, 30, 40)]
    view = mosaic_view(four, np.random.default_rng(0), STILL, (64, 64))
    corners = [view.picture_bgr[row, column, 0] for row in (31, 32) for column in (31, 32)]
    assert corners == [10, 20, 30, 40]
    assert sorted(np.unique(view.picture_bgr)) == [10, 20, 30, 40]


def test_flags_stay_three_way_in_a_mosaic():
    people = some_people(
        [[60, 60, 40, 40]] * 2,
        [[[95, 95], [99, 99], [62, 62], [0, 0]], [[99, 99], [98, 95], [70, 99], [0, 0]]],
        [[2, 1, 2, 0], [1, 2, 1, 0]],
        [[True, True, True, False], [True, True, True, True]],
    )
    nobody = some_people(np.zeros((0, 4)), np.zeros((0, 4, 2)), np.zeros((0, 4)))
    # Letterboxed to 64 pixels and with its lower right corner in the middle, the upper left photo
    # shows its pixels from 50 on.
    view = mosaic_view(
        [a_picture(people), *[a_picture(nobody)] * 3], np.random.default_rng(0), STILL, (64, 64)
    )
    assert view.people.visibility.tolist() == [[2, 1, 2, 0], [1, 2, 1, 0]]
    assert view.people.flag_known.tolist() == [[True, True, True, False], [True] * 4]
    other = mosaic_view(
        [*[a_picture(nobody)] * 3, a_picture(people)], np.random.default_rng(0), STILL, (64, 64)
    )
    assert len(other.people) == 0  # the lower right photo shows its pixels up to 50


def test_a_view_is_the_same_for_the_same_random_numbers():
    pictures = [marked(40, 30), marked(20, 20), marked(60, 35)]

    def view():
        return augmented_view(
            pictures,
            1,
            np.random.default_rng(5),
            config=PictureAugmentation(),
            skeleton=NOSE,
            canvas_wh_px=(64, 64),
        )

    one, two = view(), view()
    assert (one.picture_bgr == two.picture_bgr).all()
    assert as_lists(one.people) == as_lists(two.people)


def test_half_of_the_views_are_mirrored():
    picture = marked(20, 30)
    config = PictureAugmentation(mosaic_share=0.0, scale=0.0, shift=0.0, light_share=0.0)
    left = 0
    for seed in range(60):
        view = augmented_view(
            [picture],
            0,
            np.random.default_rng(seed),
            config=config,
            skeleton=NOSE,
            canvas_wh_px=(90, 60),
        )
        left += view.people.xy_px[0, 0, 0] == 20
        assert view.people.xy_px[0, 0, 0] in (20, 69)
    assert 20 < left < 40


def test_a_photo_is_read_when_a_view_is_made_and_not_before():
    reads = []

    def read():
        reads.append(1)
        return np.zeros((60, 90, 3), dtype=np.uint8)

    picture = LabelledPicture(read, some_people([[1, 1, 50, 50]], [[[5, 5]] * 17], [[2] * 17]))
    assert reads == []
    augmented_view(
        [picture],
        0,
        np.random.default_rng(0),
        config=PictureAugmentation(),
        skeleton=COCO17,
        canvas_wh_px=(64, 64),
    )
    assert len(reads) == 4
