import hashlib
import json

import cv2
import numpy as np
import pytest
from pycocotools.coco import COCO

from core.data.coco_json import open_coco
from core.data.drawn import CAREFUL, Mistakes, write_drawn_dataset
from core.data.skeleton import COCO_NAMES
from core.errors import Cancelled, UserError

MANY = Mistakes(occluded_called_visible=0.4, left_out=0.3, swapped=0.3, visible_called_occluded=0.1)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return write_drawn_dataset(
        tmp_path_factory.mktemp("drawn"), count=8, seed=5, planted_errors=MANY
    )


def read(path):
    return json.loads(path.read_bytes())


def digests(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_files_pass_every_check_without_a_remark(written):
    for file in (written.json_file, written.truth_file):
        reading = open_coco(file, images_dir=written.images_dir)
        assert reading.report.findings == ()
        assert reading.dataset is not None
        assert len(reading.dataset.images.id) == 8
        assert reading.dataset.licences == ("CC0 1.0: drawn pictures, no rights reserved",)


def test_the_files_look_like_cocos_own(written):
    file = read(written.json_file)
    assert list(file) == ["info", "licenses", "images", "annotations", "categories"]
    assert file["categories"][0]["keypoints"] == list(COCO_NAMES)
    assert file["categories"][0]["skeleton"][0] == [16, 14]
    for annotation in file["annotations"]:
        assert annotation["iscrowd"] == 0
        flags = annotation["keypoints"][2::3]
        assert annotation["num_keypoints"] == sum(flag > 0 for flag in flags)
        assert all(isinstance(number, int) for number in annotation["keypoints"])


# pycocotools 2.0.11 has not followed numpy 2 here
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_masks_have_the_area_and_the_box_of_their_annotation(written, capsys):
    coco = COCO(written.truth_file)
    capsys.readouterr()
    for annotation in coco.anns.values():
        mask = coco.annToMask(annotation)
        assert mask.sum() == annotation["area"]
        assert list(cv2.boundingRect(mask)) == annotation["bbox"]


def test_photos_have_the_size_the_file_says(written):
    for image in read(written.json_file)["images"]:
        photo = cv2.imread(str(written.images_dir / image["file_name"]))
        assert photo.shape == (image["height"], image["width"], 3)


def test_the_two_files_differ_exactly_where_errors_were_planted(written):
    given, true = (read(path)["annotations"] for path in (written.json_file, written.truth_file))
    planted = {(error.annotation_id, error.keypoint): error for error in written.planted_errors}
    assert len(planted) > 20
    for one, other in zip(given, true, strict=True):
        a, b = (
            np.array(one["keypoints"]).reshape(17, 3),
            np.array(other["keypoints"]).reshape(17, 3),
        )
        for k in np.flatnonzero(a[:, 2] != b[:, 2]):
            error = planted[one["id"], int(k)]
            assert (error.given.visibility, error.true.visibility) == (a[k, 2], b[k, 2])
        unplanted = [k for k in range(17) if (one["id"], k) not in planted and b[k, 2]]
        assert np.abs(a[unplanted, :2] - b[unplanted, :2]).max(initial=0) < 80


def test_the_list_of_planted_errors_is_written_beside(written):
    rows = read(written.errors_file)
    first, row = written.planted_errors[0], rows[0]
    assert len(rows) == len(written.planted_errors)
    assert (row["annotation_id"], row["kind"]) == (first.annotation_id, first.kind)
    assert row["keypoint"] == COCO_NAMES[first.keypoint]
    assert row["given"][2] == first.given.visibility


def test_the_same_seed_writes_the_same_bytes(written, tmp_path):
    again = write_drawn_dataset(tmp_path / "again", count=8, seed=5, planted_errors=MANY)
    assert digests(again.json_file.parent) == digests(written.json_file.parent)


def test_without_planted_errors_both_files_hold_the_truth(tmp_path):
    truth = write_drawn_dataset(tmp_path, count=2, seed=1, planted_errors=None)
    assert truth.planted_errors == ()
    assert truth.json_file.read_bytes() == truth.truth_file.read_bytes()


def test_every_picture_has_a_labelled_keypoint(written):
    file = read(written.truth_file)
    labelled = {a["image_id"] for a in file["annotations"] if a["num_keypoints"]}
    assert labelled == {image["id"] for image in file["images"]}


def test_a_folder_that_cannot_be_made_is_refused_in_words(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(UserError, match="There is no such folder"):
        write_drawn_dataset(tmp_path / "taken", count=1, seed=1, planted_errors=CAREFUL)


def test_writing_stops_when_asked(tmp_path):
    with pytest.raises(Cancelled):
        write_drawn_dataset(tmp_path, count=5, seed=1, planted_errors=None, cancelled=lambda: True)


def test_progress_runs_to_the_end(tmp_path):
    seen = []
    write_drawn_dataset(tmp_path, count=2, seed=1, planted_errors=None, on_progress=seen.append)
    assert seen == [0.5, 1.0]
