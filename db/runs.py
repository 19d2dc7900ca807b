"""Runs: one model's predictions for a dataset, invisible until the last is written."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.data.listing import FoundBy, RunInfo
from core.data.prediction import Prediction
from core.errors import UserError
from db import mapping
from db.batches import delete_in_batches, insert_in_batches, upsert_into
from db.datasets import require_ready
from db.session import id_parts, read, write
from db.tables import PredictionRow, RunRow, is_one_line

MAX_NAME = 200
_GONE = "This run, or its dataset, has been removed meanwhile."
_KEY = ("run_id", "image_id", "person_index")


class UnfinishedRun(NamedTuple):
    """A run that is being made or deleted, or was when its maker died.

    Attributes:
        lock_file: held while a process makes it; empty where a job does.
        job_id: of the job that makes it; None without one, and of a run being deleted.
    """

    run_id: int
    lock_file: str
    job_id: str | None


def begin_run(
    engine: Engine,
    dataset_id: int,
    *,
    model: str,
    checkpoint_sha256: str,
    keypoint_names: Sequence[str],
    box_source: str,
    found_by: FoundBy | None = None,
    lock_file: str = "",
    job_id: str | None = None,
) -> int:
    """Makes a still invisible run and returns its id.

    Args:
        keypoint_names: the model's, in the order of its predictions.
        box_source: annotated | detected.
        found_by: what finds the people of a detected run.
        lock_file: held as an OS lock by the caller until the run has ended.
        job_id: of the job that makes it instead; asked again, a job gets the run it has.

    Raises:
        UserError: the dataset is gone.
    """
    with write(engine) as session:
        require_ready(session, dataset_id, hold=True)
        if job_id is not None and (begun := _run_of_job(session, job_id)) is not None:
            return begun
        row = RunRow(
            dataset_id=dataset_id,
            state="predicting",
            lock_file=lock_file,
            job_id=job_id,
            model=model,
            checkpoint_sha256=checkpoint_sha256,
            keypoint_names=list(keypoint_names),
            box_source=box_source,
            finder=found_by and found_by.name,
            finder_sha256=found_by and found_by.sha256,
            min_score=found_by and found_by.min_score,
            created_at=datetime.now(UTC),
            num_predictions=0,
        )
        session.add(row)
        session.flush()
        return row.id


def insert_predictions(
    engine: Engine, run_id: int, predictions: Sequence[Prediction], *, fold: int | None = None
) -> None:
    """Writes predictions in short transactions, leaving room for other writers.

    Who is written twice (same image, same index) is there once, as written last.

    Raises:
        UserError: the run has been removed meanwhile.
    """
    into = upsert_into(PredictionRow, mapping.PREDICTION_COLUMNS, _KEY)

    def put(session: Session, rows: list[tuple[Any, ...]]) -> None:
        state = select(RunRow.state).where(RunRow.id == run_id).with_for_update(key_share=True)
        if session.scalar(state) != "predicting":
            raise UserError(_GONE)
        into(session, rows)

    insert_in_batches(
        engine,
        len(predictions),
        lambda start, stop: [
            mapping.prediction_row(p, run_id, fold) for p in predictions[start:stop]
        ],
        put,
    )


def finish_run(engine: Engine, run_id: int, name: str | None) -> RunInfo:
    """Makes the run visible; without a name it is called `<model>-<n>`.

    A run that is visible already stays as it is.

    Raises:
        UserError: the name is taken or none at all; the run stays as it was.
    """
    if name is not None and not is_one_line(name, MAX_NAME):
        raise UserError(
            f"{name!r} cannot be the name of a run.",
            remedy=f"Use one line of 1 to {MAX_NAME} characters.",
        )
    with read(engine) as session:
        count = session.scalar(
            select(func.count()).select_from(PredictionRow).where(PredictionRow.run_id == run_id)
        )
    try:
        with write(engine) as session:
            row = session.get(RunRow, run_id)
            if row is None or row.state == "deleting":
                raise UserError(_GONE)
            if row.state == "ready":
                return mapping.run_info(row)
            row.name = name or _next_name(session, row)
            row.state = "ready"
            row.num_predictions = count or 0
            session.flush()
            return mapping.run_info(row)
    except IntegrityError as error:
        raise UserError(
            f"There is already a run {name!r}.", remedy="Choose another name."
        ) from error


def remove_run(engine: Engine, run_id: int) -> None:
    """Removes a run; invisible at once, gone in the end. An id not there is no error."""
    with write(engine) as session:
        session.execute(
            update(RunRow).where(RunRow.id == run_id).values(state="deleting", name=None)
        )
    delete_in_batches(engine, PredictionRow.id, PredictionRow.run_id == run_id)
    delete_in_batches(engine, RunRow.id, RunRow.id == run_id)


def remove_run_of_job(engine: Engine, job_id: str) -> None:
    """Removes the half-made run of a job that will not go on; no error where there is none."""
    with read(engine) as session:
        run_id = _run_of_job(session, job_id)
    if run_id is not None:
        remove_run(engine, run_id)


def unfinished_runs(engine: Engine) -> list[UnfinishedRun]:
    """What is being predicted or deleted, or was when it died."""
    with read(engine) as session:
        rows = session.scalars(select(RunRow).where(RunRow.state != "ready").order_by(RunRow.id))
        return [
            UnfinishedRun(row.id, row.lock_file, row.job_id if row.state == "predicting" else None)
            for row in rows
        ]


def list_runs(engine: Engine, dataset_id: int) -> list[RunInfo]:
    """Every ready run of a dataset, the latest first."""
    with read(engine) as session:
        rows = session.scalars(
            select(RunRow)
            .where(RunRow.dataset_id == dataset_id, RunRow.state == "ready")
            .order_by(RunRow.id.desc())
        )
        return [mapping.run_info(row) for row in rows]


def run_id_of(engine: Engine, dataset_id: int, name: str) -> int:
    """The id of a ready run.

    Raises:
        UserError: there is none; the message names the known ones.
    """
    with read(engine) as session:
        return find_run_id(session, dataset_id, name)


def predictions_of_image(
    engine: Engine, dataset_id: int, image_id: int, run: str
) -> list[Prediction]:
    """Everybody a run saw on one image, detected people included.

    Raises:
        UserError: there is no such run.
    """
    with read(engine) as session:
        return predictions_on(session, find_run_id(session, dataset_id, run), [image_id])


def predictions_of_people(
    engine: Engine, run_id: int, annotation_ids: Sequence[int]
) -> dict[int, Prediction]:
    """What a run says of these annotations; those it has not seen are left out.

    Somebody it found by itself counts as the annotation they were matched with.
    """
    about = (PredictionRow.annotation_id, PredictionRow.matched_annotation_id)
    with read(engine) as session:
        found = [
            mapping.prediction(row)
            for part in id_parts(annotation_ids)
            for column in about  # one after the other: each has its own index
            for row in session.scalars(
                select(PredictionRow).where(PredictionRow.run_id == run_id, column.in_(part))
            )
        ]
    return {p.of_annotation: p for p in found if p.of_annotation is not None}


def count_matched(engine: Engine, run_id: int) -> int:
    """How many people a run found by itself were matched with an annotation."""
    row = PredictionRow
    matched = (row.run_id == run_id, row.matched_annotation_id.is_not(None))
    with read(engine) as session:
        return session.scalar(select(func.count()).select_from(row).where(*matched)) or 0


def find_run_id(session: Session, dataset_id: int, name: str) -> int:
    """`run_id_of` inside a transaction."""
    ready = select(RunRow).where(RunRow.dataset_id == dataset_id, RunRow.state == "ready")
    row = session.scalar(ready.where(RunRow.name == name))
    if row is not None:
        return row.id
    names = ", ".join(repr(r.name) for r in session.scalars(ready.order_by(RunRow.id)))
    raise UserError(
        f"There is no run {name!r} of this dataset.",
        remedy=f"Known: {names}." if names else "No model has been run on it yet.",
    )


def predictions_on(session: Session, run_id: int, image_ids: Sequence[int]) -> list[Prediction]:
    """`predictions_of_image` of a few images, inside a transaction."""
    rows = session.scalars(
        select(PredictionRow)
        .where(PredictionRow.run_id == run_id, PredictionRow.image_id.in_(image_ids))
        .order_by(PredictionRow.id)
    )
    return [mapping.prediction(row) for row in rows]


def _run_of_job(session: Session, job_id: str) -> int | None:
    return session.scalar(
        select(RunRow.id).where(RunRow.job_id == job_id, RunRow.state == "predicting")
    )


def _next_name(session: Session, run: RunRow) -> str:
    taken = set(session.scalars(select(RunRow.name).where(RunRow.dataset_id == run.dataset_id)))
    number = 1
    while f"{run.model}-{number}" in taken:
        number += 1
    return f"{run.model}-{number}"
