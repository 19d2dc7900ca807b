"""Jobs as a worker would leave them, without one: the rows are written by hand."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import text

from app.workflow.workspace import Workspace


def set_status(ws: Workspace, job_id: str, status: str, *, worker: str = "w") -> None:
    """A job in one of DBOS's states, at or after the hands of a worker."""
    _run(
        ws,
        "UPDATE {schema}workflow_status SET status = :status, executor_id = :worker,"
        " application_version = '1' WHERE workflow_uuid = :job",
        status=status,
        worker=worker,
        job=job_id,
    )


def set_outcome(
    ws: Workspace, job_id: str, *, output: Any = None, error: dict[str, Any] | None = None
) -> None:
    """What a job that has ended gave, or the error it ended with."""
    _run(
        ws,
        "INSERT INTO {schema}workflow_output (workflow_uuid, output, error, retention_timestamp)"
        " VALUES (:job, :output, :error, 0)",
        job=job_id,
        output=json.dumps(output) if output is not None else None,
        error=json.dumps(error) if error is not None else None,
    )


def set_ended(ws: Workspace, job_id: str, at: datetime) -> None:
    """When a job ended."""
    _run(
        ws,
        "UPDATE {schema}workflow_status SET completed_at = :at WHERE workflow_uuid = :job",
        at=int(at.timestamp() * 1000),
        job=job_id,
    )


def column(ws: Workspace, job_id: str, name: str) -> Any:
    """One value of a job's row."""
    schema = _schema(ws)
    with ws.job_store.engine.connect() as connection:
        return connection.execute(
            text(f"SELECT {name} FROM {schema}workflow_status WHERE workflow_uuid = :job"),
            {"job": job_id},
        ).scalar()


def _run(ws: Workspace, statement: str, **values: Any) -> None:
    with ws.job_store.engine.begin() as connection:
        connection.execute(text(statement.format(schema=_schema(ws))), values)


def _schema(ws: Workspace) -> str:
    return "" if ws.job_store.engine.dialect.name == "sqlite" else "dbos."
