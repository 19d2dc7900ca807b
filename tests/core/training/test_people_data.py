import json

import cv2
import numpy as np
import pytest
import torch

from core.data.augment import plain_view
from core.data.skeleton import COCO17
from core.models.model_config import ModelConfig
from core.training.config import LoopConfig, TrainConfig
from core.training.losses import IGNORED
from core.training.people_data import (
    around_person,
    augmented_batches,
    data_hash,
    read_people,
    to_batch,
)

NAMES = ["right_ankle", "left_ankle", "neck"]
CONFIG = TrainConfig(ModelConfig("metamodel_tiny"), loop=LoopConfig(batch_size=2))


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


def people_of(dataset, **options):
    return read_people(
        dataset / "people.json", dataset, COCO17, **{"zero_is_known": True, **options}
    )


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
    from core.data.augment import LabelledPerson

    whole = LabelledPerson(
        noise, box, np.full((17, 2), 350.0), np.full(17, 2, np.int8), np.ones(17, bool)
    )
    part = around_person(whole)
    assert max(part.photo_bgr.shape) <= 400
    one, two = plain_view(whole, (160, 192)), plain_view(part, (160, 192))
    np.testing.assert_allclose(one.xy_px, two.xy_px, atol=0.01)
    assert np.abs(one.crop_bgr.astype(int) - two.crop_bgr).mean() < 4


def test_batches_depend_on_seed_and_epoch_alone(dataset):
    people = people_of(dataset)
    one, two = (list(augmented_batches(people, [0, 1, 1], CONFIG, epoch=3)) for _ in range(2))
    (other, *_) = augmented_batches(people, [0, 1, 1], CONFIG, epoch=4)
    assert len(one) == 1
    assert torch.equal(one[0].crops, two[0].crops)
    assert torch.equal(one[0].flags, two[0].flags)
    assert not torch.equal(one[0].crops, other.crops)


def test_a_batch_holds_rgb_and_ignores_flags_that_are_not_known(dataset):
    batch = to_batch([plain_view(people_of(dataset)[1], (160, 192))], channel_order="RGB")
    assert batch.crops.shape == (1, 192, 160, 3)
    assert batch.crops[0, 96, 80].tolist() == [30, 20, 10]
    assert batch.flags[0, -2:].tolist() == [2, 1]
    assert (batch.flags[0, :-2] == IGNORED).all()


def test_the_data_hash_changes_with_any_label(dataset):
    before = data_hash([dataset / "people.json"])
    assert len(before) == 64
    (dataset / "people.json").write_text("{}")
    assert data_hash([dataset / "people.json"]) != before
