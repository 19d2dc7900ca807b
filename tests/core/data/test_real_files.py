"""Real files: lossless without edits, exact with edits; and the traps other tools fall into."""

import copy
import gzip
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.data.coco_json import label_changes, open_coco, read_coco, read_source, write_coco
from core.data.coco_patch import patch_coco, verify_patch
from core.data.dataset import PoseDataset
from core.errors import UserError

pytestmark = pytest.mark.shared_data

PHOTOS = "coco_photos/person_keypoints_val2017.json"
FILES = [
    "coco2017_labels/person_keypoints_val2017.json.gz",
    "coco_photos/person_keypoints_train2017.json",
    PHOTOS,
    "other_formats/coco/test_coco.json",
    "other_formats/coco/test_coco_wholebody.json",
    "other_formats/crowdpose/test_crowdpose.json",
    "other_formats/ochuman/test_ochuman.json",
    "other_formats/aic/test_aic.json",
    "other_formats/mpii/test_mpii_trb.json",
    "lspet/lspet.json",
    "real_predictions/example_crowdpose_val.json",
]
OTHER_COUNTS = {"test_crowdpose.json", "example_crowdpose_val.json"}


def relabelled(dataset: PoseDataset, people: int) -> PoseDataset:
    """Up to three random keypoints of some people get another flag, every second moves, too."""
    draw = random.Random(0)
    annotations = dataset.annotations
    xy, visibility = annotations.xy_image_px.copy(), annotations.visibility.copy()
    with_keypoints = np.flatnonzero(annotations.size).tolist()
    for row in draw.sample(with_keypoints, min(people, len(with_keypoints))):
        for k in draw.sample(range(annotations.size[row]), min(3, annotations.size[row])):
            visibility[row, k] = (visibility[row, k] + draw.choice([1, 2])) % 3
            if draw.random() < 0.5:
                xy[row, k] = draw.uniform(1, 300), draw.uniform(1, 300)
    changed = replace(annotations, xy_image_px=xy, visibility=visibility)
    return replace(dataset, annotations=changed)


@pytest.mark.parametrize("name", FILES)
def test_real_files_come_back_as_they_were_but_for_the_edits(
    shared_data: Path, tmp_path: Path, name: str
):
    path, out = shared_data / name, tmp_path / "out.json"
    dataset = read_coco(path)
    assert dataset.counts_labelled == (path.name not in OTHER_COUNTS)
    write_coco(dataset, out)
    source = read_source(path)
    assert out.read_bytes() == source
    edited = relabelled(dataset, 200)
    write_coco(edited, out)
    changes = label_changes(dataset, edited)
    assert changes
    verify_patch(source, out.read_bytes(), changes, counts_labelled=dataset.counts_labelled)
    found = read_coco(out).annotations
    assert (found.visibility == edited.annotations.visibility).all()
    labelled = edited.annotations.visibility > 0
    distance_px = np.abs(found.xy_image_px - edited.annotations.xy_image_px)[labelled]
    assert distance_px.max() <= 0.5
    moved = (edited.annotations.visibility != dataset.annotations.visibility) & ~labelled
    assert (found.xy_image_px[moved] == 0).all()


def test_the_largest_file_comes_back_as_it_was_but_for_the_edits(shared_data: Path, tmp_path: Path):
    path, out = shared_data / "coco2017_labels/person_keypoints_train2017.json.gz", tmp_path / "o"
    dataset = read_coco(path)
    write_coco(dataset, out)
    source = read_source(path)
    assert out.read_bytes() == source
    changes = label_changes(dataset, relabelled(dataset, 1000))
    patched = patch_coco(source, changes, counts_labelled=True)
    verify_patch(source, patched, changes, counts_labelled=True)


def test_edited_numbers_alone_differ_in_the_parsed_file(shared_data: Path, tmp_path: Path):
    dataset = read_coco(shared_data / PHOTOS)
    edited = relabelled(dataset, 50)
    write_coco(edited, tmp_path / "out.json")
    before = json.loads((shared_data / PHOTOS).read_bytes())
    after = json.loads((tmp_path / "out.json").read_bytes())
    for change in label_changes(dataset, edited):
        was = next(a for a in before["annotations"] if a["id"] == change.annotation_id)
        new = next(a for a in after["annotations"] if a["id"] == change.annotation_id)
        place = slice(3 * change.keypoint, 3 * change.keypoint + 3)
        was["keypoints"][place] = new["keypoints"][place]
        was["num_keypoints"] = sum(flag > 0 for flag in new["keypoints"][2::3])
    assert after == before


