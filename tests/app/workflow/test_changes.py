from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.workflow.browse import image_of
from app.workflow.changes import (
    FlagChange,
    ListedChange,
    changes_version,
    find_changes,
    images_of_changes,
    listed,
    persons_of_changes,
)
from app.workflow.relabel_table import relabel_from_csv
from app.workflow.workspace import Workspace
from core.data.review import Label, VerdictKind
from core.data.visibility import Visibility
from core.errors import UserError
from tests.app.workflow.coco_files import imported
from tests.app.workflow.test_relabel_table import a_table


def test_every_change_is_listed_with_who_when_and_why(ws: Workspace, tmp_path: Path) -> None:
    val = imported(ws, tmp_path)
    before = datetime.now(UTC)
    table = a_table(tmp_path, "101,nose,1,,,,,behind a bar", "101,left_eye,1,,,,,")
    relabel_from_csv(ws, "val", table, annotator="Bo")
    changes = find_changes(ws, val)
    (change,) = listed(ws, changes)  # left_eye was confirmed, not changed
    assert before <= change.at <= datetime.now(UTC)
    assert change == ListedChange(
        annotation_id=101,
        image_id=1,
        file_name="000001.png",
        keypoint="nose",
        before=Label(10, 20, Visibility.VISIBLE),
        after=Label(10, 20, Visibility.OCCLUDED),
        annotator="Bo",
        at=change.at,
        kind=VerdictKind.SET,
        reason="behind a bar",
    )
    assert images_of_changes(ws, changes, [0]) == {1: image_of(ws, "val", 1)}
    assert list(persons_of_changes(ws, changes, [0])) == [101]
    assert listed(ws, changes, []) == []


def test_changes_are_counted_in_the_order_of_the_keypoints_and_found_by_them(
    ws: Workspace, tmp_path: Path
) -> None:
    val = imported(ws, tmp_path)
    rows = ("102,left_ear,0,,,,,", "101,left_ear,0,,,,,", "101,nose,2,9,9,,,", "102,nose,1,,,,,")
    relabel_from_csv(ws, "val", a_table(tmp_path, *rows), annotator="Bo")
    changes = find_changes(ws, val)
    preview = changes.preview()
    assert preview.changes == (
        FlagChange("nose", 2, 1, 1),
        FlagChange("nose", 2, 2, 1),
        FlagChange("left_ear", 2, 0, 2),
    )
    assert (preview.num_labels, preview.num_moved, preview.annotation_ids) == (4, 1, (101, 102))
    assert [each.keypoint for each in listed(ws, changes)] == ["nose", "left_ear"] * 2
    assert changes.rows().tolist() == [0, 1, 2, 3]
    assert changes.rows(keypoint="left_ear").tolist() == [1, 3]
    assert changes.rows(flags=(2, 1)).tolist() == [2]
    assert changes.rows(keypoint="left_ear", flags=(2, 1)).tolist() == []
    assert changes.rows(keypoint="elbow").tolist() == []


def test_a_new_label_and_one_taken_away_are_no_moves(ws: Workspace, tmp_path: Path) -> None:
    val = imported(ws, tmp_path)
    rows = ("101,right_eye,2,5,6,,,", "101,nose,0,,,,,")  # right_eye was not labelled
    relabel_from_csv(ws, "val", a_table(tmp_path, *rows), annotator="Bo")
    preview = find_changes(ws, val).preview()
    assert (preview.num_labels, preview.num_moved) == (2, 0)


def test_the_original_has_no_changes(ws: Workspace, tmp_path: Path) -> None:
    val = imported(ws, tmp_path)
    relabel_from_csv(ws, "val", a_table(tmp_path, "101,nose,1,,,,,"), annotator="Bo")
    assert len(find_changes(ws, val, "original")) == 0
    assert changes_version(ws, val, "original") == (0, 0)
    assert changes_version(ws, val, "current")[1] == 1


def test_labels_of_nobody_are_refused(ws: Workspace, tmp_path: Path) -> None:
    val = imported(ws, tmp_path)
    with pytest.raises(UserError, match="Nobody called 'Eve' has a label set of 'val'"):
        find_changes(ws, val, "by:Eve")
