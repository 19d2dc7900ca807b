"""The queue: what an annotator goes through, and where in it somebody is."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.workflow.decided import Decided, is_reviewed
from app.workflow.queue_order import NOBODY, NOWHERE, Order, OrderKey
from app.workflow.ranking import Ranking
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo
from core.data.review import MAIN
from core.data.skeleton import Skeleton
from core.data.visibility import Visibility
from core.label_consistency.scores import NO_FLAG

_FIRST_CHUNK = 64  # items looked at for whether they are reviewed; then ever more


class Unit(StrEnum):
    """What an item is: a person, or one keypoint of a person."""

    PEOPLE = "people"
    KEYPOINTS = "keypoints"


@dataclass(frozen=True)
class Queue:
    """What to go through, in which order. A person is in it when a keypoint matches all filters.

    Crowds and people without a list of keypoints are in no queue.

    Attributes:
        run: whose opinion makes labels suspect; None: nobody's.
        by_suspicion: the most doubtful first (ties as in the file, unknown to the run last);
            else, and without a run, as in the file.
        keypoint: a name.
        given, suggested: the flag as imported, the run's likeliest.
        suspicion: at least this much, 0..1.
        reviewed: only items whose matching keypoints are all decided (True) or not all (False).
        label_set: where they are decided.
    """

    unit: Unit = Unit.PEOPLE
    run: str | None = None
    by_suspicion: bool = True
    keypoint: str | None = None
    given: Visibility | None = None
    suggested: Visibility | None = None
    suspicion: float = 0.0
    reviewed: bool | None = None
    label_set: str = MAIN


@dataclass(frozen=True)
class Item:
    """What is looked at; `keypoint` (an index) only in a queue of keypoints."""

    annotation_id: int
    keypoint: int | None = None


@dataclass(frozen=True)
class QueueEntry:
    """One place of a queue.

    Attributes:
        keypoint: the one asked about; in a queue of people the most doubtful that matches, None
            where the run doubts nothing or there is none.
        suspicion: of that keypoint in 0..1, 1 = surely wrong; None where unknown.
        given, suggested: its flags; None where unknown.
    """

    annotation_id: int
    image_id: int
    keypoint: int | None
    suspicion: float | None
    given: Visibility | None
    suggested: Visibility | None


@dataclass(frozen=True)
class QueuePart:
    """A queue around one of its items.

    Attributes:
        behind: nearest last. They may be reviewed where only open ones are ahead: one goes back
            to look at what was just done.
        ahead: nearest first.
        here: the item itself; None where it is not in the queue.
        place: of `here` from 1, whatever is reviewed; None where it is not in the queue.
        total: how many items there are, whatever is reviewed.
        is_first, is_last: nothing more is behind, ahead of what is listed.
    """

    behind: tuple[QueueEntry, ...]
    here: QueueEntry | None
    ahead: tuple[QueueEntry, ...]
    place: int | None
    total: int
    is_first: bool
    is_last: bool


@dataclass(frozen=True)
class QueueProgress:
    """How far a queue is gone through.

    Attributes:
        total: its items.
        reviewed: those whose matching keypoints are all decided.
        changed: those of them with a matching keypoint whose flag is no longer the given one.
    """

    total: int
    reviewed: int
    changed: int


@dataclass(frozen=True)
class Standing:
    """How the keypoint of an entry stands: its flag after all verdicts, whether it is decided."""

    skeleton: Skeleton
    current: Visibility
    reviewed: bool


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


def part_of_queue(
    ws: Workspace,
    dataset: DatasetInfo,
    queue: Queue,
    at: Item | None,
    *,
    behind: int = 1,
    ahead: int = 5,
    skip: Collection[int] = (),
) -> QueuePart:
    """A queue around an item; see `OpenQueue.part`.

    Raises:
        UserError: there is no such run.
    """
    return OpenQueue(ws, dataset, queue).part(at, behind=behind, ahead=ahead, skip=skip)


def progress_of(ws: Workspace, dataset: DatasetInfo, queue: Queue) -> QueueProgress:
    """How far a queue is gone through.

    Raises:
        UserError: there is no such run.
    """
    return OpenQueue(ws, dataset, queue).progress()


def _chunks(places: range) -> Iterator[NDArray[np.int64]]:
    """The places in order, in ever larger parts."""
    start, size = 0, _FIRST_CHUNK
    while start < len(places):
        part = places[start : start + size]
        yield np.arange(part.start, part.stop, part.step, dtype=np.int64)
        start, size = start + size, 4 * size


def _flag(value: np.uint8) -> Visibility | None:
    return None if value == NO_FLAG else Visibility(int(value))
