"""Workers: who says to be alive, where it can be asked, and what it computes on."""

from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, select

from core.data.listing import WorkerInfo
from db.session import clock, read, write
from db.tables import WorkerRow


def beat(
    engine: Engine, name: str, *, url: str, device: str, started_at: datetime | None = None
) -> None:
    """Says that a worker is alive.

    Args:
        started_at: given with the first heartbeat; None keeps what was said then.
    """
    with write(engine) as session:
        now = clock(session)
        row = session.get(WorkerRow, name)
        if row is None:
            row = WorkerRow(name=name, url=url, device=device, started_at=now, seen_at=now)
            session.add(row)
        row.url, row.device, row.seen_at = url, device, now
        row.started_at = started_at or row.started_at


def list_all(engine: Engine) -> list[WorkerInfo]:
    """Every worker known, living or not, by name."""
    with read(engine) as session:
        rows = session.scalars(select(WorkerRow).order_by(WorkerRow.name))
        return [_info(row) for row in rows]


def list_living(engine: Engine, *, within_s: float) -> list[WorkerInfo]:
    """Workers whose last heartbeat is no older than that, by name."""
    with read(engine) as session:
        since = clock(session) - timedelta(seconds=within_s)
        rows = session.scalars(
            select(WorkerRow).where(WorkerRow.seen_at >= since).order_by(WorkerRow.name)
        )
        return [_info(row) for row in rows]


def remove(engine: Engine, name: str) -> None:
    """Forgets a worker; one not there is no error."""
    with write(engine) as session:
        session.execute(delete(WorkerRow).where(WorkerRow.name == name))


def remove_silent(engine: Engine, *, since_s: float) -> None:
    """Forgets workers not heard of for so long."""
    with write(engine) as session:
        long_ago = clock(session) - timedelta(seconds=since_s)
        session.execute(delete(WorkerRow).where(WorkerRow.seen_at < long_ago))


def _info(row: WorkerRow) -> WorkerInfo:
    return WorkerInfo(row.name, row.url, row.device, row.started_at, row.seen_at)
