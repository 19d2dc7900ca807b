"""Verdicts: appended, never changed; the last one of a label set is the label that holds."""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from core.data.review import MAIN, Edit, Stale, Step, Verdict
from db import mapping
from db.appending import (
    Entry,
    Packed,
    check_entry,
    given_labels,
    open_ledger,
    put_verdicts,
)
from db.batches import GAP_S, Pace
from db.datasets import require_ready
from db.session import read, write
from db.standing import Place, verdicts_of
from db.tables import VerdictRow

Outcome = tuple[list[Verdict], list[Stale]]  # what the edits of one step became


def append_steps(
    engine: Engine,
    dataset_id: int,
    label_set: str,
    steps: Sequence[Step],
    *,
    annotator: str,
    at: datetime | None = None,
    given: Mapping[int, Packed] | None = None,
) -> list[Outcome]:
    """Writes what is asked for, each edit against the revision it was made on.

    An edit made on an older revision is refused alone and comes back as Stale, and so do later
    ones of the same keypoint. An edit that this very step has written already (a retry after a
    lost answer) is answered again. KEEP and UNSURE leave the label as it is, whatever `after`
    says. Many edits are written in several short transactions; when the call returns, every
    verdict in it is on disk.

    Args:
        steps: in the order they were made.
        at: now, unless said.
        given: the imported labels of everybody edited, where they have been read already and
            every edit is of a keypoint that is there.

    Returns:
        For each step what was written and what refused.

    Raises:
        UserError: an edit names what is not there or asks for what cannot be; nothing written.
    """
    at = at or datetime.now(UTC)
    asked: list[tuple[int, Entry, Edit]] = []
    for number, step in enumerate(steps):
        entry = Entry(dataset_id, label_set, annotator, step.id, step.undoes, at)
        check_entry(entry, step.edits)
        asked += [(number, entry, edit) for edit in step.edits]
    if given is None:
        given = given_labels(engine, dataset_id, [edit for _, _, edit in asked])
    outcomes: list[Outcome] = [([], []) for _ in steps]
    refused: dict[Place, Stale] = {}
    pace, start = Pace(), 0
    while start < len(asked):
        part = asked[start : start + pace.rows]
        with write(engine) as session:
            session.connection()
            began = time.perf_counter()
            require_ready(session, dataset_id, hold=True)
            ledger = open_ledger(session, dataset_id, label_set, [e for _, _, e in part], given)
            ledger.refused = refused
            answers = [(number, ledger.enter(entry, edit)) for number, entry, edit in part]
            put_verdicts(session, [mapping.verdict_values(v, dataset_id) for v in ledger.new])
        pace.took(time.perf_counter() - began, len(part))
        for number, answer in answers:
            written, stale = outcomes[number]
            if isinstance(answer, Stale):
                stale.append(answer)
            else:
                written.append(answer)
        start += len(part)
        if start < len(asked):
            time.sleep(GAP_S)
    return outcomes


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
) -> Outcome:
    """`append_steps` for one step."""
    steps = [Step(step, tuple(edits), undoes)]
    (outcome,) = append_steps(engine, dataset_id, label_set, steps, annotator=annotator, at=at)
    return outcome


def append_together(
    engine: Engine,
    dataset_id: int,
    label_set: str,
    by_annotator: Mapping[str, Sequence[Edit]],
    *,
    step: str,
) -> list[Stale]:
    """Writes the edits of several annotators, all or none: one stale edit refuses them all.

    Everything is worked out before the one transaction that writes it, so that it keeps other
    writers waiting for about 25 us an edit only (SQLite).

    Raises:
        UserError: as `append`.
    """
    now = datetime.now(UTC)
    entries = {name: Entry(dataset_id, label_set, name, step, None, now) for name in by_annotator}
    for name, edits in by_annotator.items():
        check_entry(entries[name], edits)
    everything = [edit for edits in by_annotator.values() for edit in edits]
    given = given_labels(engine, dataset_id, everything)
    while everything:
        with read(engine) as session:
            seen = _last_row(session, dataset_id)
            ledger = open_ledger(session, dataset_id, label_set, everything, given)
        for name, edits in by_annotator.items():
            for edit in edits:
                ledger.enter(entries[name], edit)
        if ledger.refused:
            return list(ledger.refused.values())
        values = [mapping.verdict_values(verdict, dataset_id) for verdict in ledger.new]
        with write(engine) as session:
            require_ready(session, dataset_id, hold=True)
            if not ledger.last.keys() & _places_after(session, dataset_id, label_set, seen):
                put_verdicts(session, values)
                return []
    return []


def current(
    engine: Engine, dataset_id: int, label_set: str, annotation_ids: Sequence[int] | None
) -> dict[Place, Verdict]:
    """The last verdict per (annotation, keypoint) of these annotations; None: of all."""
    with read(engine) as session:
        histories = verdicts_of(session, dataset_id, label_set, annotation_ids)
    return {place: history[-1] for place, history in histories.items()}


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


def _last_row(session: Session, dataset_id: int) -> int:
    last = select(func.max(VerdictRow.id)).where(VerdictRow.dataset_id == dataset_id)
    return session.scalar(last) or 0


def _places_after(session: Session, dataset_id: int, label_set: str, row_id: int) -> set[Place]:
    """The keypoints decided on since a row was the last."""
    rows = session.execute(
        select(VerdictRow.annotation_id, VerdictRow.keypoint).where(
            VerdictRow.id > row_id,
            VerdictRow.dataset_id == dataset_id,
            VerdictRow.label_set == label_set,
        )
    )
    return {(annotation_id, keypoint) for annotation_id, keypoint in rows}
