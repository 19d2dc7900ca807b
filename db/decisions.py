"""What has been decided in a label set, keypoint by keypoint, and what is new since last asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from core.data.review import VerdictKind
from db.session import read
from db.standing import Place, is_decided, verdicts_of
from db.tables import VerdictRow

# On Postgres ids may become visible out of their order; what is read twice does no harm.
MARGIN = 1_000
_LOOKS_BACK = (VerdictKind.UNDO, VerdictKind.REDO)


@dataclass(frozen=True)
class Decisions:
    """The keypoints with a new verdict, M of them, each as its last verdict leaves it.

    Attributes:
        last: the highest row id; ask with it next time.
        annotation_id, keypoint, revision: (M,) int64.
        decided: (M,) bool, somebody chose, took or confirmed the label and was not unsure.
        flag: (M,) uint8, of the current label.
    """

    last: int
    annotation_id: NDArray[np.int64]
    keypoint: NDArray[np.int64]
    revision: NDArray[np.int64]
    decided: NDArray[np.bool_]
    flag: NDArray[np.uint8]


def decisions_since(engine: Engine, dataset_id: int, label_set: str, last: int) -> Decisions:
    """What was decided after the row `last` (0: ever), and a little before it once more."""
    row = VerdictRow
    with read(engine) as session:
        cursor = (
            session.connection()
            .execute(
                select(row.id, row.annotation_id, row.keypoint, row.revision, row.kind, row.to_v)
                .where(row.dataset_id == dataset_id, row.label_set == label_set)
                .where(row.id > last - MARGIN)
                .order_by(row.id)
            )
            .cursor
        )
        latest = {(found[1], found[2]): found for found in cursor.fetchall()}
        looking_back = [found for found in latest.values() if found[4] in _LOOKS_BACK]
        undecided = _undecided(session, dataset_id, label_set, [found[1] for found in looking_back])
    return _decisions(last, latest, undecided)


def _undecided(
    session: Session, dataset_id: int, label_set: str, annotation_ids: list[int]
) -> set[Place]:
    """The keypoints of these annotations where nothing decided holds."""
    if not annotation_ids:
        return set()
    histories = verdicts_of(session, dataset_id, label_set, sorted(set(annotation_ids)))
    return {place for place, history in histories.items() if not is_decided(history)}


def _decisions(
    last: int, latest: Mapping[Place, Sequence[Any]], undecided: set[Place]
) -> Decisions:
    columns = list(zip(*latest.values(), strict=True)) or [()] * 6
    ids, annotations, keypoints, revisions, kinds, flags = columns
    decided = [
        kind != VerdictKind.UNSURE and not (kind in _LOOKS_BACK and place in undecided)
        for place, kind in zip(latest, kinds, strict=True)
    ]
    return Decisions(
        last=max(last, *ids) if ids else last,
        annotation_id=np.array(annotations, np.int64),
        keypoint=np.array(keypoints, np.int64),
        revision=np.array(revisions, np.int64),
        decided=np.array(decided, np.bool_),
        flag=np.array(flags, np.uint8),
    )
