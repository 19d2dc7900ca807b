"""Ranking: the flags of a whole dataset beside what a run says of them, kept in the process."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from app.workflow.decided import Decided, DecidedSoFar
from app.workflow.queue_order import Order, OrderKey, order_of
from app.workflow.recent import Recent
from core.data.listing import DatasetInfo
from core.data.prediction import FloatArray
from core.data.skeleton import Skeleton, fitted_skeleton
from core.label_consistency.scores import NO_FLAG, flag_suspicion, suggested_flags
from db import ranking as reading
from db import runs

KEPT = 4  # rankings; one of 150,000 people takes 30 MB
KEPT_ORDERS = 8  # of 2.5 million keypoints one takes 23 MB
KEPT_LABEL_SETS = 8  # 15 MB each
_UNKNOWN = -1


@dataclass(frozen=True)
class Ranking:
    """Everybody with a keypoint list who is no crowd, N people in the order of the file.

    Attributes:
        annotation_id, image_id: (N,) int64.
        skeleton: (N,) int64, index in `skeletons`.
        skeletons: those that are there, each as long as its people's lists.
        given: (N, K) uint8, K that of the longest list; `NO_FLAG` where there is no keypoint.
        suggested: (N, K) uint8, the run's likeliest flag; `NO_FLAG` where it says nothing.
        suspicion: (N, K) float32 in 0..1, 1 = surely wrong; NaN where the run says nothing.
    """

    annotation_id: NDArray[np.int64]
    image_id: NDArray[np.int64]
    skeleton: NDArray[np.int64]
    skeletons: tuple[Skeleton, ...]
    given: NDArray[np.uint8]
    suggested: NDArray[np.uint8]
    suspicion: FloatArray

    @property
    def width(self) -> int:
        """K, the length of the longest list of keypoints."""
        return int(self.given.shape[1])

    @cached_property
    def _by_id(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        order = np.argsort(self.annotation_id)
        return self.annotation_id[order], order

    def rows_of(self, annotation_ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """(M,) the row of each annotation; -1 for who is not in it."""
        ids, rows = self._by_id
        if len(ids) == 0:
            return np.full(len(annotation_ids), _UNKNOWN)
        place = np.minimum(np.searchsorted(ids, annotation_ids), len(ids) - 1)
        return np.where(ids[place] == annotation_ids, rows[place], _UNKNOWN)

    def row_of(self, annotation_id: int) -> int | None:
        """The row of an annotation; None where it is not in it."""
        row = int(self.rows_of(np.array([annotation_id], np.int64))[0])
        return None if row == _UNKNOWN else row


class Rankings:
    """The rankings asked for last, of any dataset and run."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._unranked: Recent[int, Ranking] = Recent(KEPT)
        self._ranked: Recent[tuple[int, int], Ranking] = Recent(KEPT)
        self._orders: Recent[tuple[int, int | None, OrderKey], Order] = Recent(KEPT_ORDERS)
        self._decided: Recent[tuple[int, str], DecidedSoFar] = Recent(KEPT_LABEL_SETS)

    def of(self, dataset: DatasetInfo, run: str | None) -> Ranking:
        """The ranking by a run; without one nothing is suspected.

        Raises:
            UserError: there is no such run.
        """
        return self._of(dataset, self._run_id(dataset, run))

    def ordered(
        self, dataset: DatasetInfo, run: str | None, key: OrderKey
    ) -> tuple[Ranking, Order]:
        """The ranking by a run, and an order of it.

        Raises:
            UserError: there is no such run.
        """
        run_id = self._run_id(dataset, run)
        ranking = self._of(dataset, run_id)
        order = self._orders.get((dataset.id, run_id, key), lambda: order_of(ranking, key))
        return ranking, order

    def decided(self, dataset: DatasetInfo, label_set: str) -> Decided:
        """What is decided now in a label set, row by row of the dataset's rankings."""
        return self._decided.get(
            (dataset.id, label_set),
            lambda: DecidedSoFar(self._engine, dataset.id, label_set, self._of_dataset(dataset)),
        ).now()

    def _run_id(self, dataset: DatasetInfo, run: str | None) -> int | None:
        return None if run is None else runs.run_id_of(self._engine, dataset.id, run)

    def _of(self, dataset: DatasetInfo, run_id: int | None) -> Ranking:
        if run_id is None:
            return self._of_dataset(dataset)
        return self._ranked.get(
            (dataset.id, run_id),
            lambda: ranked(
                self._of_dataset(dataset), reading.flag_probabilities_of_run(self._engine, run_id)
            ),
        )

    def _of_dataset(self, dataset: DatasetInfo) -> Ranking:
        return self._unranked.get(
            dataset.id,
            lambda: unranked(
                reading.flags_of_dataset(self._engine, dataset.id),
                {category.id: category.skeleton for category in dataset.categories},
            ),
        )


def unranked(flags: reading.DatasetFlags, skeletons: Mapping[int, Skeleton | None]) -> Ranking:
    """The flags of a dataset, with nothing said of them.

    Args:
        flags: everybody's.
        skeletons: by category.
    """
    categories, category = np.unique(flags.category_id, return_inverse=True)
    # One number for both, as NumPy sorts numbers a hundred times faster than pairs.
    pairs, pair = np.unique(category << 32 | flags.size, return_inverse=True)
    kinds = [(int(categories[each >> 32]), each & 0xFFFFFFFF) for each in pairs.tolist()]
    return Ranking(
        annotation_id=flags.annotation_id,
        image_id=flags.image_id,
        skeleton=pair.astype(np.int64),
        skeletons=tuple(
            fitted_skeleton(skeletons.get(category_id), size) for category_id, size in kinds
        ),
        given=flags.flags,
        # One value seen everywhere, in no memory.
        suggested=np.broadcast_to(np.uint8(NO_FLAG), flags.flags.shape),
        suspicion=np.broadcast_to(np.float32(np.nan), flags.flags.shape),
    )


def ranked(people: Ranking, said: reading.RunFlags) -> Ranking:
    """The same people with a run's opinion, mapped by keypoint name to each one's own skeleton.

    Made-up names are nobody's: of a dataset without names a run says nothing. This function and
    `flag_suspicion` are all there is to a ranking; a better one fills `suspicion` otherwise.
    """
    suggested = np.full(people.given.shape, NO_FLAG, np.uint8)
    suspicion = np.full(people.given.shape, np.nan, np.float32)
    rows = people.rows_of(said.annotation_id)
    for index, skeleton in enumerate(people.skeletons):
        if not skeleton.named:
            continue
        mine = np.flatnonzero((rows >= 0) & (people.skeleton[rows] == index))
        p = _in_order_of(skeleton, said, mine)  # (n, K of the skeleton, 3)
        into, size = rows[mine], skeleton.size
        suggested[into, :size] = suggested_flags(p)
        suspicion[into, :size] = flag_suspicion(people.given[into, :size], p)
    return Ranking(
        annotation_id=people.annotation_id,
        image_id=people.image_id,
        skeleton=people.skeleton,
        skeletons=people.skeletons,
        given=people.given,
        suggested=suggested,
        suspicion=suspicion,
    )


def _in_order_of(
    skeleton: Skeleton, said: reading.RunFlags, chosen: NDArray[np.int64]
) -> FloatArray:
    """(n, K, 3) of the n chosen people, K the skeleton's; NaN for what the run does not know."""
    places = skeleton.places_in(Skeleton(said.keypoint_names))
    p: FloatArray = said.p[chosen]
    if not np.array_equal(places, np.arange(p.shape[1])):
        p = p[:, places]
        p[:, places < 0] = np.nan
    return p
