"""Walk through a queue: who is at a place of it, who comes before and after, what is done."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.workflow.decided import Decided, is_reviewed
from app.workflow.queue import (
    Item,
    Queue,
    QueueEntry,
    QueuePart,
    QueueProgress,
    Standing,
    Unit,
)
from app.workflow.queue_order import NOBODY, NOWHERE, Order, OrderKey
from app.workflow.ranking import Ranking
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo
from core.data.visibility import Visibility
from core.label_consistency.scores import NO_FLAG

_FIRST_CHUNK = 64  # items looked at for whether they are reviewed; then ever more


class _Listed(NamedTuple):
    """Some places of an order, nearest first, and whether there are more."""

    places: list[int]
    more: bool


class OpenQueue:
    """A queue as it is at one moment.

    Raises:
        UserError: there is no such run.
    """

    def __init__(self, ws: Workspace, dataset: DatasetInfo, queue: Queue) -> None:
        self._queue = queue
        key = OrderKey(
            of_keypoints=queue.unit is Unit.KEYPOINTS,
            by_suspicion=queue.by_suspicion and queue.run is not None,
            keypoint=queue.keypoint,
            given=queue.given,
            suggested=queue.suggested,
            suspicion=queue.suspicion,
        )
        ranking, order = ws.rankings.ordered(dataset, queue.run, key)
        self._ranking: Ranking = ranking
        self._order: Order = order
        self._decided: Decided = ws.rankings.decided(dataset, queue.label_set)

    def entry_at(self, at: Item) -> QueueEntry | None:
        """The item as the queue has it; None where it is not in it."""
        place = self._place(at)
        return None if place is None else self._entry(place)

    def obeys(self, at: Item) -> bool:
        """Whether the item is in the queue and reviewed, or not, as the filter says."""
        place = self._place(at)
        if place is None:
            return False
        return len(self._wanted(np.array([place]), self._queue.reviewed)) > 0

    def part(
        self, at: Item | None, *, behind: int = 1, ahead: int = 5, skip: Collection[int] = ()
    ) -> QueuePart:
        """The queue around an item.

        Of one that is not in the queue nothing is behind, and ahead is what would follow it in
        the file, or, ordered by suspicion and for None, everything.

        Args:
            behind, ahead: how many to list.
            skip: annotations that are not listed.
        """
        place = None if at is None else self._place(at)
        back = range(0) if place is None else range(place - 1, -1, -1)
        start = self._turn(at) if place is None else place + 1
        before = self._list(back, behind, skip, looking_back=True)
        after = self._list(range(start, len(self._order.items)), ahead, skip)
        return QueuePart(
            behind=tuple(self._entry(p) for p in reversed(before.places)),
            here=None if place is None else self._entry(place),
            ahead=tuple(self._entry(p) for p in after.places),
            place=None if place is None else place + 1,
            total=len(self._order.items),
            is_first=not before.more,
            is_last=not after.more,
        )

    def progress(self) -> QueueProgress:
        """How far it is gone through."""
        touched = self._decided.touched
        matching = self._order.matching[touched]  # (T, K)
        done = matching & self._decided.decided[touched]
        changed = done & (self._decided.flag[touched] != self._ranking.given[touched])
        if self._queue.unit is Unit.PEOPLE:
            whole = matching.any(axis=1) & is_reviewed(matching, done)
            done, changed = whole, whole & changed.any(axis=1)
        return QueueProgress(len(self._order.items), int(done.sum()), int(changed.sum()))

    def first(self, count: int | None) -> list[tuple[QueueEntry, Standing]]:
        """The first items that obey the filter, None: all, in a queue of keypoints."""
        found: list[int] = []
        for chunk in _chunks(range(len(self._order.items))):
            found += self._wanted(chunk, self._queue.reviewed).tolist()
            if count is not None and len(found) >= count:
                break
        return [(self._entry(place), self._standing(place)) for place in found[:count]]

    def _standing(self, place: int) -> Standing:
        row, k = divmod(int(self._order.items[place]), self._ranking.width)
        return Standing(
            skeleton=self._ranking.skeletons[self._ranking.skeleton[row]],
            current=Visibility(int(self._decided.flag[row, k])),
            reviewed=bool(self._decided.decided[row, k]),
        )

    def _place(self, at: Item) -> int | None:
        """Where it is in the order; a person in a queue of keypoints is where its first one is."""
        row, k = self._ranking.row_of(at.annotation_id), self._ranking.width
        if row is None:
            return None
        if self._queue.unit is Unit.PEOPLE:
            places = self._order.place[row : row + 1]
        elif at.keypoint is None or not 0 <= at.keypoint < k:
            places = self._order.place[row * k : (row + 1) * k]
        else:
            places = self._order.place[row * k + at.keypoint :][:1]
        places = places[places != NOWHERE]
        return int(places.min()) if len(places) else None

    def _turn(self, at: Item | None) -> int:
        """What would follow an item that is not in the queue."""
        row = None if at is None else self._ranking.row_of(at.annotation_id)
        if row is None or (self._queue.by_suspicion and self._queue.run is not None):
            return 0
        if self._queue.unit is Unit.KEYPOINTS:
            row = row * self._ranking.width + ((at and at.keypoint) or 0)
        return int(np.searchsorted(self._order.items, row))

    def _list(
        self, places: range, count: int, skip: Collection[int], *, looking_back: bool = False
    ) -> _Listed:
        reviewed = self._queue.reviewed
        if looking_back and reviewed is False:
            reviewed = None
        skipped = self._ranking.rows_of(np.array(sorted(skip), np.int64))
        found: list[int] = []
        for chunk in _chunks(places):
            wanted = self._wanted(chunk, reviewed)
            if len(skipped):
                wanted = wanted[~np.isin(self._rows(wanted), skipped)]
            found += wanted.tolist()
            if len(found) > count:
                break
        return _Listed(found[:count], len(found) > count)

    def _wanted(self, places: NDArray[np.int64], reviewed: bool | None) -> NDArray[np.int64]:
        """Those of the places that are reviewed, or not; None: all."""
        if reviewed is None:
            return places
        items = self._order.items[places]
        if self._queue.unit is Unit.KEYPOINTS:
            is_done = self._decided.decided.reshape(-1)[items]
        else:
            is_done = is_reviewed(self._order.matching[items], self._decided.decided[items])
        wanted: NDArray[np.int64] = places[is_done == reviewed]
        return wanted

    def _rows(self, places: NDArray[np.int64]) -> NDArray[np.int32]:
        items = self._order.items[places]
        return items // self._ranking.width if self._queue.unit is Unit.KEYPOINTS else items

    def _entry(self, place: int) -> QueueEntry:
        ranking = self._ranking
        row, k = int(self._order.items[place]), None
        if self._queue.unit is Unit.KEYPOINTS:
            row, k = divmod(row, ranking.width)
        elif self._queue.run is not None and self._order.first[row] != NOBODY:
            k = int(self._order.first[row])
        suspicion = np.nan if k is None else float(ranking.suspicion[row, k])
        return QueueEntry(
            annotation_id=int(ranking.annotation_id[row]),
            image_id=int(ranking.image_id[row]),
            keypoint=k,
            suspicion=None if np.isnan(suspicion) else suspicion,
            given=None if k is None else _flag(ranking.given[row, k]),
            suggested=None if k is None else _flag(ranking.suggested[row, k]),
        )


def _chunks(places: range) -> Iterator[NDArray[np.int64]]:
    """The places in order, in ever larger parts."""
    start, size = 0, _FIRST_CHUNK
    while start < len(places):
        part = places[start : start + size]
        yield np.arange(part.start, part.stop, part.step, dtype=np.int64)
        start, size = start + size, 4 * size


def _flag(value: np.uint8) -> Visibility | None:
    return None if value == NO_FLAG else Visibility(int(value))
