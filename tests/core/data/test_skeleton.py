"""Skeletons: mirrored, grouped and mapped by name."""

import numpy as np
import pytest

from core.data.skeleton import COCO17, DEFAULT_SIGMA, Skeleton, edges_from_coco, unnamed_skeleton

LSPET = Skeleton(
    (
        "right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle",
        "right_wrist", "right_elbow", "right_shoulder", "left_shoulder", "left_elbow",
        "left_wrist", "neck", "head_top",
    )
)  # fmt: skip


def test_coco_keypoints_are_mirrored_by_name():
    assert COCO17.flip_index.tolist() == [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("left_ear", "right_ear"),
        ("Left Ear", "Right Ear"),
        ("leftEar", "rightEar"),
        ("LEar", "REar"),
        ("ear_l", "ear_r"),
        ("ear.left", "ear.right"),
        ("lWrist", "rWrist"),
    ],
)
def test_sides_are_found_in_the_spellings_files_use(left: str, right: str):
    skeleton = Skeleton(("nose", left, right))
    assert [skeleton.side_of(k) for k in range(3)] == ["centre", "left", "right"]
    assert skeleton.flip_index.tolist() == [0, 2, 1]


@pytest.mark.parametrize("name", ["collar", "lip", "rear_wheel", "lower_lip", "Label", "RIB"])
def test_a_word_that_only_begins_like_a_side_has_no_side(name: str):
    assert Skeleton((name,)).side_of(0) == "centre"


def test_a_keypoint_whose_mirror_image_is_missing_mirrors_onto_itself():
    assert Skeleton(("left_eye", "nose")).flip_index.tolist() == [0, 1]


def test_flipping_twice_changes_nothing():
    for skeleton in (COCO17, LSPET, unnamed_skeleton(4)):
        assert skeleton.flip_index[skeleton.flip_index].tolist() == list(range(skeleton.size))


def test_groups_of_coco_are_head_left_right_and_all():
    assert COCO17.groups == {
        "head": (0, 1, 2, 3, 4),
        "left": (1, 3, 5, 7, 9, 11, 13, 15),
        "right": (2, 4, 6, 8, 10, 12, 14, 16),
        "all": tuple(range(17)),
    }


def test_keypoints_are_mapped_by_name_and_minus_one_marks_those_missing():
    assert LSPET.places_in(COCO17).tolist() == [16, 14, 12, 11, 13, 15, 10, 8, 6, 5, 7, 9, -1, -1]


def test_sigmas_are_cocos_by_name_and_the_default_elsewhere():
    np.testing.assert_array_equal(LSPET.sigmas[[0, 12]], [0.089, DEFAULT_SIGMA])


def test_coco_sigmas_are_those_of_pycocotools():
    from pycocotools.cocoeval import Params

    np.testing.assert_allclose(COCO17.sigmas, Params("keypoints").kpt_oks_sigmas)


def test_unnamed_keypoints_get_numbers_and_are_known_to_be_unnamed():
    skeleton = unnamed_skeleton(4)
    assert skeleton.names == ("keypoint 1", "keypoint 2", "keypoint 3", "keypoint 4")
    assert not skeleton.named


def test_coco_edges_count_from_one_and_those_outside_are_left_out():
    assert edges_from_coco([[1, 2], [2, 14], [17, 3], [0, 1]], 14) == ((0, 1), (1, 13))
