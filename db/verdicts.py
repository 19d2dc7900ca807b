"""Verdicts: appended, never changed; the last one of a label set is the label that holds."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from core.data.review import MAIN, Edit, Label, Stale, Verdict, VerdictKind
from core.data.visibility import Visibility
from core.errors import UserError
from db import mapping
from db.batches import GAP_S, Pace
from db.session import read, write
from db.standing import Place, standing, verdicts_of
from db.tables import AnnotationRow, DatasetRow, VerdictRow

_MANY = 500  # ids in one query; SQLite allows 32,766 values
_KEEPING = (VerdictKind.KEEP, VerdictKind.UNSURE)  # say something of a label, change nothing
_RESTORING = (VerdictKind.UNDO, VerdictKind.REDO)


@dataclass(frozen=True)
class Change:
    """One keypoint whose label is no longer the imported one.

    Attributes:
        span_bytes: where its annotation lies in the decompressed source.
    """

    annotation_id: int
    category_id: int
    span_bytes: tuple[int, int]
    keypoint: int
    given: Label
    current: Label


@dataclass(frozen=True)
class _Entry:
    """What all verdicts of one call share."""

    dataset_id: int
    label_set: str
    annotator: str
    step: str
    undoes: str | None
    at: datetime


def append(
    engine: Engine,
    dataset_id: int,
    label_set: str,
    edits: Sequence[Edit],
    *,
    annotator: str,
    step: str,
    undoes: str | None = None,
    at: datetime | None = None,
    all_or_none: bool = False,
) -> tuple[list[Verdict], list[Stale]]:
    """Writes what is asked for, each edit against the revision it was made on.

    An edit made on an older revision is refused alone and comes back as Stale. An edit that
    this very step has written already (a retry after a lost answer) is answered again.
    KEEP and UNSURE leave the label as it is, whatever `after` says. When the call returns,
    everything in the first list is on disk.

    Args:
        step: one id for all of one key press, group or bulk action.
        undoes: the step that UNDO takes back or REDO restores.
        at: now, unless said.
        all_or_none: one stale edit refuses all; then one transaction takes them all, which
            holds other writers up (about 1 s per 100,000 edits on SQLite). Otherwise many
            edits are written in several short transactions.

    Raises:
        UserError: an edit names what is not there or asks for what cannot be; nothing written.
    """
    entry = _Entry(dataset_id, label_set, annotator, step, undoes, at or datetime.now(UTC))
    _check_entry(entry, edits)
    given = _given_labels(engine, dataset_id, edits)
    written: list[Verdict] = []
    stale: list[Stale] = []
    pace, start = Pace(), 0
    while start < len(edits):
        part = edits[start:] if all_or_none else edits[start : start + pace.rows]
        with write(engine) as session:
            session.connection()
            began = time.perf_counter()
            accepted, refused = _append_part(session, entry, part, given, all_or_none)
        pace.took(time.perf_counter() - began, len(part))
        written += accepted
        stale += refused
        start += len(part)
        if start < len(edits):
            time.sleep(GAP_S)
    return written, stale


def append_together(
    engine: Engine,
    dataset_id: int,
    label_set: str,
    by_annotator: Mapping[str, Sequence[Edit]],
    *,
    step: str,
) -> list[Stale]:
    """Writes the edits of several annotators in one transaction; one stale edit refuses all.

    Raises:
        UserError: as `append`.
    """
    now = datetime.now(UTC)
    entries = {name: _Entry(dataset_id, label_set, name, step, None, now) for name in by_annotator}
    for name, edits in by_annotator.items():
        _check_entry(entries[name], edits)
    given = _given_labels(engine, dataset_id, [e for edits in by_annotator.values() for e in edits])
    stale: list[Stale] = []
    with write(engine) as session:
        session.connection()
        for name, edits in by_annotator.items():
            stale += _append_part(session, entries[name], edits, given, True)[1]
        if stale:
            session.rollback()
    return stale


def current(
    engine: Engine, dataset_id: int, label_set: str, annotation_ids: Sequence[int] | None
) -> dict[Place, Verdict]:
    """The last verdict per (annotation, keypoint) of these annotations; None: of all."""
    with read(engine) as session:
        histories = verdicts_of(session, dataset_id, label_set, annotation_ids)
    return {place: history[-1] for place, history in histories.items()}


def changed(engine: Engine, dataset_id: int, label_set: str) -> list[Change]:
    """Every keypoint whose label an export would write differently, in file order.

    A label somebody is unsure about counts as the imported one. So does one that was and is
    unlabelled, wherever its forgotten place is.
    """
    with read(engine) as session:
        histories = verdicts_of(session, dataset_id, label_set, None)
        after = {
            place: history[-1].after
            for place, history in histories.items()
            if (holds := standing(history)) is not None and holds.kind is not VerdictKind.UNSURE
        }
        found = []
        for row in _annotations(session, dataset_id, sorted({place[0] for place in after})):
            for k, given in enumerate(mapping.labels(row.xy, row.visibility)):
                now = after.get((row.id, k))
                if now is not None and _differs(given, now):
                    span = (row.span_start, row.span_end)
                    change = Change(row.id, row.category_id, span, k, given, now)
                    found.append((row.position, change))
    found.sort(key=lambda item: (item[0], item[1].keypoint))
    return [change for _, change in found]


def history(
    engine: Engine, dataset_id: int, annotation_id: int, keypoint: int, label_set: str = MAIN
) -> list[Verdict]:
    """Every verdict on one keypoint, oldest first."""
    with read(engine) as session:
        histories = verdicts_of(session, dataset_id, label_set, [annotation_id])
    return histories.get((annotation_id, keypoint), [])


def label_sets(engine: Engine, dataset_id: int) -> list[str]:
    """The label sets anybody has decided in, by name."""
    with read(engine) as session:
        return list(
            session.scalars(
                select(VerdictRow.label_set)
                .where(VerdictRow.dataset_id == dataset_id)
                .distinct()
                .order_by(VerdictRow.label_set)
            )
        )


def _differs(given: Label, now: Label) -> bool:
    if given.visibility is now.visibility is Visibility.UNLABELLED:
        return False
    return given != now


def _check_entry(entry: _Entry, edits: Sequence[Edit]) -> None:
    for what, value, most in (
        ("label set", entry.label_set, 200),
        ("annotator", entry.annotator, 200),
        ("step", entry.step, 40),
    ):
        if not value.strip() or len(value) > most:
            raise UserError(f"A verdict needs a {what} of 1 to {most} characters, not {value!r}.")
    problems = [problem for edit in edits if (problem := _problem(edit, entry)) is not None]
    if problems:
        raise UserError("These edits cannot be written.", problems=problems)


def _problem(edit: Edit, entry: _Entry) -> str | None:
    """What is wrong with an edit in itself, in words."""
    where = f"annotation {edit.annotation_id}, keypoint {edit.keypoint}"
    if edit.kind in _RESTORING and entry.undoes is None:
        return f"{where}: {edit.kind} does not say which step it is about."
    if edit.after.visibility not in (0, 1, 2):
        return f"{where}: the flag is {edit.after.visibility}; it must be 0, 1 or 2."
    if not (math.isfinite(edit.after.x_image_px) and math.isfinite(edit.after.y_image_px)):
        return f"{where}: the place ({edit.after.x_image_px}, {edit.after.y_image_px}) is no place."
    return None


def _given_labels(
    engine: Engine, dataset_id: int, edits: Sequence[Edit]
) -> dict[int, tuple[Label, ...]]:
    """The imported labels of everybody edited; they never change, so no lock is needed."""
    with read(engine) as session:
        state = session.scalar(select(DatasetRow.state).where(DatasetRow.id == dataset_id))
        if state != "ready":
            raise UserError("This dataset is not there any more; nothing was written.")
        rows = _annotations(session, dataset_id, sorted({edit.annotation_id for edit in edits}))
        given = {row.id: mapping.labels(row.xy, row.visibility) for row in rows}
    problems = []
    for edit in edits:
        if edit.annotation_id not in given:
            problems.append(f"There is no annotation {edit.annotation_id} in this dataset.")
        elif not 0 <= edit.keypoint < len(given[edit.annotation_id]):
            problems.append(
                f"Annotation {edit.annotation_id} has {len(given[edit.annotation_id])} keypoints; "
                f"there is no keypoint {edit.keypoint} (they count from 0)."
            )
    if problems:
        raise UserError("These edits cannot be written.", problems=problems)
    return given


def _annotations(
    session: Session, dataset_id: int, annotation_ids: Sequence[int]
) -> list[AnnotationRow]:
    rows: list[AnnotationRow] = []
    for start in range(0, len(annotation_ids), _MANY):
        rows += session.scalars(
            select(AnnotationRow).where(
                AnnotationRow.dataset_id == dataset_id,
                AnnotationRow.id.in_(annotation_ids[start : start + _MANY]),
            )
        )
    return rows


def _append_part(
    session: Session,
    entry: _Entry,
    edits: Sequence[Edit],
    given: dict[int, tuple[Label, ...]],
    all_or_none: bool,
) -> tuple[list[Verdict], list[Stale]]:
    ids = sorted({edit.annotation_id for edit in edits})
    _lock(session, entry.dataset_id, ids)
    histories = verdicts_of(session, entry.dataset_id, entry.label_set, ids)
    last = {place: found[-1] for place, found in histories.items()}
    answered: list[Verdict] = []
    new: list[Verdict] = []
    stale: list[Stale] = []
    for edit in edits:
        place = (edit.annotation_id, edit.keypoint)
        verdict = _verdict(entry, edit, last.get(place), given[edit.annotation_id][edit.keypoint])
        if isinstance(verdict, Stale):
            stale.append(verdict)
            continue
        answered.append(verdict)
        if verdict is not last.get(place):
            new.append(verdict)
            last[place] = verdict
    if stale and all_or_none:
        return [], stale
    if new:
        values = [mapping.verdict_values(verdict, entry.dataset_id) for verdict in new]
        session.execute(insert(VerdictRow), values)
    return answered, stale


def _lock(session: Session, dataset_id: int, annotation_ids: Sequence[int]) -> None:
    """On Postgres makes a second writer on the same people wait; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "sqlite":
        return
    for start in range(0, len(annotation_ids), _MANY):
        session.execute(
            select(AnnotationRow.id)
            .where(
                AnnotationRow.dataset_id == dataset_id,
                AnnotationRow.id.in_(annotation_ids[start : start + _MANY]),
            )
            .order_by(AnnotationRow.id)  # the same order in every task: no deadlock
            .with_for_update(key_share=True)
        ).all()


