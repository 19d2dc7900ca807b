"""Whole columns of a dataset or run at once, for ranking: past the ORM, into arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, func, select

from core.data.prediction import FloatArray, p_of_flags
from db.columns import Packed, read_columns
from db.session import read
from db.tables import AnnotationRow, ImageRow, PredictionRow, RunRow

NO_KEYPOINT = 255  # in padded flags


@dataclass(frozen=True)
class DatasetFlags:
    """The imported flags of everybody with a keypoint list who is no crowd.

    N people in the order of the file: photo by photo, on a photo as annotated.

    Attributes:
        annotation_id, image_id, category_id: (N,) int64, the file's.
        size: (N,) int64, the length of the person's own list.
        flags: (N, K) uint8, K that of the longest list; `NO_KEYPOINT` beyond a person's own.
    """

    annotation_id: NDArray[np.int64]
    image_id: NDArray[np.int64]
    category_id: NDArray[np.int64]
    size: NDArray[np.int64]
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
        (image_ids, image_places), _ = read_columns(
            session,
            select(ImageRow.id, ImageRow.position).where(ImageRow.dataset_id == dataset_id),
            numbers=2,
        )
        (ids, on_image, category_ids, positions), (packed,) = read_columns(
            session,
            select(row.id, row.image_id, row.category_id, row.position, row.visibility).where(
                row.dataset_id == dataset_id, row.iscrowd.is_(False), row.visibility != b""
            ),
            numbers=4,
        )
    order = np.lexsort((positions, _looked_up(on_image, image_ids, image_places)))
    return DatasetFlags(
        ids[order],
        on_image[order],
        category_ids[order],
        packed.sizes[order],
        _padded(packed)[order],
    )


def flag_probabilities_of_run(engine: Engine, run_id: int) -> RunFlags:
    """What a run says; nobody where it has been removed.

    Somebody it found by itself counts as the annotation they were matched with.
    """
    row = PredictionRow
    about = func.coalesce(row.annotation_id, row.matched_annotation_id)
    asked = (row.run_id == run_id, about.is_not(None))
    with read(engine) as session:
        run = session.get(RunRow, run_id)
        if run is None:
            return RunFlags((), np.zeros(0, np.int64), np.zeros((0, 0, 3), np.float32))
        (ids,), (vis3,) = read_columns(
            session,
            select(about, row.vis3).where(*asked, row.vis3.is_not(None)),
            numbers=1,
        )
        k = len(run.keypoint_names)
        p = vis3.floats.reshape(len(ids), k, 3)
        if len(ids) < run.num_predictions:
            (more,), (presence, visible) = read_columns(
                session,
                select(about, row.presence, row.visible).where(
                    *asked, row.vis3.is_(None), row.presence.is_not(None), row.visible.is_not(None)
                ),
                numbers=1,
            )
            ids = np.concatenate([ids, more])
            shape = len(more), k
            apart = p_of_flags(presence.floats.reshape(shape), visible.floats.reshape(shape))
            p = np.concatenate([p, apart])
        return RunFlags(tuple(run.keypoint_names), ids, p)


def _looked_up(
    wanted: NDArray[np.int64], ids: NDArray[np.int64], values: NDArray[np.int64]
) -> NDArray[np.int64]:
    """(N,) the value of each wanted id, all of which are there."""
    order = np.argsort(ids)
    found: NDArray[np.int64] = values[order[np.searchsorted(ids[order], wanted)]]
    return found


def _padded(packed: Packed) -> NDArray[np.uint8]:
    """(N, K) uint8: lists of flags as rows, `NO_KEYPOINT` behind the shorter ones."""
    sizes, flat = packed.sizes, np.frombuffer(packed.whole, np.uint8)
    longest = int(sizes.max(initial=0))
    if sizes.min(initial=longest) == longest:
        return flat.reshape(len(sizes), longest)
    flags = np.full((len(sizes), longest), NO_KEYPOINT, np.uint8)
    flags[np.arange(longest) < sizes[:, None]] = flat
    return flags
