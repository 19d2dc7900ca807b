"""Where a keypoint stands after its verdicts. A history is ordered by revision, oldest first."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.data.review import Held, Label, Verdict, VerdictKind
from db import mapping
from db.session import id_parts
from db.tables import VerdictRow

Place = tuple[int, int]  # annotation id, keypoint
_RESTORING = (VerdictKind.UNDO, VerdictKind.REDO)


def standing(history: Sequence[Verdict]) -> Verdict | None:
    """The verdict that holds now, looking through undo and redo; None: the untouched label.

    An undo brings back what held before the step it takes back, a redo what the step it restores
    had said. Where that step left no trace on this keypoint, nothing is taken as decided.
    """
    last = len(history) - 1
    while last >= 0 and history[last].kind in _RESTORING:
        verdict = history[last]
        same = [n for n in range(last) if history[n].step == verdict.undoes]
        if not same:
            return None
        last = same[0] - 1 if verdict.kind is VerdictKind.UNDO else same[-1]
    return history[last] if last >= 0 else None


def is_decided(history: Sequence[Verdict]) -> bool:
    """True where somebody chose, took or confirmed a label and was not unsure."""
    holds = standing(history)
    return holds is not None and holds.kind is not VerdictKind.UNSURE


def held(history: Sequence[Verdict], given: Label) -> Held:
    """How a keypoint stands after this much of its history; `given` is its imported label."""
    holds = standing(history)
    unsure = holds is not None and holds.kind is VerdictKind.UNSURE
    return Held(
        label=history[-1].after if history else given,
        reviewed=holds is not None and not unsure,
        unsure=unsure,
        step=None if holds is None else holds.step,
    )


def verdicts_of(
    session: Session, dataset_id: int, label_set: str, annotation_ids: Sequence[int] | None
) -> dict[Place, list[Verdict]]:
    """The histories of every touched keypoint of these annotations; None: of all."""
    found: dict[Place, list[Verdict]] = defaultdict(list)
    mine = select(VerdictRow.__table__).where(
        VerdictRow.dataset_id == dataset_id, VerdictRow.label_set == label_set
    )
    if annotation_ids is None:
        queries = [mine]
    else:
        queries = [
            mine.where(VerdictRow.annotation_id.in_(part)) for part in id_parts(annotation_ids)
        ]
    for query in queries:
        ordered = query.order_by(VerdictRow.annotation_id, VerdictRow.keypoint, VerdictRow.revision)
        for row in session.execute(ordered):
            found[row.annotation_id, row.keypoint].append(mapping.verdict(row))
    return dict(found)
