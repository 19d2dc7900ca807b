"""What an export writes differently from the import: every label that is no longer the given one.

Read as columns: an export page opens within a second on a hundred thousand changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from core.data.review import Label, Verdict, VerdictKind
from core.data.visibility import Visibility
from db import mapping
from db.session import id_parts, read
from db.standing import standing, verdicts_of
from db.tables import AnnotationRow, VerdictRow

_NOT_PLAIN = (VerdictKind.UNDO, VerdictKind.REDO, VerdictKind.UNSURE)
_INTEGERS = (
    "row", "annotation_id", "keypoint", "revision", "from_v", "to_v",
    "image_id", "category_id", "position", "span_start", "span_end",
)  # fmt: skip
_FLOATS = ("from_x", "from_y", "to_x", "to_y")
_COLUMNS = np.dtype(
    [
        *((name, np.int64) for name in _INTEGERS),
        *((name, np.float64) for name in _FLOATS),
        ("is_plain", np.bool_),
    ]
)


@dataclass(frozen=True)
class Changes:
    """n changed keypoints in file order, each column n long.

    Attributes:
        span_bytes: (n, 2) int64, where the annotation lies in the decompressed source.
        keypoint: index from 0 in the category's skeleton.
        given_xy_image_px, current_xy_image_px: (n, 2) float64.
        given, current: uint8 flags.
        verdict_row: the row of the verdict that holds.
    """

    annotation_id: NDArray[np.int64]
    image_id: NDArray[np.int64]
    category_id: NDArray[np.int64]
    span_bytes: NDArray[np.int64]
    keypoint: NDArray[np.int64]
    given_xy_image_px: NDArray[np.float64]
    given: NDArray[np.uint8]
    current_xy_image_px: NDArray[np.float64]
    current: NDArray[np.uint8]
    verdict_row: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.keypoint)

    def taken(self, rows: NDArray[np.int64] | NDArray[np.bool_] | slice) -> "Changes":
        """Only some of them."""
        return Changes(*(getattr(self, field.name)[rows] for field in fields(self)))

    def before(self, n: int) -> Label:
        """The label as it was imported."""
        return _label(self.given_xy_image_px, self.given, n)

    def after(self, n: int) -> Label:
        """The label as it is now."""
        return _label(self.current_xy_image_px, self.current, n)


def no_changes() -> Changes:
    """What an export of the labels as imported changes."""
    nothing = np.zeros(0, _COLUMNS)
    return _as_changes(nothing, nothing, nothing["row"])


def changed(engine: Engine, dataset_id: int, label_set: str) -> Changes:
    """Every keypoint whose label an export would write differently.

    A label somebody is unsure about counts as the imported one. So does one that was and is
    unlabelled, wherever its forgotten place is.
    """
    with read(engine) as session:
        rows = _verdict_rows(session, dataset_id, label_set)
        first, last = _histories(rows)
        counted, holding = _standing_rows(session, dataset_id, label_set, rows, first, last)
    # The first verdict on a keypoint was made on the imported label.
    given, now = rows[first], rows[last]
    differs = np.zeros(len(last), np.bool_)
    for name in ("x", "y", "v"):
        differs |= given[f"from_{name}"] != now[f"to_{name}"]
    differs &= (given["from_v"] > 0) | (now["to_v"] > 0)
    kept = np.flatnonzero(counted & differs)
    kept = kept[np.lexsort((now["keypoint"][kept], now["position"][kept]))]
    return _as_changes(given[kept], now[kept], holding[kept])


def verdicts_in(engine: Engine, verdict_rows: Sequence[int]) -> dict[int, Verdict]:
    """The verdicts of these rows."""
    found: dict[int, Verdict] = {}
    with read(engine) as session:
        for part in id_parts(verdict_rows):
            query = select(VerdictRow.__table__).where(VerdictRow.id.in_(part))
            found |= {row.id: mapping.verdict(row) for row in session.execute(query)}
    return found


def version(engine: Engine, dataset_id: int, label_set: str) -> tuple[int, int]:
    """Another one as soon as there is another verdict; far cheaper than to read them."""
    with read(engine) as session:
        row = session.execute(
            select(func.max(VerdictRow.id), func.count()).where(
                VerdictRow.dataset_id == dataset_id, VerdictRow.label_set == label_set
            )
        ).one()
    return row[0] or 0, row[1]


def _verdict_rows(session: Session, dataset_id: int, label_set: str) -> NDArray[np.void]:
    """Every verdict beside its annotation, (m,) of `_COLUMNS`, by place and revision."""
    verdict, annotation = VerdictRow, AnnotationRow
    query = (
        select(
            *(verdict.id, verdict.annotation_id, verdict.keypoint, verdict.revision),
            *(verdict.from_v, verdict.to_v),
            *(annotation.image_id, annotation.category_id, annotation.position),
            *(annotation.span_start, annotation.span_end),
            *(verdict.from_x, verdict.from_y, verdict.to_x, verdict.to_y),
            verdict.kind.not_in(_NOT_PLAIN),
        )
        .join(
            annotation,
            (annotation.dataset_id == verdict.dataset_id)
            & (annotation.id == verdict.annotation_id),
        )
        .where(verdict.dataset_id == dataset_id, verdict.label_set == label_set)
        .order_by(verdict.annotation_id, verdict.keypoint, verdict.revision)
    )
    # The driver's own tuples: to wrap every row takes as long again as to read it.
    cursor = session.connection().execute(query).cursor
    return np.array(cursor.fetchall() if cursor is not None else [], _COLUMNS)


def _histories(rows: NDArray[np.void]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first and the last row of every keypoint."""
    starts = np.ones(len(rows), np.bool_)
    place = rows[["annotation_id", "keypoint"]]
    starts[1:] = place[1:] != place[:-1]
    first = np.flatnonzero(starts)
    return first, np.append(first[1:], len(rows))[: len(first)] - 1