def _verdict(entry: _Entry, edit: Edit, last: Verdict | None, given: Label) -> Verdict | Stale:
    """The verdict an edit becomes, the one it has become before, or why it is refused."""
    now = given if last is None else last.after
    revision = 0 if last is None else last.revision
    wanted = now if edit.kind in _KEEPING else _plain(edit.after)
    if last is not None and revision == edit.base_revision + 1 and _is_retry(entry, last, edit):
        return last
    if edit.base_revision != revision:
        return Stale(edit, now, revision, "" if last is None else last.annotator)
    return Verdict(
        label_set=entry.label_set,
        annotation_id=edit.annotation_id,
        keypoint=edit.keypoint,
        revision=revision + 1,
        kind=edit.kind,
        step=entry.step,
        undoes=entry.undoes if edit.kind in _RESTORING else None,
        before=now,
        after=wanted,
        annotator=entry.annotator,
        at=entry.at,
        reason=edit.reason,
        run=edit.run,
        run_said=edit.run_said,
    )


def _is_retry(entry: _Entry, last: Verdict, edit: Edit) -> bool:
    wanted = last.before if edit.kind in _KEEPING else _plain(edit.after)
    return (last.step, last.annotator, last.kind, last.after) == (
        entry.step,
        entry.annotator,
        edit.kind,
        wanted,
    )


def _plain(label: Label) -> Label:
    """The label with the enum in it, whatever number came in."""
    return Label(float(label.x_image_px), float(label.y_image_px), Visibility(label.visibility))
