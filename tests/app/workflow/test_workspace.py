import sqlite3
from pathlib import Path

import pytest

from app.settings import Settings
from app.workflow.workspace import open_workspace, upgrade_workspace
from core.errors import UserError


def test_a_workspace_that_is_not_there_is_made(own_data_dir: Path) -> None:
    ws = open_workspace()
    assert ws.data_dir == own_data_dir
    assert (own_data_dir / "halfseen.db").is_file()
    assert upgrade_workspace().settings == ws.settings


def test_the_secret_is_made_once_and_nobody_else_may_read_it(own_data_dir: Path) -> None:
    secret = open_workspace().secret
    assert len(secret) > 30
    assert open_workspace().secret == secret
    assert oct((own_data_dir / "secret").stat().st_mode & 0o777) == "0o600"


def test_a_secret_of_the_settings_is_not_kept(own_data_dir: Path) -> None:
    assert open_workspace(Settings(data_dir=own_data_dir, secret="mine")).secret == "mine"
    assert not (own_data_dir / "secret").exists()


def test_a_database_of_a_newer_program_is_refused(own_data_dir: Path) -> None:
    open_workspace().engine.dispose()
    with sqlite3.connect(own_data_dir / "halfseen.db") as plain:
        plain.execute("UPDATE alembic_version SET version_num = '9999'")
    for opened in (open_workspace, upgrade_workspace):
        with pytest.raises(UserError, match="newer version of this program"):
            opened()


def test_a_database_that_was_not_upgraded_is_refused_with_the_way_out(own_data_dir: Path) -> None:
    own_data_dir.mkdir()
    with sqlite3.connect(own_data_dir / "halfseen.db") as plain:
        plain.execute("CREATE TABLE something (id INTEGER)")
    with pytest.raises(UserError, match="python -m app db upgrade"):
        open_workspace()


def test_a_data_directory_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"cannot be made.*Set HALFSEEN_DATA_DIR"):
        open_workspace(Settings(data_dir=tmp_path / "file" / "data"))


def test_a_data_directory_that_may_not_be_written_to_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.workflow.workspace.os.access", lambda *_: False)
    with pytest.raises(UserError, match="cannot be written to"):
        open_workspace(Settings(data_dir=tmp_path))