def _standing_rows(
    session: Session,
    dataset_id: int,
    label_set: str,
    rows: NDArray[np.void],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which places count as decided, and the row of the verdict that holds there."""
    counted, holding = np.ones(len(last), np.bool_), rows["row"][last].copy()
    if len(last) == 0:
        return counted, holding
    odd = np.flatnonzero(np.logical_or.reduceat(~rows["is_plain"], first))
    ids = np.unique(rows["annotation_id"][last[odd]]).tolist()
    histories = verdicts_of(session, dataset_id, label_set, ids)
    for n in odd.tolist():
        mine = rows[first[n] : last[n] + 1]
        holds = standing(histories[int(mine["annotation_id"][0]), int(mine["keypoint"][0])])
        if holds is not None:
            counted[n] = holds.kind is not VerdictKind.UNSURE
            holding[n] = mine["row"][holds.revision - mine["revision"][0]]
    return counted, holding


def _as_changes(
    given: NDArray[np.void], now: NDArray[np.void], holding: NDArray[np.int64]
) -> Changes:
    return Changes(
        annotation_id=now["annotation_id"],
        image_id=now["image_id"],
        category_id=now["category_id"],
        span_bytes=np.stack([now["span_start"], now["span_end"]], axis=1),
        keypoint=now["keypoint"],
        given_xy_image_px=np.stack([given["from_x"], given["from_y"]], axis=1),
        given=given["from_v"].astype(np.uint8),
        current_xy_image_px=np.stack([now["to_x"], now["to_y"]], axis=1),
        current=now["to_v"].astype(np.uint8),
        verdict_row=holding,
    )


def _label(xy: NDArray[np.float64], flags: NDArray[np.uint8], n: int) -> Label:
    x, y = xy[n].tolist()
    return Label(x, y, Visibility(int(flags[n])))
