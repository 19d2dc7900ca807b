"""The job store: DBOS's tables, in a file of the data directory or in the same Postgres.

Web and verbs ask it, the worker runs what is in it. Values are kept as JSON, never as pickle.
"""

import logging
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, create_engine, event, make_url

from app.settings import Settings
from app.workflow.locks import locked
from db.failures import in_words

if TYPE_CHECKING:
    from dbos import DBOSClient, DBOSPortableJSONSerializer

APPLICATION = "halfseen"
VERSION = "1"  # of the jobs' steps, not of the program: another one would orphan unfinished jobs
BUSY_TIMEOUT_S = 5.0
INTERNAL_QUEUE = "_dbos_internal_queue"


@dataclass(frozen=True)
class JobStore:
    """The opened store; nothing of DBOS leaves `app.workflow.jobs` and the worker.

    Attributes:
        url: SQLAlchemy's spelling.
    """

    url: str
    engine: Engine
    client: "DBOSClient"

    def at_work(self) -> dict[str, str]:
        """The jobs somebody is at: id and name of the worker, living or not."""
        with in_words(self.engine):
            running = self.client.list_workflows(
                status="PENDING", load_input=False, load_output=False, application_name=APPLICATION
            )
        return {job.workflow_id: job.executor_id or "" for job in running}

    def put_back(self, job_id: str, worker: str) -> bool:
        """Return a job a worker was at to its queue, for whoever is next.

        What that worker still writes afterwards is refused.

        Returns:
            False where it was not, or not any more, at it.
        """
        # DBOS hands this to its paid service alone; the version of the package is pinned.
        rows = self.client._sys_db
        with in_words(self.engine):
            return rows.reenqueue_for_recovery(job_id, [worker], INTERNAL_QUEUE)


def store_url(settings: Settings) -> str:
    """Where jobs are kept."""
    if settings.sqlalchemy_url.startswith("sqlite"):
        return f"sqlite:///{settings.data_dir / 'jobs.db'}"
    return settings.sqlalchemy_url


def open_store(settings: Settings) -> JobStore:
    """Open the store; a file that is not there yet is made. Connects to no server yet.

    Raises:
        UserError: the file cannot be made.
    """
    # Imported here: it takes a third of a second, and most verbs have no job to ask for.
    from dbos import DBOSClient

    url = store_url(settings)
    if url.startswith("sqlite") and not _is_made(_file(url)):
        migrate_store(settings)
    engine = store_engine(url)
    client = DBOSClient(
        system_database_engine=engine,
        serializer=json_only(),
        application_name=APPLICATION,
        retry_connection_errors=False,  # a page says so instead of waiting
        lazy=True,
    )
    return JobStore(url, engine, client)


def migrate_store(settings: Settings) -> None:
    """Make the store's tables, or bring them to this program's state.

    Raises:
        UserError: it cannot be reached or written to.
    """
    from dbos import DBOS

    quiet_dbos()
    url = store_url(settings)
    engine = store_engine(url)
    with in_words(engine), locked(settings.data_dir / "locks" / "upgrade.lock"):
        if engine.dialect.name != "sqlite":
            engine.connect().close()  # DBOS would make a database that is not there
        DBOS.migrate(url)
        if engine.dialect.name == "sqlite":
            # Last, so that a file with anything in it has its tables. It stays with the file.
            with closing(sqlite3.connect(_file(url))) as plain:
                plain.execute("PRAGMA journal_mode=WAL")
    engine.dispose()


def store_engine(url: str) -> Engine:
    """An engine as DBOS needs it; connects to nothing yet."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    engine = create_engine(url, pool_size=16, max_overflow=64)
    event.listen(engine, "connect", _prepare)
    return engine


def quiet_dbos() -> None:
    """DBOS talks much; what people should know is said by us."""
    logging.getLogger("dbos").setLevel(logging.CRITICAL)


def json_only() -> "DBOSPortableJSONSerializer":
    """How values are written."""
    from dbos import DBOSPortableJSONSerializer

    return DBOSPortableJSONSerializer()


def _prepare(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = "IMMEDIATE"  # else what is read may be stale when it is written
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000:.0f}")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _file(url: str) -> Path:
    return Path(make_url(url).database or "")


def _is_made(file: Path) -> bool:
    return file.exists() and file.stat().st_size > 0