def test_flags_between_the_classes_are_refused_by_name(shared_data: Path):
    path = shared_data / "other_formats/coco/test_keypoint_partition_metric.json"
    with pytest.raises(UserError) as refused:
        read_coco(path)
    assert "Annotation 531914 has v = 0.0877" in str(refused.value)
    assert "; a flag is 0, 1 or 2." in str(refused.value)
    rules = {finding.rule for finding in open_coco(path).report.errors}
    assert rules == {"wrong_length", "unknown_flag"}


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        (PHOTOS, "coco_photos/val2017"),
        ("other_formats/coco/test_coco.json", "other_formats/coco"),
        ("lspet/lspet.json", "lspet/images"),
    ],
)
def test_real_photos_are_all_there_and_of_the_size_said(shared_data: Path, name: str, folder: str):
    report = open_coco(shared_data / name, images_dir=shared_data / folder).report
    photo_rules = {"missing_photos", "unreadable_photo", "different_photo_size"}
    assert [f for f in report.findings if f.rule in photo_rules] == []


# Input A of the comparison with other tools, and what B, C and D add to it.


def with_unknown_keys(document: dict[str, Any]) -> None:
    for n, annotation in enumerate(document["annotations"]):
        if n % 7 == 0:
            annotation["note"] = "prüfen \u2713"
        if n % 11 == 0:
            annotation["attributes"] = {"keypoints": [1, 2, 2], "occluded": True}
    for n, image in enumerate(document["images"]):
        image |= {"note": "x"} if n % 9 == 0 else {"coco_url": "http://images.example/1.jpg"}
    document["categories"][0]["colour"] = "red"
    document["made_by"] = {"tool": [1, 2.50, None]}


def with_hard_cases(document: dict[str, Any]) -> None:
    with_unknown_keys(document)
    people = [a for a in document["annotations"] if a["num_keypoints"] > 3]
    for annotation in people[:40]:
        keypoints = annotation["keypoints"]
        keypoints[::3] = [x + 0.123456 if x else x for x in keypoints[::3]]
    for annotation in people[40:60]:
        keypoints = annotation["keypoints"]
        for k in range(2, len(keypoints), 3):
            if keypoints[k] == 0:
                keypoints[k - 2 : k] = [12, 34]
    for annotation in people[60:70]:
        labelled = next(k for k in range(2, 51, 3) if annotation["keypoints"][k])
        annotation["keypoints"][labelled - 2] = -3
    for annotation in people[70:75]:
        labelled = next(k for k in range(2, 51, 3) if annotation["keypoints"][k])
        annotation["keypoints"][labelled - 2 : labelled] = [0, 0]
    people[80]["num_keypoints"] = 1
    document["images"].append({"id": 10**12, "file_name": "empty.jpg", "width": 5, "height": 5})
    document["info"] = {"description": "All", "url": "u", "version": "1", "year": 2026}


def without_a_keypoints_key(document: dict[str, Any]) -> None:
    with_unknown_keys(document)
    person = next(a for a in document["annotations"] if a["num_keypoints"] == 0)
    del person["keypoints"]


def without_rle(document: dict[str, Any]) -> None:
    with_unknown_keys(document)
    document["annotations"] = [a for a in document["annotations"] if not a["iscrowd"]]


STYLES: list[dict[str, Any]] = [
    {},
    {"separators": (",", ":")},
    {"indent": 2, "ensure_ascii": False},
    {"sort_keys": True},
]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    "trap", [with_unknown_keys, with_hard_cases, without_a_keypoints_key, without_rle]
)
def test_what_other_tools_damage_survives(
    shared_data: Path, tmp_path: Path, trap: Any, style: dict[str, Any]
):
    document = json.loads((shared_data / PHOTOS).read_bytes())
    trap(document)
    source = json.dumps(document, **style).encode()
    path, out = tmp_path / "in.json", tmp_path / "out.json.gz"
    path.write_bytes(source)
    dataset = read_coco(path)
    write_coco(dataset, out)
    assert gzip.decompress(out.read_bytes()) == source
    person = copy.deepcopy(document["annotations"][0])
    keypoint = next(k for k in range(17) if person["keypoints"][3 * k + 2] == 2)
    visibility = dataset.annotations.visibility.copy()
    visibility[0, keypoint] = 0
    changed = replace(dataset.annotations, visibility=visibility)
    write_coco(replace(dataset, annotations=changed), out)
    document["annotations"][0]["keypoints"][3 * keypoint : 3 * keypoint + 3] = [0, 0, 0]
    document["annotations"][0]["num_keypoints"] = int((visibility[0] > 0).sum())
    assert json.loads(gzip.decompress(out.read_bytes())) == document


def test_the_hard_cases_are_remarked(shared_data: Path, tmp_path: Path):
    document = json.loads((shared_data / PHOTOS).read_bytes())
    with_hard_cases(document)
    path = tmp_path / "in.json"
    path.write_text(json.dumps(document))
    assert {rule.rule: rule.count for rule in open_coco(path).report.by_rule()} == {
        "unlabelled_with_place": 19,  # one of the twenty is labelled throughout
        "keypoint_outside_image": 10,
        "labelled_at_origin": 5,
        "wrong_num_keypoints": 1,
    }
