"""The COCO door: what a file becomes, what is refused at it, and how it is written back."""

import errno
import gzip
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.data.coco_json import open_coco, read_coco, read_source, write_coco
from core.data.dataset import Annotations, Category, PoseDataset
from core.data.skeleton import Skeleton
from core.errors import Cancelled, UserError
from tests.core.data.coco_files import (
    NAMES,
    a_category,
    a_file,
    an_annotation,
    an_image,
    written,
)


def relabelled(dataset: PoseDataset, flags: dict[tuple[int, int], int]) -> PoseDataset:
    """The dataset with other flags at (row, keypoint)."""
    visibility = dataset.annotations.visibility.copy()
    for place, flag in flags.items():
        visibility[place] = flag
    return replace(dataset, annotations=replace(dataset.annotations, visibility=visibility))


def refusal(path: Path) -> str:
    with pytest.raises(UserError) as refused:
        read_coco(path)
    return str(refused.value)


def test_a_file_becomes_arrays_in_file_order(tmp_path: Path):
    content = a_file(
        an_annotation(7, image_id=2),
        an_annotation(3, v=(0, 0, 2), bbox=None, area=None, iscrowd=1, num_keypoints=None),
        an_annotation(5, keypoints=None, num_keypoints=0),
        images=[an_image(2), an_image(1, width=None, height=None)],
        info={"description": "Example", "year": 2017},
        licenses=[{"id": 1, "name": "CC BY"}, {"id": 2, "url": "https://example.org"}, 3],
    )
    path = written(tmp_path, content)
    dataset = read_coco(path)
    annotations = dataset.annotations
    assert dataset.categories == (
        Category(1, "person", Skeleton(tuple(NAMES), ((0, 1), (0, 2)))),
    )  # fmt: skip
    assert dataset.images.id.tolist() == [2, 1]
    assert dataset.images.file_name == ("2.jpg", "1.jpg")
    assert dataset.images.size_wh_px.tolist() == [[640, 480], [0, 0]]
    assert annotations.id.tolist() == [7, 3, 5]
    assert annotations.image_id.tolist() == [2, 1, 1]
    assert annotations.category_id.tolist() == [1, 1, 1]
    np.testing.assert_equal(annotations.box_xywh_px, [[5, 5, 50, 60], 4 * [np.nan], [5, 5, 50, 60]])
    np.testing.assert_equal(annotations.area_px2, [1500.5, np.nan, 1500.5])
    assert annotations.iscrowd.tolist() == [False, True, False]
    assert annotations.num_keypoints.tolist() == [2, -1, 0]
    assert annotations.size.tolist() == [3, 3, 0]
    assert annotations.xy_image_px.tolist() == [
        [[10, 15], [20, 25], [0, 0]], [[0, 0], [0, 0], [30, 35]], [[0, 0]] * 3
    ]  # fmt: skip
    assert annotations.visibility.tolist() == [[2, 1, 0], [0, 0, 2], [0, 0, 0]]
    source = path.read_bytes()
    assert [json.loads(source[a:b])["id"] for a, b in annotations.span_bytes] == [7, 3, 5]
    assert (dataset.source, dataset.counts_labelled) == (path, True)
    assert (dataset.info, dataset.licences) == ("Example", ("CC BY", "https://example.org", ""))
    names = Annotations.__annotations__
    assert {name: getattr(annotations, name).dtype.name for name in names} == {
        "id": "int64", "image_id": "int64", "category_id": "int64", "box_xywh_px": "float64",
        "area_px2": "float64", "iscrowd": "bool", "num_keypoints": "int64", "size": "int64",
        "xy_image_px": "float64", "visibility": "int8", "span_bytes": "int64",
    }  # fmt: skip


def test_several_categories_each_have_their_own_keypoints(tmp_path: Path):
    content = a_file(
        an_annotation(1, category_id=2, v=(2, 1)),
        an_annotation(2, category_id=1),
        an_annotation(3, category_id=3, keypoints=None, num_keypoints=None),
        an_annotation(4, category_id=4, v=(1,)),
        categories=[
            a_category(2, name="hand", keypoints=["palm", "tip"], skeleton=None),
            a_category(),
            a_category(3, name="dog", keypoints=None, skeleton=None),
            a_category(4, name="ball", keypoints=None, skeleton=[[1, 1]]),
        ],
    )
    dataset = read_coco(written(tmp_path, content))
    assert [category.skeleton for category in dataset.categories] == [
        Skeleton(("palm", "tip"), ()),
        Skeleton(tuple(NAMES), ((0, 1), (0, 2))),
        None,
        Skeleton(("keypoint 1",), ((0, 0),), named=False),
    ]
    assert dataset.annotations.size.tolist() == [2, 3, 0, 1]
    assert dataset.annotations.visibility.tolist() == [[2, 1, 0], [2, 1, 0], [0, 0, 0], [1, 0, 0]]


