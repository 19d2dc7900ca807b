from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.workflow.changes import ListedChange, list_changes
from app.workflow.relabel_table import relabel_from_csv
from app.workflow.workspace import Workspace
from core.data.review import Label
from core.data.visibility import Visibility
from core.errors import UserError
from tests.app.workflow.coco_files import imported
from tests.app.workflow.test_relabel_table import a_table


def test_every_change_is_listed_with_who_and_when(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    before = datetime.now(UTC)
    table = a_table(tmp_path, "101,nose,1,,,,,", "101,left_eye,1,,,,,")
    relabel_from_csv(ws, "val", table, annotator="Bo")
    (change,) = list_changes(ws, "val")  # left_eye was confirmed, not changed
    assert before <= change.at <= datetime.now(UTC)
    assert change == ListedChange(
        annotation_id=101,
        keypoint="nose",
        before=Label(10, 20, Visibility.VISIBLE),
        after=Label(10, 20, Visibility.OCCLUDED),
        annotator="Bo",
        at=change.at,
    )


def test_the_original_has_no_changes(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    relabel_from_csv(ws, "val", a_table(tmp_path, "101,nose,1,,,,,"), annotator="Bo")
    assert list_changes(ws, "val", labels="original") == []
    assert list_changes(ws, "val", labels="by:Eve") == []


def test_an_unknown_dataset_is_refused(ws: Workspace) -> None:
    with pytest.raises(UserError, match="gone"):
        list_changes(ws, "gone")
