import json

import cv2
import numpy as np
import pytest

from core.data.coco_json import read_coco
from core.data.skeleton import Skeleton
from core.errors import Cancelled
from core.training.picture_data import read_pictures

FACE = Skeleton(("right_eye", "nose", "chin"))


@pytest.fixture
def folder(tmp_path):
    """Three images, one without its photo; names in another order than the model's."""
    people = [
        person(1, 10, [[30, 40, 2], [35, 38, 1], [0, 0, 0]], bbox=[20, 20, 30, 40]),
        person(2, 10, [[0, 0, 0]] * 3, bbox=[5, 5, 10, 10]),
        person(3, 10, [[1, 1, 2]] * 3, bbox=[5, 5, 10, 10], iscrowd=1),
        person(4, 10, [[0, 0, 0]] * 3, bbox=[5, 5, 0, 10]),
        person(5, 20, [[10, 10, 2], [20, 30, 2], [0, 0, 0]], bbox=[3, 3, 0, 0]),
        person(6, 30, [[10, 10, 2]] * 3, bbox=[3, 3, 9, 9]),
    ]
    found = {
        "images": [
            {"id": n, "file_name": f"{n}.png", "width": 60, "height": 80} for n in (30, 10, 20)
        ],
        "categories": [{"id": 1, "name": "person", "keypoints": ["nose", "right_eye", "left_eye"]}],
        "annotations": people,
    }
    (tmp_path / "labels.json").write_text(json.dumps(found))
    for n in (10, 20):
        cv2.imwrite(str(tmp_path / f"{n}.png"), np.full((80, 60, 3), n, dtype=np.uint8))
    return tmp_path


def person(number, image_id, keypoints, **more):
    flat = [value for keypoint in keypoints for value in keypoint]
    labelled = sum(keypoint[2] > 0 for keypoint in keypoints)
    return {"id": number, "image_id": image_id, "category_id": 1, "area": 100, "iscrowd": 0,
            "num_keypoints": labelled, "keypoints": flat, **more}  # fmt: skip


def read(folder, **options):
    dataset = read_coco(folder / "labels.json")
    return read_pictures(dataset, folder, FACE, **{"zero_is_known": True, **options})


def test_pictures_come_with_their_people_on_the_models_keypoints(folder):
    found = read(folder)
    assert found.image_ids == [10, 20]
    people = found.pictures[0].people
    assert people.boxes_xywh_px.tolist() == [[20, 20, 30, 40], [5, 5, 10, 10]]
    assert people.xy_px.tolist() == [[[35, 38], [30, 40], [0, 0]], [[0, 0]] * 3]
    assert people.visibility.tolist() == [[1, 2, 0], [0, 0, 0]]
    assert people.flag_known.tolist() == [[True, True, False], [True, True, False]]


def test_a_person_without_a_usable_box_has_that_of_the_labelled_points(folder):
    assert read(folder).pictures[1].people.boxes_xywh_px.tolist() == [[10, 10, 10, 20]]


def test_zero_may_mean_that_nobody_looked(folder):
    people = read(folder, zero_is_known=False).pictures[0].people
    assert people.flag_known.tolist() == [[True, True, False], [False, False, False]]


def test_photos_are_read_when_asked_for(folder):
    found = read(folder)
    photo = found.pictures[1].read()
    assert (photo.shape, int(photo[0, 0, 0])) == ((80, 60, 3), 20)
    cv2.imwrite(str(folder / "20.png"), np.full((80, 60, 3), 99, dtype=np.uint8))
    assert int(found.pictures[1].read()[0, 0, 0]) == 99


def test_photos_that_are_not_there_are_named_and_left_out(folder):
    assert read(folder).problems == ["30.png: There is no photo 30.png."]


def test_which_images_are_taken_is_up_to_the_caller(folder):
    assert read(folder, keep=lambda image_id: image_id == 20).image_ids == [20]


def test_reading_stops_when_asked_to(folder):
    with pytest.raises(Cancelled):
        read(folder, cancelled=lambda: True)