def test_four_unnamed_keypoints_without_a_skeleton_are_numbered(tmp_path: Path):
    category = {"id": 1, "name": "box"}
    dataset = read_coco(
        written(tmp_path, a_file(an_annotation(v=(2, 2, 1, 0)), categories=[category]))
    )
    assert dataset.categories == (
        Category(1, "box", Skeleton(tuple(f"keypoint {k}" for k in (1, 2, 3, 4)), (), named=False)),
    )


def test_whole_floats_are_ids_too(tmp_path: Path):
    text = json.dumps(a_file(an_annotation(5))).replace('"id": 5', '"id": 5.0')
    path, out = written(tmp_path, text), tmp_path / "out.json"
    dataset = read_coco(path)
    assert dataset.annotations.id.tolist() == [5]
    write_coco(relabelled(dataset, {(0, 0): 1}), out)
    assert out.read_text() == text.replace("[10, 15, 2,", "[10, 15, 1,")


@pytest.mark.parametrize("crowd", [True, 1, 1.0])
def test_crowds_keep_their_rle(tmp_path: Path, crowd: Any):
    rle = {"counts": "Zei62gj08I7N2\\N2", "size": [480, 640]}
    path = written(tmp_path, a_file(an_annotation(iscrowd=crowd, segmentation=rle)))
    dataset = read_coco(path)
    assert dataset.annotations.iscrowd.tolist() == [True]
    write_coco(relabelled(dataset, {(0, 1): 2}), tmp_path / "out.json")
    found = json.loads((tmp_path / "out.json").read_text())["annotations"][0]
    assert (found["segmentation"], found["iscrowd"]) == (rle, crowd)


def test_a_file_without_people_is_read(tmp_path: Path):
    dataset = read_coco(written(tmp_path, {"images": [], "annotations": [], "categories": []}))
    assert dataset.annotations.visibility.shape == (0, 0)
    assert dataset.annotations.span_bytes.shape == (0, 2)
    write_coco(dataset, tmp_path / "out.json")
    assert (tmp_path / "out.json").read_bytes() == (tmp_path / "file.json").read_bytes()


def test_strings_no_database_can_hold_are_read_with_a_mark(tmp_path: Path):
    text = (
        '{"info": "a\\u0000b", "images": [{"id": 1, "file_name": "\\ud800.jpg", "width": 9,'
        ' "height": 9}], "annotations": [], "categories": [{"id": 1, "name": "\\udfff",'
        ' "keypoints": ["\\udead"]}], "licenses": ["\\ud8ab"]}'
    )
    dataset = read_coco(written(tmp_path, text))
    assert dataset.images.file_name == ("\ufffd.jpg",)
    assert dataset.categories == (Category(1, "\ufffd", Skeleton(("\ufffd",), ())),)
    assert (dataset.info, dataset.licences) == ("a\ufffdb", ("\ufffd",))


def test_gz_files_are_read_by_content_and_spans_count_decompressed_bytes(tmp_path: Path):
    plain = json.dumps(a_file()).encode()
    path = written(tmp_path, gzip.compress(plain), "an upload")
    (start, end) = read_coco(path).annotations.span_bytes[0]
    assert read_source(path) == plain
    assert json.loads(plain[start:end]) == an_annotation()


def test_an_export_is_compressed_only_where_its_name_says_so(tmp_path: Path):
    plain = json.dumps(a_file()).encode()
    dataset = read_coco(written(tmp_path, gzip.compress(plain), "in.json.gz"))
    write_coco(dataset, tmp_path / "out.json")
    write_coco(dataset, tmp_path / "out1.json.gz")
    write_coco(dataset, tmp_path / "out2.json.gz")
    assert (tmp_path / "out.json").read_bytes() == plain
    packed = (tmp_path / "out1.json.gz").read_bytes()
    assert gzip.decompress(packed) == plain
    assert packed == (tmp_path / "out2.json.gz").read_bytes()
    assert packed[4:8] == bytes(4)  # no time in it


