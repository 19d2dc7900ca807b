import numpy as np

from core.data.letterbox import Placement
from core.data.pictures import PictureView, flipped, people_on
from core.data.skeleton import Skeleton
from tests.core.data.labelled_pictures import as_lists, some_people

SIDES = Skeleton(("nose", "left_eye", "right_eye"))
SAME = Placement((100, 100), (100, 100), (0, 0))
WHOLE = (0, 0, 100, 100)


def test_flags_and_trust_stay_where_the_picture_stays():
    people = some_people(
        [[10, 20, 30, 40]],
        [[[15, 25], [20, 30], [0, 0]]],
        [[2, 1, 0]],
        [[True, True, False]],
    )
    assert as_lists(people_on(people, SAME, WHOLE)) == as_lists(people)


def test_places_and_boxes_move_with_the_picture():
    people = some_people([[10, 20, 30, 40]], [[[15.5, 25.5]]], [[1]])
    moved = people_on(people, Placement((100, 100), (200, 50), (7, 3)), (0, 0, 300, 300))
    assert as_lists(moved) == {
        "boxes": [[27, 13, 60, 20]],
        "xy": [[[38.5, 15.5]]],  # (15.5 + 0.5) 2 + 7 - 0.5, (25.5 + 0.5) / 2 + 3 - 0.5
        "v": [[1]],
        "known": [[True]],
    }


def test_a_keypoint_that_is_cut_off_is_unlabelled_and_that_is_known():
    people = some_people(
        [[0, 0, 100, 100]],
        [[[10, 10], [60, 10], [10, 60], [0, 0]]],
        [[1, 2, 1, 0]],
        [[True, False, True, False]],
    )
    found = people_on(people, SAME, (0, 0, 50, 50))
    assert found.visibility.tolist() == [[1, 0, 0, 0]]
    assert found.flag_known.tolist() == [[True, True, True, False]]
    assert found.boxes_xywh_px.tolist() == [[0, 0, 50, 50]]


def test_a_part_ends_between_pixel_centres():
    places = [[9.4, 20], [9.6, 20], [49.4, 20], [49.6, 20]]
    people = some_people([[0, 0, 100, 100]], [places], [[2, 2, 2, 2]])
    found = people_on(people, SAME, (10, 0, 50, 100))
    assert found.visibility.tolist() == [[0, 2, 2, 0]]


def test_people_of_whom_hardly_anything_is_left_are_gone():
    boxes = [[0, 0, 100, 20], [41, 0, 100, 20], [39, 0, 100, 20], [49, 0, 2, 50]]
    people = some_people(boxes, np.zeros((4, 1, 2)), np.zeros((4, 1)))
    found = people_on(people, SAME, (0, 0, 50, 100))
    # 50, 9, 11 hundredths are left, and of the last one pixel.
    assert found.boxes_xywh_px.tolist() == [[0, 0, 50, 20], [39, 0, 11, 20]]


def test_nobody_stays_nobody():
    nobody = some_people(np.zeros((0, 4)), np.zeros((0, 3, 2)), np.zeros((0, 3)))
    assert len(people_on(nobody, SAME, WHOLE)) == 0


def test_the_mirror_image_exchanges_left_and_right_with_all_that_belongs_to_them():
    people = some_people(
        [[1, 2, 4, 3]], [[[3, 2], [1, 3], [4, 4]]], [[2, 1, 0]], [[True, True, False]]
    )
    picture = np.arange(6 * 10 * 3, dtype=np.uint8).reshape(6, 10, 3)
    view = flipped(PictureView(picture, people), SIDES)
    assert as_lists(view.people) == {
        "boxes": [[5, 2, 4, 3]],
        "xy": [[[6, 2], [5, 4], [8, 3]]],
        "v": [[2, 0, 1]],
        "known": [[True, False, True]],
    }
    assert (view.picture_bgr == picture[:, ::-1]).all()
    again = flipped(view, SIDES)
    assert as_lists(again.people) == as_lists(people)
    assert (again.picture_bgr == picture).all()


def test_a_keypoint_keeps_lying_on_its_mark_in_the_mirror():
    picture = np.zeros((8, 11, 3), dtype=np.uint8)
    picture[5, 2] = 255
    people = some_people([[0, 0, 8, 8]], [[[2, 5]]], [[2]])
    view = flipped(PictureView(picture, people), Skeleton(("nose",)))
    column, row = view.people.xy_px[0, 0].astype(int)
    assert view.picture_bgr[row, column, 0] == 255
