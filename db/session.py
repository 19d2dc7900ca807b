"""Opens the database and hands out its two kinds of transaction, one to read and one to write.

SQLite needs care (each point measured): without WAL writers fail; without BEGIN IMMEDIATE a
read-modify-write loses updates; SQLite's own busy handler sleeps up to 100 ms between tries, so
that a bulk import starves single edits: writers therefore ask again every few milliseconds.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import (
    Connection,
    Engine,
    create_engine,
    event,
    func,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from core.errors import UserError
from db.failures import UPGRADE, address, in_words

BUSY_TIMEOUT_S = 5.0
RETRY_S = 0.002  # between two tries for the write lock
_IDS_PER_QUERY = 500  # SQLite allows 32,766 values
MIGRATIONS = Path(__file__).parent / "migrations"
_TURNS: WeakKeyDictionary[Engine, threading.Lock] = WeakKeyDictionary()
_TURNS_LOCK = threading.Lock()
_UPGRADE_LOCK = 0x4A1F5EE4  # any number, the same for all our processes on one Postgres


def open_engine(url: str) -> Engine:
    """An engine on SQLite or Postgres; connects to nothing yet.

    Args:
        url: SQLAlchemy's spelling, e.g. `sqlite:////folder/halfseen.db`.

    Raises:
        UserError: it is no address of a SQLite or Postgres database.
    """
    if not url.startswith("sqlite"):
        return _server_engine(url)
    # Every browser session is a thread; an idle connection costs next to nothing.
    engine = create_engine(url, pool_size=16, max_overflow=64)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _server_engine(url: str) -> Engine:
    try:
        if make_url(url).get_backend_name() == "postgresql":
            return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    except (ArgumentError, ValueError):
        pass  # the address itself is not repeated: it may hold a password
    raise UserError(
        "This is not the address of a database that can be used.",
        where="DATABASE_URL",
        remedy="Write it as postgres://user:password@host/name, or leave it unset for SQLite.",
    ) from None


@contextmanager
def read(engine: Engine) -> Iterator[Session]:
    """One consistent view of the database; takes no lock that stops a writer."""
    if engine.dialect.name != "sqlite":
        engine = engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
    with in_words(engine), Session(engine) as session:
        yield session


@contextmanager
def write(engine: Engine, *, durable: bool = True) -> Iterator[Session]:
    """One write transaction, on disk when the block ends; keep it under 50 ms.

    On SQLite it holds the write lock from its first statement on, so what it reads stays true
    until it ends.

    Args:
        durable: False for what may be lost when the machine dies (not the process): it is seen
            by everybody when the block ends and waits for no disk.

    Raises:
        UserError: the database cannot be written to (locked for 5 s, disk full, read only).
    """
    options = engine.execution_options(halfseen_writes=True)
    with (
        in_words(engine),
        _turn(engine),
        options.connect() as connection,
        _in_a_hurry(connection, not durable),
        Session(connection) as session,
        session.begin(),
    ):
        if engine.dialect.name == "postgresql":
            session.execute(text(f"SET LOCAL lock_timeout = '{BUSY_TIMEOUT_S:.0f}s'"))
            if not durable:
                session.execute(text("SET LOCAL synchronous_commit = off"))
        yield session


@contextmanager
def _in_a_hurry(connection: Connection, hurries: bool) -> Iterator[None]:
    """SQLite's next transaction waits for no disk; the one after it does again."""
    if not hurries or connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA synchronous=NORMAL")  # says nothing inside a transaction
    try:
        yield
    finally:
        driver.execute("PRAGMA synchronous=FULL")


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """Writers of one process line up here: asking SQLite all at once, some would wait for seconds.

    Who waits too long asks SQLite itself, which then says what is the matter.
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    with _TURNS_LOCK:
        turn = _TURNS.setdefault(engine, threading.Lock())
    got_it = turn.acquire(timeout=BUSY_TIMEOUT_S)
    try:
        yield
    finally:
        if got_it:
            turn.release()


def clock(session: Session) -> datetime:
    """The time by the database's clock, so that the clocks of machines need not agree."""
    if session.get_bind().dialect.name == "sqlite":
        return datetime.now(UTC)  # one machine
    at: datetime | None = session.scalar(select(func.clock_timestamp()))
    assert at is not None
    return at


def id_parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """The ids in parts that one query can name."""
    for start in range(0, len(ids), _IDS_PER_QUERY):
        yield ids[start : start + _IDS_PER_QUERY]


def upgrade(engine: Engine) -> None:
    """Brings the tables to this program's state; does nothing where they are.

    Raises:
        UserError: the database was made by a newer program.
    """
    # Needed by this verb only, and slow to import.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    options = engine.execution_options(halfseen_writes=True, halfseen_migrates=True)
    with in_words(engine), options.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})"))
        _refuse_newer(engine, connection)
        _refuse_foreign(engine, connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()  # the connection that migrated does not check foreign keys


def require_current(engine: Engine) -> None:
    """Passes when the tables are what this program expects.

    Raises:
        UserError: not set up yet, older, or made by a newer program.
    """
    with in_words(engine), engine.connect() as connection:
        _refuse_newer(engine, connection)
        if _revision(connection) != _known_revisions()[-1]:
            raise UserError(
                "the database is not set up for this version.",
                where=address(engine),
                remedy=UPGRADE,
            )


def _refuse_newer(engine: Engine, connection: Connection) -> None:
    found = _revision(connection)
    if found is not None and found not in _known_revisions():
        raise UserError(
            f"the database was made by a newer version of this program (its state is {found!r}).",
            where=address(engine),
            remedy="Install the newer version, or restore a backup made with this one.",
        )


def _refuse_foreign(engine: Engine, connection: Connection) -> None:
    """A file that holds another program's tables is a slip; a shared Postgres is not."""
    if engine.dialect.name != "sqlite" or _revision(connection) is not None:
        return
    tables = inspect(connection).get_table_names()
    if tables:
        raise UserError(
            f"the file is another program's database (it holds the table {tables[0]!r}).",
            where=address(engine),
            remedy="Name another file in DATABASE_URL.",
        )


def _known_revisions() -> list[str]:
    """Every state of the tables this program knows, oldest first: migrations are numbered."""
    return sorted(path.stem for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _revision(connection: Connection) -> str | None:
    """The state the tables are in; None before the first migration."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we issue BEGIN ourselves
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000:.0f}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")  # NORMAL does not sync at commit
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute(f"PRAGMA journal_size_limit={64 << 20}")  # a log grown large shrinks again


def _begin_sqlite(connection: Connection) -> None:
    driver: Any = connection.connection.dbapi_connection
    options = connection.get_execution_options()
    if not options.get("halfseen_writes"):
        driver.execute("BEGIN")
        return
    if options.get("halfseen_migrates"):
        driver.execute("PRAGMA foreign_keys=OFF")  # else no table can be rebuilt
    driver.execute("PRAGMA busy_timeout=0")
    try:
        _begin_immediate(driver)
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000:.0f}")


def _begin_immediate(driver: sqlite3.Connection) -> None:
    give_up_at = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                raise
        else:
            return
        time.sleep(RETRY_S)
