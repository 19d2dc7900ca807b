"""Transactions: nothing lost, nobody kept out, and every refusal in words."""

import sqlite3
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.errors import UserError
from db import datasets
from db import session as db_session
from db.session import id_parts, open_engine, read, require_current, write
from db.tables import CategoryRow, DatasetRow
from tests.db.builders import a_dataset, begun, imported, many_people


def _pragma(engine: Engine, name: str) -> object:
    with read(engine) as session:
        return session.execute(text(f"PRAGMA {name}")).scalar()


def test_sqlite_syncs_waits_and_checks_foreign_keys(sqlite_engine: Engine) -> None:
    names = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
    assert [_pragma(sqlite_engine, name) for name in names] == ["wal", 2, 5000, 1]


def test_opening_an_engine_touches_nothing(tmp_path: Path) -> None:
    open_engine(f"sqlite:///{tmp_path / 'new.db'}")
    assert list(tmp_path.iterdir()) == []


def test_read_modify_write_in_many_threads_loses_nothing(engine: Engine) -> None:
    dataset_id = imported(engine)

    def count_up() -> None:
        for _ in range(10):
            with write(engine) as session:
                row = session.scalars(
                    select(DatasetRow).where(DatasetRow.id == dataset_id).with_for_update()
                ).one()
                row.num_images += 1

    threads = [threading.Thread(target=count_up) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert datasets.find(engine, "photos").num_images == 82


def test_a_block_that_raises_writes_nothing(engine: Engine) -> None:
    imported(engine)

    def fail() -> None:
        with write(engine) as session:
            session.execute(update(DatasetRow).values(info="changed"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert datasets.find(engine, "photos").info == "made by hand"


def test_a_reader_sees_one_moment_and_stops_no_writer(engine: Engine) -> None:
    imported(engine)
    info = select(DatasetRow.info)
    with read(engine) as session:
        assert session.scalar(info) == "made by hand"
        with write(engine) as other:
            other.execute(update(DatasetRow).values(info="changed"))
        assert session.scalar(info) == "made by hand"
    with read(engine) as session:
        assert session.scalar(info) == "changed"


def test_a_locked_database_is_said_to_be_locked(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(engine)
    monkeypatch.setattr(db_session, "BUSY_TIMEOUT_S", 1.0)
    change = update(DatasetRow).values(info="changed")
    with write(engine) as session:
        session.execute(change)
        with (
            pytest.raises(UserError, match=r"the database is locked by another .* Try again"),
            write(engine) as other,
        ):
            other.execute(change)


def test_writers_of_one_process_line_up_instead_of_asking_again_and_again(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(sqlite_engine)

    def write_once() -> None:
        with write(sqlite_engine) as session:
            session.execute(update(DatasetRow).values(info="changed"))

    def asked_again(_: float) -> None:
        asked.append(threading.current_thread())

    asked: list[threading.Thread] = []
    others = [threading.Thread(target=write_once) for _ in range(8)]
    with write(sqlite_engine) as session:
        session.execute(update(DatasetRow).values(info="held"))
        with monkeypatch.context() as patched:
            patched.setattr("db.session.time.sleep", asked_again)
            for thread in others:
                thread.start()
            others[0].join(timeout=0.2)  # all of them have come as far as they can
    for thread in others:
        thread.join()
    # Threads that other tests left behind may sleep meanwhile.
    assert [thread for thread in asked if thread in others] == []


def test_a_waiting_writer_gets_in_between_two_batches(sqlite_engine: Engine) -> None:
    dataset_id = imported(sqlite_engine)
    waits: list[float] = []
    stop = threading.Event()

    def edit() -> None:
        while not stop.is_set():
            began = time.perf_counter()
            with write(sqlite_engine) as session:
                session.execute(
                    update(DatasetRow).where(DatasetRow.id == dataset_id).values(info="x")
                )
            waits.append(time.perf_counter() - began)
            time.sleep(0.01)

    big = many_people(20_000)
    big_id = begun(sqlite_engine, big)
    thread = threading.Thread(target=edit)
    thread.start()
    datasets.insert_contents(sqlite_engine, big_id, big)
    stop.set()
    thread.join()
    assert len(waits) >= 5
    assert sorted(waits)[len(waits) // 2] < 0.1


def test_a_full_disk_is_said_and_changes_nothing(sqlite_engine: Engine) -> None:
    big = many_people(2000)
    dataset_id = begun(sqlite_engine, big)
    with sqlite_engine.connect() as connection:  # the pool hands out this very connection again
        connection.exec_driver_sql("PRAGMA max_page_count = 60")
    with pytest.raises(UserError, match=r"halfseen\.db: the disk is full\. Free some space"):
        datasets.insert_contents(sqlite_engine, dataset_id, big)
    assert datasets.list_all(sqlite_engine) == []
    assert datasets.unfinished(sqlite_engine) == [(dataset_id, "import.lock")]
    datasets.remove(sqlite_engine, dataset_id)
    assert datasets.unfinished(sqlite_engine) == []


def test_a_read_only_database_is_said_to_be_one(sqlite_engine: Engine) -> None:
    with sqlite_engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    with pytest.raises(UserError, match=r"may be read only. Give write permission"):
        begun(sqlite_engine, a_dataset())


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    path = tmp_path / "halfseen.db"
    path.write_text("this is a shopping list, not a database" * 100)
    with pytest.raises(UserError, match=r"halfseen\.db: this file is not a database\. Move it"):
        require_current(open_engine(f"sqlite:///{path}"))


def test_a_damaged_database_is_said_to_be_damaged(sqlite_engine: Engine) -> None:
    imported(sqlite_engine, many_people(500))
    path = Path(str(sqlite_engine.url.database))
    sqlite_engine.dispose()
    content = bytearray(path.read_bytes())
    content[8192:] = b"\xab" * (len(content) - 8192)
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"the database file is damaged. Restore a backup"):
        datasets.list_all(open_engine(str(sqlite_engine.url)))


def test_a_missing_folder_is_said_to_be_missing(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'none' / 'halfseen.db'}")
    with pytest.raises(UserError, match=r"cannot be opened. Check that its folder exists"):
        datasets.list_all(engine)


def test_tables_that_are_not_there_are_said_to_be_missing(empty_engine: Engine) -> None:
    with pytest.raises(UserError, match=r"has not been set up. Run `python -m app db upgrade`"):
        datasets.list_all(empty_engine)


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    engine = open_engine("postgresql+psycopg://me:secret@127.0.0.1:1/halfseen")
    with pytest.raises(UserError, match=r"cannot be reached. Check DATABASE_URL") as caught:
        datasets.list_all(engine)
    assert "secret" not in str(caught.value)
    assert "me:***@127.0.0.1:1/halfseen" in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["nonsense", "foo://bar", "mysql://me:secret@host/x", "postgresql+psycopg://me:secret@h:abc/x"],
)
def test_what_is_no_address_of_a_database_is_said_without_its_password(url: str) -> None:
    with pytest.raises(UserError) as caught:
        open_engine(url)
    assert str(caught.value) == (
        "DATABASE_URL: This is not the address of a database that can be used. Write it as "
        "postgres://user:password@host/name, or leave it unset for SQLite."
    )


def test_our_own_mistakes_stay_what_they_are(engine: Engine) -> None:
    dataset_id = imported(engine)
    second = insert(CategoryRow).values(
        dataset_id=dataset_id, id=1, position=1, name="again", named=True, edges=[]
    )
    with pytest.raises(IntegrityError), write(engine) as session:
        session.execute(second)
    with pytest.raises(sqlite3.ProgrammingError), write(engine):
        raise sqlite3.ProgrammingError("wrong use of a driver")


def test_ids_are_cut_into_parts_a_query_can_name() -> None:
    parts = list(id_parts(range(1100)))
    assert [len(part) for part in parts] == [500, 500, 100]
    assert [n for part in parts for n in part] == list(range(1100))
    assert list(id_parts([])) == []


def _how_it_waits(session: Session) -> object:
    if session.get_bind().dialect.name == "sqlite":
        return session.execute(text("PRAGMA synchronous")).scalar()
    return session.execute(text("SHOW synchronous_commit")).scalar()


def test_what_may_be_lost_waits_for_no_disk_and_all_else_does(engine: Engine) -> None:
    waits, hurries = (2, 1) if engine.dialect.name == "sqlite" else ("on", "off")
    for durable, how in ((True, waits), (False, hurries), (True, waits)):
        with write(engine, durable=durable) as session:
            assert _how_it_waits(session) == how
        with read(engine) as session:
            assert _how_it_waits(session) == waits


def test_a_hurried_block_that_raises_writes_nothing_and_the_next_waits_again(
    engine: Engine,
) -> None:
    dataset_id = imported(engine)
    waits = 2 if engine.dialect.name == "sqlite" else "on"

    def fail() -> None:
        with write(engine, durable=False) as session:
            session.execute(update(DatasetRow).values(info="changed"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with write(engine) as session:
        assert _how_it_waits(session) == waits
    assert datasets.by_id(engine, dataset_id).info == "made by hand"


def test_a_hurried_block_kept_out_leaves_the_connection_waiting(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db_session, "BUSY_TIMEOUT_S", 0.05)
    path = sqlite_engine.url.database
    assert path is not None
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with (
        pytest.raises(UserError, match="locked by another program"),
        write(sqlite_engine, durable=False) as session,
    ):
        session.execute(update(DatasetRow).values(info="never"))
    other.close()
    assert _pragma(sqlite_engine, "synchronous") == 2
