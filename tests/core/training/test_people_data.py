import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

from core.data.augment import LabelledPerson, plain_view
from core.data.coco_json import read_coco
from core.data.skeleton import COCO17
from core.errors import Cancelled, UserError
from core.training.people_data import (
    area_to_use,
    around_person,
    box_to_cut,
    kept_side_px,
    read_people,
)

NAMES = ["right_ankle", "left_ankle", "neck"]


@pytest.fixture
def dataset(tmp_path):
    """Two photos, three persons: one in a crowd, one without a labelled keypoint at all."""
    photo = np.full((120, 300, 3), (10, 20, 30), dtype=np.uint8)
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(tmp_path / name), photo)

    def person(number, image_id, keypoints, **more):
        return {
            "id": number, "image_id": image_id, "category_id": 1, "bbox": [100, 20, 60, 80],
            "area": 2400, "iscrowd": 0, "num_keypoints": sum(v > 0 for v in keypoints[2::3]),
            "keypoints": keypoints, **more,
        }  # fmt: skip

    found = {
        "images": [
            {"id": 1, "file_name": "a.png", "width": 300, "height": 120},
            {"id": 2, "file_name": "b.png", "width": 300, "height": 120},
        ],
        "categories": [{"id": 1, "name": "person", "keypoints": NAMES, "skeleton": []}],
        "annotations": [
            person(1, 1, [110, 90, 2, 0, 0, 0, 130, 25, 2]),
            person(2, 2, [110, 90, 1, 140, 90, 2, 130, 25, 2]),
            person(3, 2, [0, 0, 0, 0, 0, 0, 0, 0, 0]),
        ],
    }
    (tmp_path / "people.json").write_text(json.dumps(found))
    return tmp_path


def read(dataset, **options):
    found = read_coco(dataset / "people.json")
    return read_people(found, dataset, COCO17, **{"zero_is_known": True, **options})


def people_of(dataset, **options):
    return read(dataset, **options).people


def test_keypoints_are_mapped_by_name_and_those_the_file_lacks_carry_no_loss(dataset):
    first, second = people_of(dataset)
    right, left = COCO17.names.index("right_ankle"), COCO17.names.index("left_ankle")
    assert (first.visibility[right], first.visibility[left]) == (2, 0)
    assert (second.visibility[right], second.visibility[left]) == (1, 2)
    assert np.flatnonzero(first.flag_known).tolist() == [left, right]
    np.testing.assert_allclose(
        second.xy_px[left] - second.box_xywh_px[:2], [140 - 100, 90 - 20], atol=1e-9
    )


def test_where_zero_means_not_labelled_it_teaches_nothing(dataset):
    first, _ = people_of(dataset, zero_is_known=False)
    assert np.flatnonzero(first.flag_known).tolist() == [COCO17.names.index("right_ankle")]


def test_images_can_be_left_out_by_id(dataset):
    assert len(people_of(dataset, keep=lambda image_id: image_id == 2)) == 1


def test_a_kept_part_shows_the_same_view_as_the_whole_photo():
    rng = np.random.default_rng(0)
    noise = cv2.resize(rng.integers(0, 255, (40, 60, 3), dtype=np.uint8), (900, 600))
    box = np.array([300.0, 100, 200, 300])
    whole = LabelledPerson(
        noise, box, np.full((17, 2), 350.0), np.full(17, 2, np.int8), np.ones(17, bool)
    )
    part = around_person(whole)
    assert max(part.photo_bgr.shape) <= 400
    whole = replace(whole, area_px2=30_000.0)
    part = around_person(whole)
    one, two = plain_view(whole, (160, 192)), plain_view(part, (160, 192))
    np.testing.assert_allclose(one.xy_px, two.xy_px, atol=0.01)
    assert one.area_px2 == pytest.approx(two.area_px2)
    assert np.abs(one.crop_bgr.astype(int) - two.crop_bgr).mean() < 4


def test_as_much_of_a_photo_is_kept_as_the_networks_crops_can_show():
    assert [kept_side_px(size) for size in ((160, 192), (192, 256), (288, 384))] == [400, 512, 768]
    noise = np.random.default_rng(0).integers(0, 255, (1000, 800, 3), dtype=np.uint8)
    box = np.array([250.0, 300, 225, 300])  # of the aspect of 288 x 384, padded 375 high
    person = LabelledPerson(
        cv2.GaussianBlur(noise, (0, 0), 1.0), box, np.full((17, 2), 350.0),
        np.full(17, 2, np.int8), np.ones(17, bool),
    )  # fmt: skip
    whole = plain_view(person, (288, 384)).crop_bgr
    off = {
        side: np.abs(
            plain_view(around_person(person, side_px=side), (288, 384)).crop_bgr.astype(int) - whole
        ).mean()
        for side in (400, kept_side_px((288, 384)))
    }
    assert off[768] < 1
    assert off[400] > 5


def test_each_person_knows_its_image(dataset):
    assert read(dataset).image_ids == [1, 2]


def test_a_photo_that_cannot_be_read_is_listed_and_its_persons_are_left_out(dataset):
    (dataset / "a.png").unlink()
    (dataset / "b.png").write_text("text")
    found = read(dataset)
    assert found.people == []
    assert found.problems == ["a.png: There is no photo a.png.", "b.png: This is no photo."]


def test_more_persons_than_memory_holds_are_refused_in_words(dataset, monkeypatch):
    monkeypatch.setattr("core.training.people_data.MOST_OF_MEMORY", 1e-9)
    with pytest.raises(UserError, match="The persons to learn from take more than") as refused:
        read(dataset)
    assert refused.value.remedy == "Train on a part of the set, or on a larger machine."


def test_reading_stops_when_asked_to(dataset):
    with pytest.raises(Cancelled):
        read(dataset, cancelled=lambda: True)


@pytest.mark.parametrize(
    "box", [[np.nan] * 4, [5, 5, 0, 9], [5, 5, 9, -1], [1e9, 0, 5, 5], [0, 0, np.inf, 4]]
)
def test_a_box_nobody_can_use_becomes_that_of_the_labelled_points(box):
    points = np.array([[10.0, 20], [30, 25]])
    assert box_to_cut(np.array(box, dtype=float), points).tolist() == [10, 20, 20, 5]
    assert box_to_cut(np.array(box, dtype=float), points[:1]).tolist() == [10, 20, 1, 1]


def test_a_usable_box_is_kept():
    assert box_to_cut(np.array([1.0, 2, 3, 4]), np.array([[9.0, 9]])).tolist() == [1, 2, 3, 4]


def test_whose_box_lies_outside_the_photo_is_left_out():
    photo = np.zeros((100, 100, 3), np.uint8)
    for x, y in [(5000.0, 10.0), (10.0, 5000.0), (-5000.0, 10.0), (10.0, -5000.0)]:
        person = LabelledPerson(
            photo, np.array([x, y, 20, 20]), np.zeros((17, 2)), np.full(17, 2), np.ones(17, bool)
        )
        assert around_person(person) is None


def test_each_person_brings_its_annotations_area(dataset):
    first, _ = people_of(dataset)
    assert first.area_px2 == 2400


@pytest.mark.parametrize("area", [np.nan, 0.0, -3.0, np.inf, 1e13])
def test_an_area_nobody_can_have_counts_as_missing(area):
    assert area_to_use(area) is None
    assert area_to_use(1.0) == 1.0
