"""An annotator's own steps in a label set, computed from the verdicts, newest first.

Nothing is kept besides the verdicts, so the log outlives reloads, sessions and servers. All
verdicts of one step are written together, so that its place is that of any of its rows.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Engine, func, select
from sqlalchemy.orm import Session

from core.data.review import TABLE_STEP, Held, LoggedStep, StepChange, Verdict, VerdictKind
from db import mapping
from db.appending import Packed, annotations_among
from db.session import read
from db.standing import Place, held, verdicts_of
from db.tables import IS_IN_LOG, AnnotationRow, VerdictRow, is_one_line

MOST_UNDONE = 200  # steps to redo that are read
LONGEST_STEP = 40  # letters, as the column
_ROWS = 200  # looked at first; where most was undone, more and more at once
_MOST_ROWS = 4000
_RESTORING = (VerdictKind.UNDO, VerdictKind.REDO)
_DECIDES: tuple[ColumnElement[bool], ...] = (VerdictRow.kind.not_in(_RESTORING),)


class _Desk(NamedTuple):
    """Whose steps of which label set."""

    dataset_id: int
    label_set: str
    annotator: str


class _Key(NamedTuple):
    """A step on one annotation; only a forged one is of several."""

    annotation_id: int
    step: str


def steps_done(
    engine: Engine,
    dataset_id: int,
    label_set: str,
    annotator: str,
    *,
    before: str | None = None,
    limit: int,
) -> tuple[list[LoggedStep], bool]:
    """The newest steps that are not undone, oldest first, and whether there are older ones.

    Args:
        before: only steps older than this one; one nobody knows has none.
    """
    log = _Desk(dataset_id, label_set, annotator)
    with read(engine) as session:
        if before is None:
            found = _walk(session, log, None, limit + 1)
        else:
            position = _position(session, log, before)
            found = [] if position is None else _walk(session, log, position, limit + 1)
        return _logged(session, log, reversed(found[:limit])), len(found) > limit


def steps_undone(
    engine: Engine, dataset_id: int, label_set: str, annotator: str
) -> list[LoggedStep]:
    """The steps taken back since the annotator last decided anything, the latest at the end.

    At most `MOST_UNDONE` of them.
    """
    log = _Desk(dataset_id, label_set, annotator)
    row = VerdictRow
    with read(engine) as session:
        last_decision = session.scalar(
            select(row.id).where(*_own(log), *_DECIDES).order_by(row.id.desc()).limit(1)
        )
        namings = session.execute(
            select(row.annotation_id, row.undoes, row.kind)
            .where(*_own(log), row.id > (last_decision or 0))
            .order_by(row.id.desc())
            .limit(_MOST_ROWS)
        )
        newest: dict[_Key, str] = {}
        for annotation_id, undoes, kind in namings:
            newest.setdefault(_Key(annotation_id, undoes or ""), kind)
        undone = [
            key
            for key, kind in newest.items()
            if kind == VerdictKind.UNDO and not key.step.startswith(TABLE_STEP)
        ]
        return _logged(session, log, reversed(undone[:MOST_UNDONE]))


def _whose(log: _Desk) -> tuple[ColumnElement[bool], ...]:
    row = VerdictRow
    return (
        row.dataset_id == log.dataset_id,
        row.label_set == log.label_set,
        row.annotator == log.annotator,
    )


def _own(log: _Desk) -> tuple[Any, ...]:
    return (*_whose(log), IS_IN_LOG)


def _position(session: Session, log: _Desk, step: str) -> int | None:
    """The place of a step of the log: the id of its oldest row."""
    if not is_one_line(step, LONGEST_STEP):
        return None
    row = VerdictRow
    return session.scalar(select(func.min(row.id)).where(*_own(log), *_DECIDES, row.step == step))


def _walk(session: Session, log: _Desk, position: int | None, most: int) -> list[_Key]:
    """The newest steps before a place that are not undone, newest first."""
    row = VerdictRow
    found: dict[_Key, None] = {}
    looked_at: set[_Key] = set()
    rows = _ROWS
    while len(found) < most:
        older = () if position is None else (row.id < position,)
        part = session.execute(
            select(row.id, row.annotation_id, row.step)
            .where(*_own(log), *_DECIDES, *older)
            .order_by(row.id.desc())
            .limit(rows)
        ).all()
        if not part:
            break
        position = part[-1].id
        keys = dict.fromkeys(_Key(each.annotation_id, each.step) for each in part)
        new = [key for key in keys if key not in looked_at]
        looked_at.update(new)
        undone = _undone_among(session, log, new)
        found.update(dict.fromkeys(key for key in new if key not in undone))
        rows = min(2 * rows, _MOST_ROWS)
    return list(found)[:most]


def _undone_among(session: Session, log: _Desk, keys: Sequence[_Key]) -> set[_Key]:
    """Those whose newest undo or redo is an undo."""
    row = VerdictRow
    # Sorted here: asked to sort, SQLite prefers to walk over all verdicts in order.
    namings = session.execute(
        select(row.id, row.annotation_id, row.undoes, row.kind).where(
            *_whose(log),
            row.undoes.in_({key.step for key in keys}),
            row.kind.in_(_RESTORING),
        )
    ).all()
    newest = {_Key(each.annotation_id, each.undoes or ""): each.kind for each in sorted(namings)}
    return {key for key, kind in newest.items() if kind == VerdictKind.UNDO}


def _logged(session: Session, log: _Desk, keys: Iterable[_Key]) -> list[LoggedStep]:
    keys = list(keys)
    ids = sorted({key.annotation_id for key in keys})
    histories = verdicts_of(session, log.dataset_id, log.label_set, ids)
    columns = select(AnnotationRow.id, AnnotationRow.xy, AnnotationRow.visibility)
    given = {
        annotation_id: (xy, visibility)
        for query in annotations_among(columns, log.dataset_id, ids)
        for annotation_id, xy, visibility in session.execute(query)
    }
    # By step first: a page of steps on one person must not read its histories once for each.
    places: dict[_Key, list[Place]] = {key: [] for key in keys}
    for place, history in histories.items():
        for step in {verdict.step for verdict in history}:
            if (key := _Key(place[0], step)) in places:
                places[key].append(place)
    steps = []
    for key in keys:
        changes = [
            _change(key, log.annotator, place[1], histories[place], given[key.annotation_id])
            for place in places[key]
        ]
        told = tuple(change for change in changes if change is not None)
        if told:
            steps.append(LoggedStep(key.step, key.annotation_id, told))
    return steps


def _change(
    key: _Key, annotator: str, keypoint: int, history: Sequence[Verdict], given: Packed
) -> StepChange | None:
    own = [
        n
        for n, verdict in enumerate(history)
        if (verdict.step, verdict.annotator) == (key.step, annotator)
        and verdict.kind not in _RESTORING
    ]
    if not own:
        return None
    verdict = history[own[-1]]
    unsure = verdict.kind is VerdictKind.UNSURE
    return StepChange(
        keypoint=keypoint,
        before=held(history[: own[0]], mapping.label_at(*given, keypoint)),
        after=Held(verdict.after, reviewed=not unsure, unsure=unsure, step=verdict.step),
    )
