"""What a driver refuses, in words."""

import sqlite3

import psycopg
import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.errors import UserError
from db.failures import in_words

SQLITE = create_engine("sqlite:////data/halfseen.db")
POSTGRES = create_engine("postgresql+psycopg://me:secret@host/halfseen")


def _of_sqlite(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("driver's words")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (sqlite3.SQLITE_FULL, "the disk is full. Free some space and try again."),
        (sqlite3.SQLITE_BUSY, "the database is locked by another program. Try again; close"),
        (sqlite3.SQLITE_BUSY | 2 << 8, "the database is locked by another program."),
        (sqlite3.SQLITE_LOCKED, "the database is locked by another task. Try again."),
        (sqlite3.SQLITE_READONLY, "the database may be read only. Give write permission"),
        (sqlite3.SQLITE_NOTADB, "this file is not a database. Move it away or restore"),
        (sqlite3.SQLITE_CORRUPT, "the database file is damaged. Restore a backup."),
        (sqlite3.SQLITE_CANTOPEN, "the database file cannot be opened. Check that its folder"),
        (sqlite3.SQLITE_PERM, "the database file may not be used. Give read and write"),
        (sqlite3.SQLITE_IOERR, "the disk failed while the database was read or written."),
    ],
)
def test_sqlite_refusals_are_said_in_words(code: int, words: str) -> None:
    with pytest.raises(UserError) as caught, in_words(SQLITE):
        raise _of_sqlite(code)
    assert str(caught.value).startswith(f"/data/halfseen.db: {words}")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (psycopg.errors.DiskFull(), "the disk of the database server is full. Free some"),
        (psycopg.errors.TooManyConnections(), "the database server takes no more connections."),
        (psycopg.errors.ReadOnlySqlTransaction(), "the database may be read only. Use a server"),
        (psycopg.errors.InvalidPassword(), "the database server refused the user or the pass"),
        (psycopg.errors.InvalidCatalogName(), "the database does not exist on the server."),
        (psycopg.errors.InsufficientPrivilege(), "the database user lacks a permission."),
        (psycopg.errors.UndefinedTable(), "the database has not been set up. Run `python -m"),
        (psycopg.errors.LockNotAvailable(), "the database is locked by another task."),
        (psycopg.errors.AdminShutdown(), "the database server stopped the work. Try again."),
        (psycopg.errors.ConnectionFailure(), "the database server cannot be reached."),
        (psycopg.OperationalError("no answer"), "the database server cannot be reached."),
    ],
)
def test_postgres_refusals_are_said_in_words(error: psycopg.Error, words: str) -> None:
    with pytest.raises(UserError) as caught, in_words(POSTGRES):
        raise error
    assert str(caught.value).startswith(f"postgresql+psycopg://me:***@host/halfseen: {words}")


def test_too_many_tasks_at_once_are_said_to_be_too_many() -> None:
    said = r"too many tasks use the database at once. Try again"
    with pytest.raises(UserError, match=said), in_words(SQLITE):
        raise PoolTimeout


@pytest.mark.parametrize(
    "error", [psycopg.errors.SyntaxError(), psycopg.ProgrammingError(), ValueError(), KeyError()]
)
def test_other_errors_pass_through(error: Exception) -> None:
    with pytest.raises(type(error)), in_words(POSTGRES):
        raise error
