"""Migrations: they lead to the tables the code knows, from anywhere, and never backwards."""

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from core.errors import UserError
from db import datasets
from db.session import open_engine, read, require_current, upgrade, write
from db.tables import Base
from tests.db.builders import imported

ROOT = Path(__file__).resolve().parents[2]


def test_an_upgrade_from_nothing_gives_the_tables_of_the_code(empty_engine: Engine) -> None:
    upgrade(empty_engine)
    with empty_engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    require_current(empty_engine)


def test_ids_of_datasets_are_never_reused_after_migrating(sqlite_engine: Engine) -> None:
    with read(sqlite_engine) as session:
        made = session.execute(
            text("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%' ORDER BY name")
        )
        assert list(made.scalars()) == ["dataset", "run"]


def test_a_second_upgrade_changes_nothing(engine: Engine) -> None:
    imported(engine)
    upgrade(engine)
    assert [d.name for d in datasets.list_all(engine)] == ["photos"]


def test_foreign_keys_are_checked_again_after_an_upgrade(sqlite_engine: Engine) -> None:
    upgrade(sqlite_engine)
    with read(sqlite_engine) as session:
        assert session.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_several_upgrades_at_once_end_well(empty_engine: Engine) -> None:
    failures: list[BaseException] = []

    def run() -> None:
        try:
            upgrade(open_engine(empty_engine.url.render_as_string(hide_password=False)))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    require_current(empty_engine)


def test_an_empty_database_is_sent_to_the_upgrade(empty_engine: Engine) -> None:
    with pytest.raises(UserError, match=r"not set up for this version. Run `python -m app db up"):
        require_current(empty_engine)


def test_a_database_of_a_newer_version_is_refused_and_untouched(engine: Engine) -> None:
    imported(engine)
    with write(engine) as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999_from_the_future'"))
    try:
        for refused in (require_current, upgrade):
            with pytest.raises(UserError, match=r"made by a newer version .*9999_from_the_future"):
                refused(engine)
        assert [d.name for d in datasets.list_all(engine)] == ["photos"]
    finally:  # the Postgres database is used again
        with write(engine) as session:
            session.execute(text("UPDATE alembic_version SET version_num = '0001_first_tables'"))


def test_another_programs_database_gets_none_of_our_tables(tmp_path: Path) -> None:
    file = tmp_path / "music.db"
    with closing(sqlite3.connect(file)) as theirs:
        theirs.execute("CREATE TABLE songs (title TEXT)")
    engine = open_engine(f"sqlite:///{file}")
    with pytest.raises(UserError) as refused:
        upgrade(engine)
    engine.dispose()
    assert str(refused.value) == (
        f"{file}: the file is another program's database (it holds the table 'songs'). "
        "Name another file in DATABASE_URL."
    )
    with closing(sqlite3.connect(file)) as theirs:
        assert theirs.execute("SELECT name FROM sqlite_master").fetchall() == [("songs",)]


def _alembic(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "alembic", "-c", str(ROOT / "alembic.ini"), *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_alembic_works_by_hand_from_any_folder(tmp_path: Path) -> None:
    path = tmp_path / "scratch.db"
    done = _alembic(tmp_path, "-x", f"url=sqlite:///{path}", "upgrade", "head")
    assert done.returncode == 0, done.stderr
    engine = open_engine(f"sqlite:///{path}")
    require_current(engine)
    assert set(inspect(engine).get_table_names()) == {"alembic_version", *Base.metadata.tables}
    assert _alembic(tmp_path, "-x", f"url=sqlite:///{path}", "check").returncode == 0


def test_alembic_by_hand_must_be_told_the_database(tmp_path: Path) -> None:
    done = _alembic(tmp_path, "upgrade", "head")
    assert done.returncode != 0
    assert "no database named. Use `python -m app db upgrade`, or name one" in done.stderr
