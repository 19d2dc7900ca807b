"""The job store: made when it is missing, kept beside the database, refusing in words."""

import sqlite3
from pathlib import Path

import pytest

from app.settings import Settings
from app.workflow import jobs
from app.workflow.job_store import migrate_store, store_url
from app.workflow.workspace import Workspace, open_workspace, upgrade_workspace
from core.errors import UserError
from tests.app.own_postgres import own_postgres


def test_the_store_is_a_file_of_the_data_directory(own_data_dir: Path) -> None:
    assert store_url(Settings()) == f"sqlite:///{own_data_dir / 'jobs.db'}"
    elsewhere = Settings(data_dir=own_data_dir, database_url="sqlite:////tmp/other.db")
    assert store_url(elsewhere) == f"sqlite:///{own_data_dir / 'jobs.db'}"


def test_on_postgres_it_is_the_same_database(own_data_dir: Path) -> None:
    settings = Settings(data_dir=own_data_dir, database_url="postgres://u:p@h/halfseen")
    assert store_url(settings) == "postgresql+psycopg://u:p@h/halfseen"


def test_the_store_is_made_by_db_upgrade_and_otherwise_when_first_asked(own_data_dir: Path) -> None:
    ws = open_workspace()
    assert not (own_data_dir / "jobs.db").exists()
    assert jobs.recent(ws) == []
    (own_data_dir / "jobs.db").unlink()
    upgrade_workspace()
    with sqlite3.connect(own_data_dir / "jobs.db") as plain:
        assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert plain.execute("SELECT count(*) FROM workflow_status").fetchone() == (0,)


def test_making_it_again_keeps_what_is_in_it(ws: Workspace) -> None:
    job_id = jobs.ask_verb(ws, ["sample"])
    migrate_store(ws.settings)
    assert jobs.find(ws, job_id).title == "sample"


def test_a_store_that_is_no_database_is_said(own_data_dir: Path) -> None:
    ws = open_workspace()
    (own_data_dir / "jobs.db").write_text("not a database at all, but long enough to be read" * 99)
    with pytest.raises(UserError) as error:
        jobs.recent(ws)
    assert str(error.value) == (
        f"{own_data_dir / 'jobs.db'}: this file is not a database. "
        "Move it away or restore a backup."
    )


@pytest.mark.postgres
def test_a_server_that_was_not_upgraded_is_said_with_the_way_out(own_data_dir: Path) -> None:
    with own_postgres() as address:
        settings = Settings(data_dir=own_data_dir, database_url=address)
        ws = upgrade_workspace(settings)
        with ws.job_store.engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA dbos CASCADE")
        with pytest.raises(UserError, match=r"Run `python -m app db upgrade`\."):
            jobs.recent(ws)
        upgrade_workspace(settings).close()
        assert jobs.recent(ws) == []
        ws.close()


def test_a_server_that_cannot_be_reached_is_said(own_data_dir: Path) -> None:
    url = "postgres://u:secret@127.0.0.1:1/halfseen"
    settings = Settings(data_dir=own_data_dir, database_url=url)
    ws = Workspace(settings, open_workspace().engine)
    with pytest.raises(UserError, match="the database server cannot be reached") as error:
        jobs.recent(ws)
    assert "secret" not in str(error.value)
