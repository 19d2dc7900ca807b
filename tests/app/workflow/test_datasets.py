from pathlib import Path

import pytest

from app.workflow.browse import image_with, images_of, label_sets_of
from app.workflow.datasets import (
    class_shares,
    delete_dataset,
    list_datasets,
    move_photos,
    rename_dataset,
)
from app.workflow.workspace import Workspace
from core.data.listing import ClassCount
from core.errors import UserError
from tests.app.workflow.coco_files import imported, some_photos
from tests.app.workflow.snapshots import a_snapshot, an_edit, saved


def test_class_shares_follow_the_verdicts_of_main(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    saved(ws, a_snapshot(an_edit(0, v=1), an_edit(3, v=0)), annotator="Zoë")
    blind = a_snapshot(an_edit(1, v=2), step="s2")
    saved(ws, blind, annotator="Bo", label_set="Bo")
    assert class_shares(ws, "val") == (
        ClassCount(1, "nose", (0, 1, 1)),
        ClassCount(1, "left_eye", (0, 2, 0)),
        ClassCount(1, "right_eye", (2, 0, 0)),
        ClassCount(1, "left_ear", (1, 0, 1)),
    )
    assert label_sets_of(ws, "val") == ["main", "Bo"]


def test_a_dataset_is_renamed_and_found_by_its_new_name(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    imported(ws, tmp_path, name="train")
    assert rename_dataset(ws, "val", "Größe").name == "Größe"
    assert [d.name for d in list_datasets(ws)] == ["Größe", "train"]
    with pytest.raises(UserError, match="already a dataset 'train'"):
        rename_dataset(ws, "Größe", "train")
    with pytest.raises(UserError, match="is blank"):
        rename_dataset(ws, "Größe", " ")


def test_photos_may_be_elsewhere_now(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    photos = some_photos(tmp_path / "photos")
    assert move_photos(ws, "val", photos).images_dir == photos
    with pytest.raises(UserError, match="There is no such folder"):
        move_photos(ws, "val", tmp_path / "none")


def test_a_deleted_dataset_takes_its_source_and_leaves_your_photos(
    ws: Workspace, tmp_path: Path
) -> None:
    some_photos(tmp_path)
    imported(ws, tmp_path)
    seen: list[float] = []
    delete_dataset(ws, "val", on_progress=seen.append)
    assert list_datasets(ws) == []
    assert list(ws.sources_dir.iterdir()) == []
    assert (tmp_path / "000001.png").is_file()
    assert seen[-1] == 1.0
    with pytest.raises(UserError, match="There is no dataset 'val'"):
        delete_dataset(ws, "val")


def test_images_are_paged_searched_and_found_by_person(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path, images=30)
    total, page = images_of(ws, "val", offset=10, limit=5)
    assert (total, [image.id for image in page]) == (30, [11, 12, 13, 14, 15])
    assert [image.id for image in images_of(ws, "val", search="000007")[1]] == [7]
    assert image_with(ws, "val", 107).id == 7
