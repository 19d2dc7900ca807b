"""Every problem of a file is said in words, with its ids; errors refuse, remarks do not."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.data.coco_json import open_coco, read_coco
from core.data.report import Severity
from core.errors import UserError
from tests.core.data.coco_files import a_category, a_file, an_annotation, an_image, written

ERROR, REMARK = Severity.ERROR, Severity.REMARK
EIGHTEEN = [*range(18)]
HUGE = 2**63


def findings(folder: Path, content: dict | str) -> list[tuple[Severity, str, str]]:
    reading = open_coco(written(folder, content))
    assert (reading.dataset is None) == bool(reading.report.errors)
    return [(f.severity, f.rule, f.message) for f in reading.report.findings]


def test_a_clean_file_has_no_findings(tmp_path: Path):
    assert findings(tmp_path, a_file()) == []


ABOUT_ONE_ANNOTATION: list[tuple[dict[str, Any], Severity, str, str]] = [
    ({"keypoints": [5, 5, 2] * 2, "num_keypoints": None}, ERROR, "wrong_length",
     "Annotation 1768 has 6 keypoint values; 3 keypoints need 9."),
    ({"keypoints": [5, 5, 2, 5], "num_keypoints": None}, ERROR, "wrong_length",
     "Annotation 1768 has 4 keypoint values; 3 keypoints need 9."),
    ({"keypoints": "none", "num_keypoints": None}, ERROR, "bad_keypoints",
     'Annotation 1768 has keypoints "none", which is no list.'),
    ({"keypoints": [5, "5", 2, 5, None, 2, 5, True, [2]], "num_keypoints": None}, ERROR,
     "bad_keypoints", "Annotation 1768 has keypoint values that are no numbers: "
     '"5" at place 2, null at place 5, true at place 8 and 1 more.'),
    ({"keypoints": [5, 5, 2, 5, True, 2, 5, 5, 2], "num_keypoints": None}, ERROR,
     "bad_keypoints",
     "Annotation 1768 has keypoint values that are no numbers: true at place 5."),
    ({"keypoints": [float("nan"), 5, 2, 5, 5, 2, float("-inf"), 5, 1]}, ERROR, "not_finite",
     "Annotation 1768 has NaN or Infinity at nose, right_eye; "
     "an unlabelled keypoint is 0, 0, 0."),
    ({"keypoints": [10**400, 5, 2, 5, 5, 2, 5, 5, 2]}, ERROR, "not_finite",
     "Annotation 1768 has NaN or Infinity at nose; an unlabelled keypoint is 0, 0, 0."),
    ({"keypoints": [5, 5, 0.087, 5, 5, 3, 5, 5, -1]}, ERROR, "unknown_flag",
     "Annotation 1768 has v = 0.087 at nose, v = 3 at left_eye, v = -1 at right_eye; "
     "a flag is 0, 1 or 2."),
    ({"image_id": 99}, ERROR, "unknown_image",
     "Annotation 1768 is on image 99, which the file does not list."),
    ({"category_id": 7}, ERROR, "unknown_category",
     "Annotation 1768 is of category 7, which the file does not list."),
    ({"image_id": None}, ERROR, "bad_image_id", "Annotation 1768 has no image_id."),
    ({"image_id": "1"}, ERROR, "bad_image_id",
     'Annotation 1768 has the image_id "1"; ids must be whole numbers.'),
    ({"category_id": True}, ERROR, "bad_category_id",
     "Annotation 1768 has the category_id true; ids must be whole numbers."),
    ({"bbox": [1, 2, 3]}, ERROR, "bad_box",
     "Annotation 1768 has the box [1, 2, 3]; a box is four numbers."),
    ({"bbox": [1, 2, 3, "4"]}, ERROR, "bad_box",
     'Annotation 1768 has the box [1, 2, 3, "4"]; a box is four numbers.'),
    ({"bbox": {}}, ERROR, "bad_box", "Annotation 1768 has the box {}; a box is four numbers."),
    ({"bbox": [1, 2, float("nan"), 4]}, ERROR, "bad_box",
     "Annotation 1768 has the box [1, 2, NaN, 4]; a box is four numbers."),
    ({"iscrowd": "yes"}, ERROR, "bad_iscrowd",
     'Annotation 1768 has iscrowd "yes"; it is 0 or 1.'),
    ({"bbox": [float("nan")] * 4}, ERROR, "bad_box",
     "Annotation 1768 has the box [NaN, NaN, NaN, NaN]; a box is four numbers."),
    ({"bbox": [1, 2, True, 4]}, ERROR, "bad_box",
     "Annotation 1768 has the box [1, 2, true, 4]; a box is four numbers."),
    ({"area": float("inf")}, REMARK, "bad_area",
     "Annotation 1768 has the area Infinity, which is no number."),
    ({"bbox": None}, REMARK, "missing_box", "Annotation 1768 has no box."),
    ({"bbox": [5, 5, 0, 7]}, REMARK, "empty_box",
     "Annotation 1768 has the box [5, 5, 0, 7], which holds no area."),
    ({"bbox": [50, 5, -20.5, 7]}, REMARK, "empty_box",
     "Annotation 1768 has the box [50, 5, -20.5, 7], which holds no area."),
    ({"bbox": [-9.5, 5, 50, 60]}, REMARK, "box_outside_image",
     "Annotation 1768 has the box [-9.5, 5, 50, 60], which passes the 640 x 480 frame "
     "of image 1."),
    ({"bbox": [5, 5, 50, 600]}, REMARK, "box_outside_image",
     "Annotation 1768 has the box [5, 5, 50, 600], which passes the 640 x 480 frame of image 1."),
    ({"area": None}, REMARK, "missing_area", "Annotation 1768 has no area."),
    ({"area": "big"}, REMARK, "bad_area",
     'Annotation 1768 has the area "big", which is no number.'),
    ({"keypoints": None, "num_keypoints": 0}, REMARK, "no_keypoint_list",
     "Annotation 1768 has no keypoint list; it is shown without keypoints."),
    ({"keypoints": [], "num_keypoints": 0}, REMARK, "no_keypoint_list",
     "Annotation 1768 has no keypoint list; it is shown without keypoints."),
    ({"keypoints": [5, 5, 0, 5, 5, 2, 5, 0, 0], "num_keypoints": 1}, REMARK,
     "unlabelled_with_place",
     "Annotation 1768 has v = 0 and yet coordinates: nose, right_eye."),
    ({"keypoints": [0, 0, 2, 5, 5, 2, 0, 0, 0], "num_keypoints": 2}, REMARK, "labelled_at_origin",
     "Annotation 1768 has v > 0 at (0, 0): nose."),
    ({"keypoints": [-1, 5, 2, 5, 481, 1, 641, 5, 2], "num_keypoints": 3}, REMARK,
     "keypoint_outside_image",
     "Annotation 1768 has a place outside the image: nose, left_eye, right_eye."),
    ({"num_keypoints": "2"}, REMARK, "bad_num_keypoints",
     'Annotation 1768 has num_keypoints "2", which counts nothing; it is kept.'),
    ({"num_keypoints": -2}, REMARK, "bad_num_keypoints",
     "Annotation 1768 has num_keypoints -2, which counts nothing; it is kept."),
    ({"num_keypoints": 3}, REMARK, "wrong_num_keypoints",
     "Annotation 1768 has num_keypoints 3; 2 keypoints have v > 0."),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "severity", "rule", "message"), ABOUT_ONE_ANNOTATION)
def test_a_problem_of_one_annotation_is_said_once_in_words(
    tmp_path: Path, fields: dict[str, Any], severity: Severity, rule: str, message: str
):
    content = a_file(an_annotation(1), an_annotation(2), an_annotation(1768, **fields))
    assert findings(tmp_path, content) == [(severity, rule, message)]


IN_OTHER_PLACES: list[tuple[dict, Severity, str, str]] = [
    (a_file(an_annotation(5), an_annotation(5)), ERROR, "duplicate_annotation_id",
     "Annotation id 5 is used 2 times; ids must differ."),
    (a_file(images=[an_image(), an_image()]), ERROR, "duplicate_image_id",
     "Image id 1 is used 2 times; ids must differ."),
    (a_file(categories=[a_category(), a_category()]), ERROR, "duplicate_category_id",
     "Category id 1 is used more than once; ids must differ."),
    (a_file(an_annotation(id="a7")), ERROR, "bad_id",
     'Annotation number 1 has the id "a7"; ids must be whole numbers.'),
    (a_file(an_annotation(id=7.5)), ERROR, "bad_id",
     "Annotation number 1 has the id 7.5; ids must be whole numbers."),
    (a_file(an_annotation(id=HUGE)), ERROR, "bad_id",
     f"Annotation number 1 has the id {HUGE}; ids must be below 2^63."),
    (a_file(an_annotation() | {"id": None}), ERROR, "bad_id", "Annotation number 1 has no id."),
    (a_file(images=[an_image(), an_image(id="x")]), ERROR, "bad_image_id",
     'Image number 2 has the id "x"; ids must be whole numbers.'),
    (a_file(categories=[a_category(), a_category(id=[1])]), ERROR, "bad_category_id",
     "Category number 2 has the id [1]; ids must be whole numbers."),
    (a_file(images=[an_image(), 5]), ERROR, "not_an_image", "Image number 2 is 5, not an object."),
    (a_file(categories=[a_category(), []]), ERROR, "not_a_category",
     "Category number 2 is [], not an object."),
    (a_file(categories=[a_category(keypoints="nose")]), ERROR, "bad_keypoint_names",
     'Category 1 (person) has keypoints "nose"; they are a list of names.'),
    (a_file(categories=[a_category(), a_category(2, keypoints=["a"] * 1001)]), ERROR,
     "too_many_keypoints",
     "Category 2 (person) has 1,001 keypoints; at most 1,000 can be worked with."),
    (a_file(an_annotation(4), an_annotation(9, v=(1, 1)), categories=[a_category(keypoints=None)]),
     ERROR, "unclear_keypoint_count", "Category 1 (person) names no keypoints, and its "
     "annotations differ: 6 values (annotation 9), 9 values (annotation 4)."),
    (a_file(an_annotation(keypoints=[1, 2], num_keypoints=None),
            categories=[a_category(keypoints=None)]), ERROR, "unclear_keypoint_count",
     "Category 1 (person) names no keypoints, and its annotations have 2 values; "
     "a keypoint has three (x, y, v)."),
    (a_file(categories=[a_category(keypoints=[])]), REMARK, "unnamed_keypoints",
     "Category 1 (person) names no keypoints; its annotations have 3, numbered from 1."),
    (a_file(categories=[a_category(keypoints=["eye", "eye", "nose"])]), REMARK,
     "unclear_keypoint_names",
     'Category 1 (person) has the name "eye" twice; its keypoints are numbered instead.'),
    (a_file(categories=[a_category(keypoints=["eye", " ", "nose"])]), REMARK,
     "unclear_keypoint_names",
     "Category 1 (person) has a keypoint without name; its keypoints are numbered instead."),
    (a_file(categories=[a_category(skeleton=[[1, 2], [3, 4], [0, 1]])]), REMARK,
     "edge_outside_skeleton",
     "Category 1 (person) has 2 skeleton edges outside 1..3, left out: [3, 4], [0, 1]."),
    (a_file(categories=[a_category(skeleton=[[1, 2], [1, "x"]])]), REMARK, "bad_skeleton",
     'Category 1 (person) has [1, "x"] in its skeleton, which is no pair of keypoint numbers.'),
    (a_file(categories=[a_category(skeleton="none")]), REMARK, "bad_skeleton",
     'Category 1 (person) has "none" in its skeleton, which is no pair of keypoint numbers.'),
    (a_file(images=[an_image(file_name=None)]), REMARK, "missing_file_name",
     "Image 1 has no file name; it is shown without a photo."),
    (a_file(images=[an_image(file_name=7)]), REMARK, "missing_file_name",
     "Image 1 has the file name 7; it is shown without a photo."),
    (a_file(images=[an_image(file_name="../../etc/passwd")]), REMARK, "unsafe_file_name",
     'Image 1 has the file name "../../etc/passwd", which leaves the photo folder; '
     "its photo is not read."),
    (a_file(images=[an_image(), an_image(2, file_name="1.jpg")]), REMARK, "duplicate_image_entry",
     'Image 2 has the same file name as image 1: "1.jpg".'),
    (a_file(images=[an_image(width=None, height=None)]), REMARK, "missing_image_size",
     "Image 1 has no width and height."),
    (a_file(images=[an_image(width="640")]), REMARK, "missing_image_size",
     'Image 1 has the size "640" x 480, which is none.'),
    (a_file(images=[an_image(width=-640)]), REMARK, "missing_image_size",
     "Image 1 has the size -640 x 480, which is none."),
    (a_file(images=[an_image(width=2**31)]), REMARK, "missing_image_size",
     "Image 1 has the size 2147483648 x 480, which is none."),
    (a_file(images=None), ERROR, "missing_list", 'The file has no "images".'),
    (a_file(annotations=None), ERROR, "missing_list", 'The file has no "annotations".'),
    (a_file(categories=None), ERROR, "missing_list", 'The file has no "categories".'),
    (a_file() | {"annotations": None}, ERROR, "bad_list", '"annotations" is null, not a list.'),
    (a_file() | {"annotations": {}}, ERROR, "bad_list", '"annotations" is {}, not a list.'),
    (a_file(images="many"), ERROR, "bad_list", '"images" is "many", not a list.'),
    (a_file(categories={}), ERROR, "bad_list", '"categories" is {}, not a list.'),
    (a_file(images=[]), ERROR, "empty_list", '"images" is empty, yet there are annotations.'),
    (a_file(categories=[]), ERROR, "empty_list",
     '"categories" is empty, yet there are annotations.'),
    (a_file(images=[3]), ERROR, "not_an_image", "Image number 1 is 3, not an object."),
    (a_file(categories=[3]), ERROR, "not_a_category", "Category number 1 is 3, not an object."),
    (a_file(an_annotation(1), an_annotation(2), num=0)
     | {"annotations": [an_annotation(1, keypoints=None, num_keypoints=None)],
        "categories": [a_category(keypoints=None, skeleton=None)]}, REMARK, "no_keypoints",
     "No annotation of this file has keypoints."),
]  # fmt: skip


@pytest.mark.parametrize(("content", "severity", "rule", "message"), IN_OTHER_PLACES)
def test_a_problem_of_the_file_is_said_once_in_words(
    tmp_path: Path, content: dict, severity: Severity, rule: str, message: str
):
    assert findings(tmp_path, content) == [(severity, rule, message)]


def test_an_annotation_that_is_no_object_is_named_by_its_place(tmp_path: Path):
    content = a_file() | {"annotations": [an_annotation(), "second"]}
    assert (ERROR, "not_an_annotation", 'Annotation number 2 is "second", not an object.') in (
        findings(tmp_path, content)
    )


def test_every_problem_is_listed_errors_first_and_in_file_order(tmp_path: Path):
    content = a_file(
        an_annotation(3, area=None, bbox=[-50, 5, 20, 20]),
        an_annotation(2, keypoints=[1, 2, 3], image_id=8, num_keypoints=None),
        an_annotation(1, keypoints=[7, 7, 0, 0, 0, 0, 5, 5, 2], num_keypoints=1, category_id=9),
        an_annotation(4, keypoints=[7, 7, 0, 5, 5, 2, 5, 5, 2]),
        images=[an_image(file_name="/1.jpg")],
    )
    assert [(severity, rule) for severity, rule, _ in findings(tmp_path, content)] == [
        (ERROR, "unknown_image"),
        (ERROR, "wrong_length"),
        (ERROR, "unknown_flag"),
        (ERROR, "unknown_category"),
        (REMARK, "unsafe_file_name"),
        (REMARK, "missing_area"),
        (REMARK, "box_outside_image"),
        (REMARK, "unlabelled_with_place"),
    ]


def test_findings_know_their_annotation_and_image(tmp_path: Path):
    content = a_file(an_annotation(9, area=None), images=[an_image(width=None, height=None)])
    report = open_coco(written(tmp_path, content)).report
    assert [(f.annotation_id, f.image_id) for f in report.findings] == [(None, 1), (9, None)]


def test_reading_a_file_with_errors_lists_all_of_them(tmp_path: Path):
    path = written(tmp_path, a_file(an_annotation(image_id=8, area=None), an_annotation(2, v=(2,))))
    with pytest.raises(UserError) as refused:
        read_coco(path)
    assert str(refused.value) == (
        "file.json: The file has 2 errors and was not read:\n"
        "  - Annotation 1 is on image 8, which the file does not list.\n"
        "  - Annotation 2 has 3 keypoint values; 3 keypoints need 9."
    )


def test_one_error_is_not_several(tmp_path: Path):
    with pytest.raises(UserError, match=r"^file\.json: The file has 1 error and was not read:"):
        read_coco(written(tmp_path, a_file(an_annotation(image_id=8))))


def test_a_doubled_list_is_remarked_and_only_the_last_one_counts(tmp_path: Path):
    text = json.dumps(a_file(an_annotation(4)))
    text = '{"annotations": [{"id": "bad"}, 7], "images": 3, ' + text[1:]
    assert findings(tmp_path, text) == [
        (REMARK, "doubled_list", f'The file has "{key}" more than once; the last one counts.')
        for key in ("images", "annotations")
    ]
    assert read_coco(tmp_path / "file.json").annotations.id.tolist() == [4]


def test_num_keypoints_of_another_convention_is_one_remark(tmp_path: Path):
    people = [an_annotation(i, num_keypoints=14) for i in range(3)]
    people += [an_annotation(i) for i in range(3, 5)]
    reading = open_coco(written(tmp_path, a_file(*people)))
    assert [f.message for f in reading.report.findings] == [
        "In 3 of 5 annotations num_keypoints is not the number of keypoints with v > 0. "
        "It is taken for another convention and kept as it is."
    ]
    assert reading.dataset is not None
    assert not reading.dataset.counts_labelled


def test_half_of_the_counts_wrong_is_still_cocos_convention(tmp_path: Path):
    people = [an_annotation(i, num_keypoints=3 - i // 2) for i in range(4)]
    dataset = read_coco(written(tmp_path, a_file(*people)))
    assert dataset.counts_labelled


def test_a_huge_number_is_said_in_short(tmp_path: Path):
    box = [1e300, 0.5, 10, 12345678901]
    found = findings(tmp_path, a_file(annotations=[an_annotation(bbox=box)]))
    assert any("has the box [1e+300, 0.5, 10, 12345678901], which" in said for *_, said in found)


def test_a_box_may_pass_the_frame_by_a_pixel(tmp_path: Path):
    assert findings(tmp_path, a_file(an_annotation(bbox=[-1, 0, 642, 480.5]))) == []


def test_nothing_is_outside_an_image_of_unknown_size(tmp_path: Path):
    content = a_file(
        an_annotation(bbox=[5, 5, 9000, 9000], keypoints=[9000, 5, 2, 5, 9000, 2, 0, 0, 0]),
        images=[an_image(width=None, height=None)],
    )
    assert [rule for _, rule, _ in findings(tmp_path, content)] == ["missing_image_size"]


def test_people_are_compared_with_the_frame_of_their_own_image(tmp_path: Path):
    content = a_file(
        an_annotation(1, image_id=3, bbox=[5, 5, 90, 90]),
        an_annotation(2, image_id=1, bbox=[5, 5, 90, 90]),
        an_annotation(3, image_id=2, bbox=[5, 5, 90, 90]),
        images=[an_image(3), an_image(1, width=80), an_image(2, height=80)],
    )
    assert [message for _, _, message in findings(tmp_path, content)] == [
        "Annotation 2 has the box [5, 5, 90, 90], which passes the 80 x 480 frame of image 1.",
        "Annotation 3 has the box [5, 5, 90, 90], which passes the 640 x 80 frame of image 2.",
    ]
