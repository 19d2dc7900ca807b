"""What has been decided in a label set, keypoint by keypoint, and what is new since last asked."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, case, select
from sqlalchemy.orm import Session

from core.data.review import VerdictKind
from db.columns import read_columns
from db.session import read
from db.standing import Place, is_decided, verdicts_of
from db.tables import VerdictRow

# On Postgres ids may become visible out of their order (SQLite has one writer at a time); what is
# read twice does no harm.
MARGINS = {"postgresql": 1_000}
_DECIDES, _UNSURE, _LOOKS_BACK = 0, 1, 2  # kinds of verdicts, as far as it matters here
_KIND = case(
    (VerdictRow.kind == VerdictKind.UNSURE, _UNSURE),
    (VerdictRow.kind.in_([VerdictKind.UNDO, VerdictKind.REDO]), _LOOKS_BACK),
    else_=_DECIDES,
)


@dataclass(frozen=True)
class Decisions:
    """The keypoints with a new verdict, M of them, each as its last verdict leaves it.

    Attributes:
        last: the highest row id; ask with it next time.
        annotation_id, keypoint, revision: (M,) int64.
        decided: (M,) bool, somebody chose, took or confirmed the label and was not unsure.
        flag: (M,) int64, of the current label.
    """

    last: int
    annotation_id: NDArray[np.int64]
    keypoint: NDArray[np.int64]
    revision: NDArray[np.int64]
    decided: NDArray[np.bool_]
    flag: NDArray[np.int64]


def decisions_since(engine: Engine, dataset_id: int, label_set: str, last: int) -> Decisions:
    """What was decided after the row `last` (0: ever), maybe with a little before it once more."""
    row = VerdictRow
    after = last - MARGINS.get(engine.dialect.name, 0)
    with read(engine) as session:
        columns, _ = read_columns(
            session,
            select(row.id, row.annotation_id, row.keypoint, row.revision, _KIND, row.to_v).where(
                row.dataset_id == dataset_id, row.label_set == label_set, row.id > after
            ),
            numbers=6,
        )
        last = int(columns[0].max(initial=last))
        chosen = _last_of_each(columns[1], columns[2], columns[3])
        _, annotation_id, keypoint, revision, kind, flag = (column[chosen] for column in columns)
        decided = kind == _DECIDES
        back = np.flatnonzero(kind == _LOOKS_BACK)
        places = list(zip(annotation_id[back].tolist(), keypoint[back].tolist(), strict=True))
        decided[back] = _decided(session, dataset_id, label_set, places)
    return Decisions(last, annotation_id, keypoint, revision, decided, flag)


def _last_of_each(
    annotation_id: NDArray[np.int64], keypoint: NDArray[np.int64], revision: NDArray[np.int64]
) -> NDArray[np.int64]:
    """(M,) the rows that hold the highest revision of their keypoint."""
    order = np.lexsort((revision, keypoint, annotation_id))
    a, k = annotation_id[order], keypoint[order]
    is_last = np.ones(len(order), np.bool_)
    is_last[:-1] = (a[1:] != a[:-1]) | (k[1:] != k[:-1])
    return order[is_last]


def _decided(session: Session, dataset_id: int, label_set: str, places: list[Place]) -> list[bool]:
    """What the histories say that end with an undo or a redo."""
    ids = sorted({annotation_id for annotation_id, _ in places})
    histories = verdicts_of(session, dataset_id, label_set, ids) if ids else {}
    return [is_decided(histories[place]) for place in places]
