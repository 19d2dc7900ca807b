"""What somebody has done today: counted once, and only what is new is read."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from app.workflow import my_work
from app.workflow.datasets import delete_dataset
from app.workflow.my_work import work_today
from app.workflow.newer_version import import_newer_version
from app.workflow.work_so_far import LATE, WorkDone
from app.workflow.workspace import Workspace
from core.data.review import Edit, Label, VerdictKind
from core.data.visibility import Visibility
from db import datasets, verdicts
from tests.app.workflow.coco_files import a_coco, a_file, imported

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def decide(ws: Workspace, at: datetime, *keypoints: int, name: str = "val", base: int = 0) -> None:
    edits = [
        Edit(101, k, base, VerdictKind.SET, Label(5, 5, Visibility.OCCLUDED)) for k in keypoints
    ]
    dataset_id = datasets.id_of(ws.engine, name)
    step = f"{at:%d%H%M}-{keypoints}"
    verdicts.append(ws.engine, dataset_id, "main", edits, annotator="Ada", step=step, at=at)


class Noon(datetime):
    """It is noon, UTC."""

    @classmethod
    def now(cls, tz=None):  # type: ignore[no-untyped-def]
        return NOON.astimezone(tz)


@pytest.fixture
def val(ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setattr(my_work, "datetime", Noon)
    imported(ws, tmp_path)
    return ws


def today(ws: Workspace, timezone: str | None = "UTC") -> WorkDone:
    return work_today(ws, "Ada", timezone)


def test_the_day_begins_at_the_midnight_of_the_annotator(val: Workspace) -> None:
    decide(val, NOON - timedelta(hours=13), 0)  # 23:00 UTC the day before
    decide(val, NOON, 1, 2)
    assert ZoneInfo("Europe/Berlin").utcoffset(NOON) == timedelta(hours=2)
    assert today(val, "Europe/Berlin") == WorkDone(3, 1)
    for unknown in ("UTC", None, "Atlantis/Main", "../etc/passwd", ""):
        assert today(val, unknown) == WorkDone(2, 1)


def test_what_is_decided_again_counts_once_and_what_is_new_is_added(val: Workspace) -> None:
    assert today(val) == WorkDone(0, 0)
    decide(val, NOON, 0, 1)
    assert today(val) == WorkDone(2, 1)
    decide(val, NOON + timedelta(hours=1), 0, base=1)
    decide(val, NOON + timedelta(hours=1), 2)
    assert today(val) == WorkDone(3, 1)
    decide(val, NOON + timedelta(hours=1) - LATE, 3)  # written late, or by a slower clock
    assert today(val) == WorkDone(4, 1)
    assert work_today(val, "Bo", "UTC") == WorkDone(0, 0)


def test_what_was_counted_is_not_read_again(val: Workspace) -> None:
    since: list[object] = []
    event.listen(
        val.engine,
        "before_cursor_execute",
        lambda c, cursor, sql, values, *more: (
            since.append(values[1]) if "FROM verdict" in sql else 0
        ),
    )
    decide(val, NOON, 0, 1)
    today(val)
    since.clear()
    today(val)
    assert [str(each)[:16] for each in since] == ["2026-05-04 11:59"]


def test_a_deleted_dataset_and_a_newer_version_are_counted_anew(
    val: Workspace, tmp_path: Path
) -> None:
    imported(val, tmp_path, name="other")
    decide(val, NOON, 0, 1)
    decide(val, NOON, 0, name="other")
    assert today(val) == WorkDone(3, 2)
    import_newer_version(val, "val", a_file(tmp_path, a_coco(images=3), name="newer.json"))
    assert today(val) == WorkDone(3, 2)
    delete_dataset(val, "other")
    assert today(val) == WorkDone(2, 1)
