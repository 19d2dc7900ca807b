import gzip
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.workflow.changes import FlagChange
from app.workflow.export import export_bytes, export_dataset, preview_export
from app.workflow.import_dataset import import_dataset
from app.workflow.relabel_table import relabel_from_csv
from app.workflow.workspace import Workspace
from core.errors import Cancelled, UserError
from tests.app.workflow.coco_files import a_person, imported
from tests.app.workflow.snapshots import a_snapshot, an_edit, saved
from tests.app.workflow.test_relabel_table import a_table
from tests.core.data.test_whole_file import no_file_larger_than

REAL = [
    "coco_photos/person_keypoints_val2017.json",
    "coco_photos/person_keypoints_train2017.json",
    "coco2017_labels/person_keypoints_val2017.json.gz",
    "other_formats/coco/test_coco.json",
    "other_formats/coco/test_coco_wholebody.json",
]


def test_without_edits_the_export_is_the_file_byte_for_byte(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    report = export_dataset(ws, "val", tmp_path / "out.json")
    assert (tmp_path / "out.json").read_bytes() == (tmp_path / "val.json").read_bytes()
    assert report.unchanged
    assert report.preview == preview_export(ws, "val")
    assert report.preview.changes == ()


def test_edits_change_their_numbers_and_num_keypoints_only(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    relabel_from_csv(
        ws,
        "val",
        a_table(tmp_path, "101,nose,1,,,,,", "101,left_ear,0,,,,,", "102,left_eye,2,15,21,,,"),
        annotator="Bo",
    )
    report = export_dataset(ws, "val", tmp_path / "out.json", report=tmp_path / "report.json")
    wanted = json.loads((tmp_path / "val.json").read_text())
    first, second = wanted["annotations"]
    first["keypoints"] = [10, 20, 1, 11, 21, 1, 0, 0, 0, 0, 0, 0]
    first["num_keypoints"] = 2
    second["keypoints"] = [10, 20, 2, 15, 21, 2, 0, 0, 0, 13, 23, 2]
    assert json.loads((tmp_path / "out.json").read_text()) == wanted
    preview = report.preview
    assert preview.changes == (
        FlagChange("nose", 2, 1, 1),
        FlagChange("left_eye", 1, 2, 1),
        FlagChange("left_ear", 2, 0, 1),
    )
    assert (preview.num_labels, preview.num_moved, preview.annotation_ids) == (3, 1, (101, 102))
    # three flags, x and y of the ear, x of the eye, and 101's num_keypoints
    assert report.num_numbers == 3 + 2 + 1 + 1
    assert report.checked == (
        "read again, 7 numbers differ from the imported file, everything else is equal"
    )


def test_num_keypoints_of_another_convention_is_left_alone(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path, annotations=[a_person(101, num_keypoints=14)])
    relabel_from_csv(ws, "val", a_table(tmp_path, "101,nose,0,,,,,"), annotator="Bo")
    export_dataset(ws, "val", tmp_path / "out.json")
    (person,) = json.loads((tmp_path / "out.json").read_text())["annotations"]
    assert (person["keypoints"][:3], person["num_keypoints"]) == ([0, 0, 0], 14)


def test_a_patch_that_goes_wrong_is_never_written(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(ws, tmp_path)
    relabel_from_csv(ws, "val", a_table(tmp_path, "101,nose,1,,,,,"), annotator="Bo")
    wrong = (tmp_path / "val.json").read_bytes().replace(b"600.5", b"600.6")
    monkeypatch.setattr("app.workflow.export.patch_coco", lambda *_, **__: wrong)
    out = tmp_path / "out.json"
    with pytest.raises(UserError) as refused:
        export_dataset(ws, "val", out)
    assert str(refused.value) == (
        f"{out}: The export would differ from the imported file in more than the labels. "
        "Annotation 101: number 3 of its keypoints is 2, not 1. Nothing was written. This is a "
        "mistake of the program; the labels are safe."
    )
    with pytest.raises(UserError, match=r"val\.json: The export would differ"):
        export_bytes(ws, "val")
    assert not out.exists()


def a_byte_flipped(handle: int) -> None:
    """What a failing disk does, at the moment the program asks for everything to be on it."""
    (last,) = os.pread(handle, 1, os.fstat(handle).st_size - 9)
    os.pwrite(handle, bytes([last ^ 1]), os.fstat(handle).st_size - 9)


def the_end_lost(handle: int) -> None:
    os.truncate(handle, os.fstat(handle).st_size - 1)


@pytest.mark.parametrize("fault", [a_byte_flipped, the_end_lost])
@pytest.mark.parametrize("name", ["out.json", "out.json.gz"])
def test_what_the_disk_spoiled_never_gets_the_name(
    ws: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fault: Callable[[int], None],
    name: str,
) -> None:
    imported(ws, tmp_path)
    relabel_from_csv(ws, "val", a_table(tmp_path, "101,nose,1,,,,,"), annotator="Bo")
    out, report = tmp_path / "exports" / name, tmp_path / "exports" / "report.json"
    out.parent.mkdir()
    out.write_text("old")
    monkeypatch.setattr(os, "fsync", fault)
    with pytest.raises(UserError) as refused:
        export_dataset(ws, "val", out, report=report)
    assert str(refused.value) == (
        f"{out}: What stands on the disk is not what was written to it; the file was not kept. "
        "Have the disk checked, or choose a folder on another one."
    )
    assert out.read_text() == "old"
    assert list(out.parent.iterdir()) == [out]


def test_a_folder_and_a_folder_of_somebody_else_are_refused_in_words(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(ws, tmp_path)
    with pytest.raises(UserError, match=r"This is a folder\. Name a file in it\."):
        export_dataset(ws, "val", tmp_path)

    def not_allowed(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", not_allowed)  # root may write everywhere
    with pytest.raises(UserError, match=r"The folder may not be written to\. Choose another"):
        export_dataset(ws, "val", tmp_path / "out.json")


def test_labels_are_chosen_original_current_or_of_one_annotator(
    ws: Workspace, tmp_path: Path
) -> None:
    imported(ws, tmp_path)
    saved(ws, a_snapshot(an_edit(0, v=1)), annotator="Zoë")
    blind = a_snapshot(an_edit(0, v=0), step="s2")
    saved(ws, blind, annotator="Bo", label_set="Bo")
    flags = {
        labels: json.loads(export_bytes(ws, "val", labels=labels)[0])["annotations"][0][
            "keypoints"
        ][2]
        for labels in ("original", "current", "by:Bo")
    }
    assert flags == {"original": 2, "current": 1, "by:Bo": 0}


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ("by:Ann", "Nobody called 'Ann' has a label set of 'val'. Known: Bo."),
        ("newest", "Labels cannot be 'newest'. Choose original, current or by:NAME"),
    ],
)
def test_labels_of_nobody_are_refused(
    ws: Workspace, tmp_path: Path, labels: str, words: str
) -> None:
    imported(ws, tmp_path)
    saved(ws, a_snapshot(an_edit(0, v=1)), annotator="Bo", label_set="Bo")
    with pytest.raises(UserError) as refused:
        export_dataset(ws, "val", tmp_path / "out.json", labels=labels)
    assert words in str(refused.value)


def test_an_unsure_label_is_exported_as_it_came(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    saved(ws, a_snapshot(an_edit(0, v=0, kind="unsure")), annotator="Zoë")
    assert export_bytes(ws, "val")[0] == (tmp_path / "val.json").read_bytes()


def test_a_compressed_name_gets_the_same_bytes_compressed(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    export_dataset(ws, "val", tmp_path / "out.json.gz")
    packed = (tmp_path / "out.json.gz").read_bytes()
    assert gzip.decompress(packed) == (tmp_path / "val.json").read_bytes()
    export_dataset(ws, "val", tmp_path / "out.json.gz")
    assert (tmp_path / "out.json.gz").read_bytes() == packed


def test_the_imported_file_is_never_overwritten(ws: Workspace, tmp_path: Path) -> None:
    dataset = imported(ws, tmp_path)
    (tmp_path / "link.json").symlink_to(tmp_path / "val.json")
    for out in (tmp_path / "val.json", tmp_path / "link.json", ws.data_dir / dataset.source_file):
        with pytest.raises(UserError, match="overwrite the file the dataset was imported from"):
            export_dataset(ws, "val", out)
    with pytest.raises(UserError, match="overwrite the file"):
        export_dataset(ws, "val", tmp_path / "out.json", report=tmp_path / "val.json")
    with pytest.raises(UserError, match="inside the data directory"):
        export_dataset(ws, "val", ws.data_dir / "out.json")


def test_a_name_too_long_for_the_disk_is_said(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    with pytest.raises(UserError, match="The file cannot be written: File name too long"):
        export_dataset(ws, "val", tmp_path / ("x" * 300))


def test_without_its_report_nothing_is_exported(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    out = tmp_path / "out.json"
    with pytest.raises(UserError, match="There is no such folder"):
        export_dataset(ws, "val", out, report=tmp_path / "none" / "report.json")
    with pytest.raises(UserError, match="The dataset and the report of it cannot be one file"):
        export_dataset(ws, "val", out, report=out)
    assert not out.exists()


def test_a_source_that_was_changed_or_lost_is_refused(ws: Workspace, tmp_path: Path) -> None:
    dataset = imported(ws, tmp_path)
    source = ws.data_dir / dataset.source_file
    source.write_bytes(source.read_bytes().replace(b"600.5", b"600.6"))
    with pytest.raises(UserError, match="was changed since the import"):
        export_dataset(ws, "val", tmp_path / "out.json")
    source.unlink()
    with pytest.raises(UserError, match="The source file of dataset val is gone"):
        export_dataset(ws, "val", tmp_path / "out.json")
    assert not (tmp_path / "out.json").exists()


def test_a_cancelled_export_and_a_full_disk_leave_the_old_file(
    ws: Workspace, tmp_path: Path
) -> None:
    imported(ws, tmp_path)
    out = tmp_path / "out.json"
    out.write_text("old")
    with pytest.raises(Cancelled):
        export_dataset(ws, "val", out, cancelled=lambda: True)
    with no_file_larger_than(300), pytest.raises(UserError, match="The disk is full"):
        export_dataset(ws, "val", out)
    assert out.read_text() == "old"
    assert {p.name for p in tmp_path.iterdir()} == {"out.json", "val.json"}


@pytest.mark.shared_data
@pytest.mark.parametrize("name", REAL)
def test_a_real_file_comes_back_byte_for_byte(
    ws: Workspace, shared_data: Path, tmp_path: Path, name: str
) -> None:
    file = shared_data / name
    import_dataset(ws, "real", file)
    export_dataset(ws, "real", tmp_path / "out.json")
    content = file.read_bytes()
    wanted = gzip.decompress(content) if name.endswith(".gz") else content
    assert (tmp_path / "out.json").read_bytes() == wanted


@pytest.mark.shared_data
@pytest.mark.parametrize("seed", [1, 2])
def test_random_edits_of_a_real_file_change_exactly_those_numbers(
    ws: Workspace, shared_data: Path, tmp_path: Path, seed: int
) -> None:
    file = shared_data / REAL[seed % 2]
    dataset = import_dataset(ws, "real", file)
    wanted = json.loads(file.read_text())
    names = wanted["categories"][0]["keypoints"]
    rows = random_edits(wanted["annotations"], names, random.Random(seed))
    relabel_from_csv(ws, "real", a_table(tmp_path, *rows), annotator="Bo")
    export_dataset(ws, "real", tmp_path / "out.json")
    assert json.loads((tmp_path / "out.json").read_text()) == wanted
    assert dataset.num_annotations == len(wanted["annotations"])


def random_edits(people: list[dict[str, Any]], names: list[str], rng: random.Random) -> list[str]:
    """Rows of a table; `people` are changed as the export should be."""
    rows = []
    for person in people:
        points = person.get("keypoints")
        if not points or rng.random() < 0.5:
            continue
        for k in rng.sample(range(len(names)), 3):
            x, y, flag = points[3 * k : 3 * k + 3]
            wanted = rng.choice([v for v in (0, 1, 2) if v != flag])
            moved = flag == 0 or (wanted > 0 and rng.random() < 0.3)
            if moved:
                x, y = rng.randint(1, 99), rng.randint(1, 99)
            place = f"{x},{y}" if moved else ","
            rows.append(f"{person['id']},{names[k]},{wanted},{place},{flag},,")
            points[3 * k : 3 * k + 3] = [x, y, wanted] if wanted else [0, 0, 0]
        person["num_keypoints"] = sum(v > 0 for v in points[2::3])
    return rows
