"""Says in words what a database refused. The one place where driver errors become UserError."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.errors import UserError

UPGRADE = "Run `python -m app db upgrade`."

# SQLite's primary result codes (sqlite.org/rescode.html): what and remedy.
_SQLITE = {
    sqlite3.SQLITE_FULL: ("the disk is full.", "Free some space and try again."),
    sqlite3.SQLITE_BUSY: (
        "the database is locked by another program.",
        "Try again; close programs that keep the file open.",
    ),
    sqlite3.SQLITE_LOCKED: ("the database is locked by another task.", "Try again."),
    sqlite3.SQLITE_READONLY: (
        "the database may be read only.",
        "Give write permission on the file and its folder.",
    ),
    sqlite3.SQLITE_NOTADB: (
        "this file is not a database.",
        "Move it away or restore a backup.",
    ),
    sqlite3.SQLITE_CORRUPT: ("the database file is damaged.", "Restore a backup."),
    sqlite3.SQLITE_CANTOPEN: (
        "the database file cannot be opened.",
        "Check that its folder exists and may be written to.",
    ),
    sqlite3.SQLITE_PERM: (
        "the database file may not be used.",
        "Give read and write permission on the file and its folder.",
    ),
    sqlite3.SQLITE_IOERR: (
        "the disk failed while the database was read or written.",
        "Check the disk and its free space, then try again.",
    ),
}

# Classes and codes of SQLSTATE (PostgreSQL manual, appendix A).
_POSTGRES = {
    "53100": ("the disk of the database server is full.", "Free some space and try again."),
    "53300": ("the database server takes no more connections.", "Try again later."),
    "25006": ("the database may be read only.", "Use a server that takes writes."),
    "28": ("the database server refused the user or the password.", "Check DATABASE_URL."),
    "3D": ("the database does not exist on the server.", "Create it or check DATABASE_URL."),
    "42501": ("the database user lacks a permission.", "Grant it or use another user."),
    "42P01": ("the database has not been set up.", UPGRADE),
    "55P03": ("the database is locked by another task.", "Try again."),
    "57": ("the database server stopped the work.", "Try again."),
    "08": ("the database server cannot be reached.", "Check DATABASE_URL and the server."),
}
_TOO_LARGE = "22003"  # of an id beyond 64 bits
_NO_SUCH_ID = "There is nothing with an id that large."


def address(engine: Engine) -> str:
    """The database as people know it: the file, or the URL without its password."""
    if engine.dialect.name == "sqlite":
        return engine.url.database or "memory"
    return engine.url.render_as_string(hide_password=True)


@contextmanager
def in_words(engine: Engine) -> Iterator[None]:
    """Turns what the database refuses for a reason people can mend into UserError."""
    try:
        yield
    except PoolTimeout as error:
        raise UserError(
            "too many tasks use the database at once.", where=address(engine), remedy="Try again."
        ) from error
    except OverflowError as error:  # SQLite's driver, of an id beyond 64 bits
        raise UserError(_NO_SUCH_ID) from error
    except Exception as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if getattr(cause, "sqlstate", None) == _TOO_LARGE:
            raise UserError(_NO_SUCH_ID) from error
        explained = _explain(cause)
        if explained is None:
            raise
        what, remedy = explained
        raise UserError(what, where=address(engine), remedy=remedy) from error


def _explain(cause: BaseException | None) -> tuple[str, str] | None:
    """What and remedy of a driver's error; None where it is our own mistake."""
    if isinstance(cause, sqlite3.Error):
        # The low byte is the primary code; errors raised by the driver itself have none.
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_ERROR and "no such table" in str(cause):
            return "the database has not been set up.", UPGRADE
        return _SQLITE.get(code)
    if type(cause).__module__.partition(".")[0] != "psycopg":
        return None
    state = getattr(cause, "sqlstate", None)
    if state is None:  # no answer from the server at all
        return _POSTGRES["08"] if type(cause).__name__ == "OperationalError" else None
    return _POSTGRES.get(state) or _POSTGRES.get(state[:2])
