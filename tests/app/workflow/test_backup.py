import shutil
import zipfile
from pathlib import Path

import pytest

from app.settings import Settings
from app.workflow.backup import backup
from app.workflow.browse import people_on
from app.workflow.datasets import list_datasets
from app.workflow.export import export_dataset
from app.workflow.uploads import keep_photo
from app.workflow.workspace import Workspace, open_workspace
from core.errors import Cancelled, UserError
from tests.app.workflow.coco_files import imported
from tests.app.workflow.packed_photos import a_photo
from tests.app.workflow.snapshots import a_snapshot, an_edit, saved
from tests.core.data.test_whole_file import no_file_larger_than


def test_a_backup_unpacks_to_a_workspace_with_everything(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    saved(ws, a_snapshot(an_edit(0, v=1)), annotator="Zoë")
    report = backup(ws, tmp_path / "b.zip")
    assert (report.num_files, report.num_bytes) == (2, (tmp_path / "b.zip").stat().st_size)
    shutil.unpack_archive(tmp_path / "b.zip", tmp_path / "restored")
    restored = open_workspace(Settings(data_dir=tmp_path / "restored"))
    assert list_datasets(restored) == list_datasets(ws)
    assert people_on(restored, "val", 1) == people_on(ws, "val", 1)
    export_dataset(restored, "val", tmp_path / "out.json")
    assert (tmp_path / "out.json").read_bytes() != (tmp_path / "val.json").read_bytes()


def test_secret_and_single_uploads_are_not_in_a_backup(ws: Workspace, tmp_path: Path) -> None:
    assert ws.secret
    keep_photo(ws, "me.png", a_photo())
    backup(ws, tmp_path / "b.zip")
    assert zipfile.ZipFile(tmp_path / "b.zip").namelist() == ["halfseen.db"]


def test_a_cancelled_backup_and_a_full_disk_leave_the_old_one(
    ws: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "b.zip").write_text("old")
    with pytest.raises(Cancelled):
        backup(ws, tmp_path / "b.zip", cancelled=lambda: True)
    with no_file_larger_than(2000), pytest.raises(UserError, match=r"(?i)disk.*space"):
        backup(ws, tmp_path / "b.zip")
    assert (tmp_path / "b.zip").read_text() == "old"
    assert list(tmp_path.iterdir()) == [tmp_path / "b.zip"]
    assert list(ws.data_dir.glob("backup-*")) == []


def test_a_backup_beside_what_it_saves_is_refused(ws: Workspace) -> None:
    with pytest.raises(UserError, match="A backup inside the data directory is lost with it"):
        backup(ws, ws.data_dir / "b.zip")


def test_on_postgres_the_way_is_told(ws: Workspace, tmp_path: Path) -> None:
    class Postgres:
        class dialect:  # noqa: N801
            name = "postgresql"

    elsewhere = Workspace(ws.settings, Postgres())  # type: ignore[arg-type]
    with pytest.raises(UserError, match="Use `pg_dump` for it"):
        backup(elsewhere, tmp_path / "b.zip")
