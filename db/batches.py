"""Large writes in many short transactions, so that a single edit never waits long.

The rows of the next batch are made while nobody holds the write lock, and the size of a batch
follows the time the last one took.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Engine, delete, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.data.progress import Cancelled as IsCancelled
from core.data.progress import OnProgress, ignore, never
from core.errors import Cancelled
from db.session import write
from db.tables import Base

Row = TypeVar("Row")
TARGET_S = 0.02  # of one write transaction; 50 ms is the promise, disks have bad moments
GAP_S = 0.004  # twice the time in which a waiting writer asks again
FIRST_ROWS = 250
MOST_ROWS = 4000


class Pace:
    """How many rows the next write transaction may take."""

    def __init__(self) -> None:
        self.rows = FIRST_ROWS

    def took(self, seconds: float, rows: int) -> None:
        """Learns from one transaction; at most doubles, so that a lucky one misleads little."""
        fitting = int(rows * TARGET_S / max(seconds, 1e-6))
        self.rows = max(1, min(fitting, 2 * self.rows, MOST_ROWS))


def insert_in_batches(
    engine: Engine,
    total: int,
    rows: Callable[[int, int], list[Row]],
    put: Callable[[Session, list[Row]], None],
    *,
    on_progress: OnProgress = ignore,
    cancelled: IsCancelled = never,
) -> None:
    """Writes `total` rows.

    Args:
        rows: (start, stop) -> those of one batch, made while nobody is kept waiting.
        put: writes them inside the transaction.

    Raises:
        Cancelled: asked to stop; what was written so far stays.
    """
    pace, start = Pace(), 0
    while start < total:
        if cancelled():
            raise Cancelled
        batch = rows(start, min(start + pace.rows, total))
        with write(engine) as session:
            session.connection()  # takes the write lock: waiting for it is not our work
            began = time.perf_counter()
            put(session, batch)
        pace.took(time.perf_counter() - began, len(batch))
        start += len(batch)
        on_progress(start / total)
        time.sleep(GAP_S)


def straight_into(
    table: type[Base], columns: Sequence[str]
) -> Callable[[Session, list[tuple[Any, ...]]], None]:
    """A `put` that gives the driver the tuples as they are.

    SQLAlchemy's handling of every value would take longer than the database itself.
    """
    names = ", ".join(columns)
    marks = ", ".join("?" * len(columns))

    def put(session: Session, rows: list[tuple[Any, ...]]) -> None:
        connection = session.connection()
        if connection.dialect.name == "sqlite":
            into = f"INSERT INTO {table.__tablename__} ({names}) VALUES ({marks})"
            connection.exec_driver_sql(into, rows)
            return
        driver: Any = connection.connection.dbapi_connection
        with driver.cursor().copy(f"COPY {table.__tablename__} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    return put


def upsert_into(
    table: type[Base], columns: Sequence[str], key: Sequence[str]
) -> Callable[[Session, list[tuple[Any, ...]]], None]:
    """A `put` as `straight_into` that writes over the rows of the same `key`."""
    names, keys = ", ".join(columns), ", ".join(key)
    renewed = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in key)

    def put(session: Session, rows: list[tuple[Any, ...]]) -> None:
        connection = session.connection()
        mark = "?" if connection.dialect.name == "sqlite" else "%s"
        marks = ", ".join([mark] * len(columns))
        connection.exec_driver_sql(
            f"INSERT INTO {table.__tablename__} ({names}) VALUES ({marks}) "
            f"ON CONFLICT ({keys}) DO UPDATE SET {renewed}",
            rows,
        )

    return put


def delete_in_batches(
    engine: Engine,
    key: InstrumentedAttribute[int],
    scope: ColumnElement[bool],
    *,
    on_batch: Callable[[int], None] = lambda rows: None,
) -> None:
    """Deletes the rows of one table inside `scope`, where `key` is unique, in its order."""
    table = key.class_.__table__
    # Where the key alone names a row, naming the scope as well makes SQLite walk all of it.
    narrowed = () if len(table.primary_key) == 1 else (scope,)
    pace, seen = Pace(), None
    while True:
        # Past what is gone: Postgres would walk over the dead rows again and again.
        rest = (scope,) if seen is None else (scope, key > seen)
        with write(engine) as session:
            session.connection()
            began = time.perf_counter()
            chosen = session.scalars(select(key).where(*rest).order_by(key).limit(pace.rows)).all()
            if not chosen:
                return
            session.connection().execute(delete(table).where(*narrowed, key.in_(chosen)))
        seen = chosen[-1]
        pace.took(time.perf_counter() - began, len(chosen))
        on_batch(len(chosen))
        time.sleep(GAP_S)