def test_progress_grows_to_one(tmp_path: Path):
    people = [an_annotation(i) for i in range(3000)]
    seen: list[float] = []
    open_coco(written(tmp_path, a_file(*people)), images_dir=tmp_path, on_progress=seen.append)
    assert seen == sorted(seen)
    assert len(seen) > 5
    assert seen[-1] == 1.0


def test_reading_stops_when_asked(tmp_path: Path):
    with pytest.raises(Cancelled):
        read_coco(written(tmp_path, a_file()), cancelled=lambda: True)


def test_without_changes_nothing_is_changed(tmp_path: Path):
    path = written(tmp_path, json.dumps(a_file(), indent=1))
    write_coco(read_coco(path), tmp_path / "out.json")
    assert (tmp_path / "out.json").read_bytes() == path.read_bytes()


def test_another_convention_of_num_keypoints_is_left_alone(tmp_path: Path):
    text = json.dumps(a_file(an_annotation(num_keypoints=14)))
    dataset = read_coco(written(tmp_path, text))
    write_coco(relabelled(dataset, {(0, 2): 1}), tmp_path / "out.json")
    assert (tmp_path / "out.json").read_text() == text.replace("0, 0, 0]", "0, 0, 1]")


def test_a_dataset_made_in_memory_has_nothing_to_write_back(tmp_path: Path):
    dataset = replace(read_coco(written(tmp_path, a_file())), source=None)
    with pytest.raises(UserError, match="was not read from a file, so there is nothing to write"):
        write_coco(dataset, tmp_path / "out.json")


def test_the_source_itself_is_never_overwritten(tmp_path: Path):
    dataset = read_coco(written(tmp_path, a_file()))
    with pytest.raises(UserError, match=r"The source itself is never overwritten\. Choose another"):
        write_coco(dataset, tmp_path / "." / "file.json")


def test_more_than_keypoints_cannot_be_written_back(tmp_path: Path):
    dataset = read_coco(written(tmp_path, a_file()))
    other = replace(dataset.annotations, box_xywh_px=dataset.annotations.box_xywh_px + 1)
    with pytest.raises(UserError) as refused:
        write_coco(replace(dataset, annotations=other), tmp_path / "out.json")
    assert str(refused.value) == (
        "The dataset differs from its source in box_xywh_px. Only keypoints can be written back."
    )
    assert not (tmp_path / "out.json").exists()


def test_a_full_disk_leaves_the_old_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    out = written(tmp_path, "the old export", "out.json")
    dataset = read_coco(written(tmp_path, a_file()))

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError) as refused:
        write_coco(dataset, out)
    assert (
        str(refused.value)
        == f"{out}: The disk is full; nothing was written. Make room, or choose another folder."
    )
    assert out.read_text() == "the old export"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file.json", "out.json"]


def test_odd_neighbours_do_not_change_how_people_are_read(tmp_path: Path):
    people = [an_annotation(i, v=(i % 3, 1, 2), area=i + 0.5) for i in range(1, 701)]
    plain = read_coco(written(tmp_path, a_file(*people))).annotations
    odd = [person | {"sure": True} for person in people]
    odd.append(an_annotation(701, keypoints=None, num_keypoints=None, area=None, bbox=None))
    found = read_coco(written(tmp_path, a_file(*odd))).annotations
    for name in Annotations.__annotations__:
        if name != "span_bytes":
            np.testing.assert_array_equal(getattr(found, name)[:-1], getattr(plain, name))


def test_people_are_counted_through_the_whole_file(tmp_path: Path):
    people = [an_annotation(i) for i in range(700)]
    people[650]["id"] = None
    assert "Annotation number 651 has no id." in refusal(written(tmp_path, a_file(*people)))


def test_many_doubled_ids_are_counted_quickly(tmp_path: Path):
    people = [an_annotation(i) for i in range(5000)] * 2
    images = [an_image(i) for i in range(5000)] * 2
    found = open_coco(written(tmp_path, a_file(*people, images=images))).report.by_rule()
    counts = {rule.rule: rule.count for rule in found}
    assert counts == {"duplicate_image_id": 5000, "duplicate_annotation_id": 5000}
