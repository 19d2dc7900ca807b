"""The workspace: settings, data directory and database, opened once per process."""

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine

from app.settings import Settings
from app.workflow.job_store import JobStore, migrate_store, open_store
from app.workflow.locks import locked
from app.workflow.ranking import Rankings
from app.workflow.work_so_far import WorkSoFar
from core.data.whole_file import write_whole
from core.errors import UserError
from db import session

SECRET_BYTES = 32


@dataclass(frozen=True)
class Workspace:
    """What every workflow takes first.

    Attributes:
        settings: as read from the environment.
        engine: the database, of a schema this program knows.
    """

    settings: Settings
    engine: Engine

    @property
    def data_dir(self) -> Path:
        """Sources, uploads, resized photos, locks and, by default, the database."""
        return self.settings.data_dir

    @property
    def sources_dir(self) -> Path:
        """The imported files as they came, named by their SHA-256."""
        return self.data_dir / "sources"

    @property
    def uploads_dir(self) -> Path:
        """Photos of uploaded zips, one folder each."""
        return self.data_dir / "uploads"

    @property
    def jobs_dir(self) -> Path:
        """What verbs that run as jobs say of themselves, one folder each."""
        return self.data_dir / "jobs"

    @property
    def locks_dir(self) -> Path:
        """Lock files; a lock nobody holds means its holder ended or died."""
        return self.data_dir / "locks"

    @cached_property
    def job_store(self) -> JobStore:
        """Where jobs are kept; opened when first asked for.

        Raises:
            UserError: it cannot be opened.
        """
        return open_store(self.settings)

    @cached_property
    def rankings(self) -> Rankings:
        """The rankings asked for last, kept in the process."""
        return Rankings(self.engine)

    @cached_property
    def work(self) -> WorkSoFar:
        """How much annotators have done lately, kept in the process."""
        return WorkSoFar(self.engine)

    @cached_property
    def secret(self) -> str:
        """Signs image addresses."""
        return self.settings.secret or _kept_secret(self.data_dir)

    def close(self) -> None:
        """Let go of the database and the job store."""
        self.engine.dispose()
        if "job_store" in self.__dict__:
            self.job_store.engine.dispose()


def open_workspace(settings: Settings | None = None) -> Workspace:
    """Open data directory and database; a SQLite database that is not there yet is made.

    Raises:
        UserError: the folder cannot be written, or the database is of another version.
    """
    settings = settings or Settings()
    _make_data_dir(settings.data_dir)
    engine = session.open_engine(settings.sqlalchemy_url)
    if _is_new_sqlite(engine):
        _upgrade_alone(settings, engine, only_if=lambda: _is_new_sqlite(engine))
    return _opened(settings, engine)


def upgrade_workspace(settings: Settings | None = None) -> Workspace:
    """Bring the database to this program's schema, then open it.

    Raises:
        UserError: the folder cannot be written, or the database is newer than the program.
    """
    settings = settings or Settings()
    _make_data_dir(settings.data_dir)
    engine = session.open_engine(settings.sqlalchemy_url)
    _upgrade_alone(settings, engine)
    migrate_store(settings)
    return _opened(settings, engine)


def _opened(settings: Settings, engine: Engine) -> Workspace:
    try:
        session.require_current(engine)
    except UserError:
        engine.dispose()
        raise
    return Workspace(settings, engine)


def _upgrade_alone(
    settings: Settings, engine: Engine, *, only_if: Callable[[], bool] = lambda: True
) -> None:
    with locked(settings.data_dir / "locks" / "upgrade.lock"):
        if only_if():
            session.upgrade(engine)


def _is_new_sqlite(engine: Engine) -> bool:
    file = engine.url.database
    if engine.dialect.name != "sqlite" or not file:
        return False
    path = Path(file)
    return not path.exists() or path.stat().st_size == 0


def _make_data_dir(data_dir: Path) -> None:
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"The data directory cannot be made: {error.strerror}.",
            where=str(data_dir),
            remedy="Set HALFSEEN_DATA_DIR to a folder you may write to.",
        ) from error
    if not os.access(data_dir, os.W_OK | os.X_OK):
        raise UserError(
            "The data directory cannot be written to.",
            where=str(data_dir),
            remedy="Set HALFSEEN_DATA_DIR to a folder you may write to.",
        )


def _kept_secret(data_dir: Path) -> str:
    path = data_dir / "secret"
    with locked(data_dir / "locks" / "secret.lock"):
        if not path.exists():
            write_whole(path, secrets.token_urlsafe(SECRET_BYTES).encode(), mode=0o600)
        return path.read_text()
