"""How an edit becomes a verdict: checked, compared with what holds now, written or refused."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVarTuple

from sqlalchemy import Engine, Select, insert, select
from sqlalchemy.orm import Session

from core.data.review import Edit, Label, Stale, Verdict, VerdictKind
from core.data.visibility import Visibility
from core.errors import UserError
from db import mapping
from db.datasets import require_ready
from db.session import id_parts, read
from db.standing import Place, verdicts_of
from db.tables import AnnotationRow, VerdictRow, is_one_line

Packed = tuple[bytes, bytes]  # AnnotationRow.xy and .visibility
Columns = TypeVarTuple("Columns")
_KEEPING = (VerdictKind.KEEP, VerdictKind.UNSURE)  # say something of a label, change nothing
_RESTORING = (VerdictKind.UNDO, VerdictKind.REDO)


@dataclass(frozen=True)
class Entry:
    """What all verdicts of one call share."""

    dataset_id: int
    label_set: str
    annotator: str
    step: str
    undoes: str | None
    at: datetime


def check_entry(entry: Entry, edits: Sequence[Edit]) -> None:
    """Passes when the words fit and every edit makes sense in itself.

    Raises:
        UserError: listing every edit that does not.
    """
    for what, value, most in (
        ("label set", entry.label_set, 200),
        ("annotator", entry.annotator, 200),
        ("step", entry.step, 40),
        ("step to undo", "none" if entry.undoes is None else entry.undoes, 40),
    ):
        if not is_one_line(value, most):
            raise UserError(
                f"A verdict needs its {what}, one line of 1 to {most} characters, not {value!r}."
            )
    problems = [problem for edit in edits if (problem := _problem(edit, entry)) is not None]
    if problems:
        raise UserError("These edits cannot be written.", problems=problems)


def _problem(edit: Edit, entry: Entry) -> str | None:
    """What is wrong with an edit in itself, in words."""
    where = f"annotation {edit.annotation_id}, keypoint {edit.keypoint}"
    if edit.kind in _RESTORING and entry.undoes is None:
        return f"{where}: {edit.kind} does not say which step it is about."
    if edit.after.visibility not in (0, 1, 2):
        return f"{where}: the flag is {edit.after.visibility}; it must be 0, 1 or 2."
    if not (math.isfinite(edit.after.x_image_px) and math.isfinite(edit.after.y_image_px)):
        return f"{where}: the place ({edit.after.x_image_px}, {edit.after.y_image_px}) is no place."
    if edit.run is not None and not is_one_line(edit.run, 200):
        return f"{where}: {edit.run!r} is not the name of a run."
    return None


def given_labels(engine: Engine, dataset_id: int, edits: Sequence[Edit]) -> dict[int, Packed]:
    """The imported labels of everybody edited; they never change, so no lock is needed.

    Raises:
        UserError: the dataset is gone, or listing every edit of a keypoint that is not there.
    """
    ids = sorted({edit.annotation_id for edit in edits})
    with read(engine) as session:
        require_ready(session, dataset_id)
        columns = select(AnnotationRow.id, AnnotationRow.xy, AnnotationRow.visibility)
        given = {
            annotation_id: (xy, visibility)
            for query in annotations_among(columns, dataset_id, ids)
            for annotation_id, xy, visibility in session.execute(query)
        }
    problems = []
    for edit in edits:
        if edit.annotation_id not in given:
            problems.append(f"There is no annotation {edit.annotation_id} in this dataset.")
        elif not 0 <= edit.keypoint < len(given[edit.annotation_id][1]):
            problems.append(
                f"Annotation {edit.annotation_id} has {len(given[edit.annotation_id][1])} "
                f"keypoints; there is no keypoint {edit.keypoint} (they count from 0)."
            )
    if problems:
        raise UserError("These edits cannot be written.", problems=problems)
    return given


def annotations_among(
    columns: Select[*Columns], dataset_id: int, annotation_ids: Sequence[int]
) -> Iterator[Select[*Columns]]:
    """The query cut into as many as the ids need, each in the order of the ids."""
    for part in id_parts(annotation_ids):
        yield columns.where(
            AnnotationRow.dataset_id == dataset_id, AnnotationRow.id.in_(part)
        ).order_by(AnnotationRow.id)


@dataclass
class Ledger:
    """What is known of some keypoints, and what is to be written about them.

    Attributes:
        histories: the verdicts there are, by place.
        refused: by place what was refused; whatever follows there was made on a value that never
            came to be, even where its revision has been reached by somebody else.
        last: the newest verdict by place, those to be written included.
        new: the verdicts to be written.
    """

    given: Mapping[int, Packed]
    histories: dict[Place, list[Verdict]]
    refused: dict[Place, Stale] = field(default_factory=dict)
    last: dict[Place, Verdict] = field(default_factory=dict)
    new: list[Verdict] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.last = {place: history[-1] for place, history in self.histories.items()}

    def enter(self, entry: Entry, edit: Edit) -> Verdict | Stale:
        """What an edit becomes; a new verdict is in `new` then, what is refused in `refused`."""
        place = (edit.annotation_id, edit.keypoint)
        before = _written_before(entry, edit, self.histories.get(place, ()))
        if before is not None:
            return before
        if place in self.refused:
            return replace(self.refused[place], edit=edit)
        label = mapping.label_at(*self.given[edit.annotation_id], edit.keypoint)
        verdict = _verdict(entry, edit, self.last.get(place), label)
        if isinstance(verdict, Stale):
            self.refused[place] = verdict
        else:
            self.new.append(verdict)
            self.last[place] = verdict
        return verdict


def open_ledger(
    session: Session,
    dataset_id: int,
    label_set: str,
    edits: Sequence[Edit],
    given: Mapping[int, Packed],
) -> Ledger:
    """The ledger of everybody edited, as things stand in this transaction."""
    ids = sorted({edit.annotation_id for edit in edits})
    return Ledger(given, verdicts_of(session, dataset_id, label_set, ids))


def put_verdicts(session: Session, values: list[dict[str, Any]]) -> None:
    """Writes rows of `verdict_values`; past the ORM, which would look at every one."""
    if values:
        session.connection().execute(insert(VerdictRow), values)


def _verdict(entry: Entry, edit: Edit, last: Verdict | None, given: Label) -> Verdict | Stale:
    """The verdict an edit becomes, or why it is refused."""
    now = given if last is None else last.after
    revision = 0 if last is None else last.revision
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
        after=now if edit.kind in _KEEPING else _plain(edit.after),
        annotator=entry.annotator,
        at=entry.at,
        reason=edit.reason,
        run=edit.run,
        run_said=_known(edit.run_said),
    )


def _written_before(entry: Entry, edit: Edit, history: Sequence[Verdict]) -> Verdict | None:
    """The verdict this edit has become already, when its answer was lost and it comes again."""
    if not 0 <= edit.base_revision < len(history):
        return None
    found = history[edit.base_revision]
    wanted = found.before if edit.kind in _KEEPING else _plain(edit.after)
    same = (found.step, found.annotator, found.kind, found.after) == (
        entry.step,
        entry.annotator,
        edit.kind,
        wanted,
    )
    return found if same else None


def _known(said: tuple[float, float, float] | None) -> tuple[float, float, float] | None:
    """What a run said; NaN is its word for nothing."""
    return None if said is None or not all(map(math.isfinite, said)) else said


def _plain(label: Label) -> Label:
    """The label with the enum in it, whatever number came in."""
    return Label(float(label.x_image_px), float(label.y_image_px), Visibility(label.visibility))
