"""Desks: where each annotator sits in a dataset, so that two are not handed the same person.

A desk seen lately is a claim on the person on screen and on those handed out to come next. It
also says where somebody stopped, however long ago.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, Select, select
from sqlalchemy.orm import Session

from core.data.review import MAIN
from core.errors import UserError
from db.datasets import require_ready
from db.session import clock, read, write
from db.tables import AnnotationRow, DeskRow

CLAIM = timedelta(minutes=5)
RENEWED_AFTER = timedelta(seconds=20)  # a desk that stays as it is needs no write until then


@dataclass(frozen=True)
class Desk:
    """Where an annotator sits, or sat last.

    Attributes:
        keypoint: index, in a queue of keypoints.
        ahead: the annotations handed out to come next.
        seen_at: when last heard of, aware of its zone.
    """

    annotator: str
    annotation_id: int
    keypoint: int | None
    ahead: tuple[int, ...]
    seen_at: datetime


def desk_of(engine: Engine, dataset_id: int, label_set: str, annotator: str) -> Desk | None:
    """Where an annotator sits or sat last; None: never here."""
    with read(engine) as session:
        row = session.get(DeskRow, (dataset_id, label_set, annotator))
        return None if row is None else _desk(row)


def others(
    engine: Engine, dataset_id: int, label_set: str, annotator: str, *, now: datetime | None = None
) -> dict[int, str]:
    """Who else holds which annotation now. Blind work is nobody else's: there it is empty.

    Where several hold one, who has it on screen comes before whom it was handed out to.
    """
    if label_set != MAIN:
        return {}
    with read(engine) as session:
        rows = session.scalars(_others(dataset_id, annotator, now or clock(session)))
        return _claims(rows.all())


def sit(
    engine: Engine,
    dataset_id: int,
    label_set: str,
    annotator: str,
    *,
    annotation_id: int,
    keypoint: int | None,
    ahead: Sequence[int],
    handed_out: bool,
    now: datetime | None = None,
) -> dict[int, str]:
    """Sits down at a person. Of two who are handed the same one at once, one gets it.

    Args:
        ahead: annotations to come next; those another holds are left out.
        handed_out: by the queue, so that another's claim refuses it. What one asks for (a link,
            a person on the photo, undo) one gets, and where one sits one stays.
        now: by the database's clock, unless said.

    Returns:
        Nothing when done; all of the others' claims where it was refused, with nothing written.

    Raises:
        UserError: the dataset, the annotation or the keypoint is not there.
    """
    # After a power cut somebody starts where they were a moment before.
    with write(engine, durable=False) as session:
        require_ready(session, dataset_id, hold=True)
        at = now or clock(session)
        row = session.get(DeskRow, (dataset_id, label_set, annotator))
        taken: dict[int, str] = {}
        if label_set == MAIN:
            taken = _claims(session.scalars(_others(dataset_id, annotator, at)).all())
        sits = row is not None and row.annotation_id == annotation_id and at - row.seen_at <= CLAIM
        if handed_out and annotation_id in taken and not sits:
            return taken
        wanted = Desk(annotator, annotation_id, keypoint, _free(ahead, taken), at)
        if row is None:
            _require_place(session, dataset_id, annotation_id, keypoint)
            row = DeskRow(dataset_id=dataset_id, label_set=label_set, annotator=annotator)
            session.add(row)
        elif _is_fresh(row, wanted):
            return {}
        elif (row.annotation_id, row.keypoint) != (annotation_id, keypoint):
            _require_place(session, dataset_id, annotation_id, keypoint)
        row.annotation_id, row.keypoint = annotation_id, keypoint
        row.ahead, row.seen_at = list(wanted.ahead), at
    return {}


def _others(dataset_id: int, annotator: str, now: datetime) -> Select[DeskRow]:
    return (
        select(DeskRow)
        .where(
            DeskRow.dataset_id == dataset_id,
            DeskRow.label_set == MAIN,
            DeskRow.annotator != annotator,
            DeskRow.seen_at >= now - CLAIM,
        )
        .order_by(DeskRow.annotator)
    )


def _claims(rows: Sequence[DeskRow]) -> dict[int, str]:
    coming = {annotation_id: row.annotator for row in rows for annotation_id in row.ahead}
    return coming | {row.annotation_id: row.annotator for row in rows}


def _free(ahead: Sequence[int], taken: Collection[int]) -> tuple[int, ...]:
    return tuple(annotation_id for annotation_id in ahead if annotation_id not in taken)


def _is_fresh(row: DeskRow, wanted: Desk) -> bool:
    """Whether the row says all this already and was written a moment ago."""
    found = _desk(row)
    same = (found.annotation_id, found.keypoint, found.ahead) == (
        wanted.annotation_id,
        wanted.keypoint,
        wanted.ahead,
    )
    return same and timedelta() <= wanted.seen_at - found.seen_at < RENEWED_AFTER


def _require_place(
    session: Session, dataset_id: int, annotation_id: int, keypoint: int | None
) -> None:
    row = session.get(AnnotationRow, (dataset_id, annotation_id))
    if row is None:
        raise UserError(f"There is no annotation {annotation_id} in this dataset.")
    if keypoint is not None and not 0 <= keypoint < len(row.visibility):
        raise UserError(f"Annotation {annotation_id} has no keypoint {keypoint}.")


def _desk(row: DeskRow) -> Desk:
    return Desk(
        annotator=row.annotator,
        annotation_id=row.annotation_id,
        keypoint=row.keypoint,
        ahead=tuple(row.ahead),
        seen_at=row.seen_at,
    )
