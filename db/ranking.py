"""Whole columns of a dataset or run at once, for ranking: past the ORM, into arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, Select, select
from sqlalchemy.orm import Session

from core.data.prediction import FloatArray, p_of_flags
from db.session import read
from db.tables import AnnotationRow, ImageRow, PredictionRow, RunRow

NO_KEYPOINT = 255  # in padded flags
_ROWS_AT_ONCE = 5_000


@dataclass(frozen=True)
class DatasetFlags:
    """The imported flags of everybody with a keypoint list who is no crowd.

    N people in the order of the file: photo by photo, on a photo as annotated.

    Attributes:
        annotation_id, image_id, category_id: (N,) int64, the file's.
        flags: (N, K) uint8, K that of the longest list; `NO_KEYPOINT` beyond a person's own.
    """

    annotation_id: NDArray[np.int64]
    image_id: NDArray[np.int64]
    category_id: NDArray[np.int64]
    flags: NDArray[np.uint8]


@dataclass(frozen=True)
class RunFlags:
    """What a run says of the flags of the people it was asked about, in any order.

    Attributes:
        keypoint_names: K names, of the model.
        annotation_id: (N,) int64.
        p: (N, K, 3) float32, p(v = 0, 1, 2); NaN where not predicted.
    """

    keypoint_names: tuple[str, ...]
    annotation_id: NDArray[np.int64]
    p: FloatArray


def flags_of_dataset(engine: Engine, dataset_id: int) -> DatasetFlags:
    """The imported flags; nobody where there is no such dataset."""
    row = AnnotationRow
    with read(engine) as session:
        image_ids, image_places = _columns(
            session,
            select(ImageRow.id, ImageRow.position).where(ImageRow.dataset_id == dataset_id),
            2,
        )
        ids, on_image, category_ids, positions, packed = _columns(
            session,
            select(row.id, row.image_id, row.category_id, row.position, row.visibility).where(
                row.dataset_id == dataset_id, row.iscrowd.is_(False), row.visibility != b""
            ),
            5,
        )
    image_id = np.array(on_image, np.int64)
    photo = _looked_up(image_id, np.array(image_ids, np.int64), np.array(image_places, np.int64))
    order = np.lexsort((np.array(positions, np.int64), photo))
    return DatasetFlags(
        np.array(ids, np.int64)[order],
        image_id[order],
        np.array(category_ids, np.int64)[order],
        _padded(packed)[order],
    )


def flag_probabilities_of_run(engine: Engine, run_id: int) -> RunFlags:
    """What a run says; nobody where it has been removed."""
    row = PredictionRow
    asked = (row.run_id == run_id, row.annotation_id.is_not(None))
    with read(engine) as session:
        names = session.scalar(select(RunRow.keypoint_names).where(RunRow.id == run_id)) or []
        ids, vis3 = _columns(
            session, select(row.annotation_id, row.vis3).where(*asked, row.vis3.is_not(None)), 2
        )
        ids_apart, presence, visible = _columns(
            session,
            select(row.annotation_id, row.presence, row.visible).where(
                *asked, row.vis3.is_(None), row.presence.is_not(None), row.visible.is_not(None)
            ),
            3,
        )
    k = len(names)
    apart = p_of_flags(
        _floats(presence).reshape(len(presence), k), _floats(visible).reshape(len(visible), k)
    )
    p = _floats(vis3).reshape(len(vis3), k, 3)
    return RunFlags(
        tuple(names),
        np.array([*ids, *ids_apart], np.int64),
        np.concatenate([p, apart]) if len(apart) else p,
    )


def _columns(session: Session, query: Select[*tuple[Any, ...]], count: int) -> list[list[Any]]:
    """The columns of a query, as the driver gives them: half the time of SQLAlchemy's rows.

    Taken in parts, because very many rows alive at once keep Python's garbage collector busy.
    """
    cursor = session.connection().execute(query).cursor
    columns: list[list[Any]] = [[] for _ in range(count)]
    while rows := cursor.fetchmany(_ROWS_AT_ONCE):
        for column, values in zip(columns, zip(*rows, strict=True), strict=True):
            column += values
    return columns


def _looked_up(
    wanted: NDArray[np.int64], ids: NDArray[np.int64], values: NDArray[np.int64]
) -> NDArray[np.int64]:
    """(N,) the value of each wanted id, all of which are there."""
    order = np.argsort(ids)
    found: NDArray[np.int64] = values[order[np.searchsorted(ids[order], wanted)]]
    return found


def _padded(packed: Sequence[bytes]) -> NDArray[np.uint8]:
    """(N, K) uint8: lists of flags as rows, `NO_KEYPOINT` behind the shorter ones."""
    if not packed:
        return np.zeros((0, 0), np.uint8)
    sizes = np.fromiter(map(len, packed), np.int64, len(packed))
    flat = np.frombuffer(b"".join(packed), np.uint8)
    longest = int(sizes.max())
    if sizes.min() == longest:
        return flat.reshape(-1, longest)
    flags = np.full((len(packed), longest), NO_KEYPOINT, np.uint8)
    flags[np.arange(longest) < sizes[:, None]] = flat
    return flags


def _floats(packed: Sequence[bytes]) -> FloatArray:
    return np.frombuffer(b"".join(packed), "<f4").astype(np.float32, copy=False)
