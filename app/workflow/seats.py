"""Where in a queue an annotator sits down, so that two are not handed the same person."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.workflow.queue import Item, OpenQueue, Queue, QueueEntry, QueuePart, Unit
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo
from db import desks, people

_DEFAULT = Queue()
_TRIES = 50  # at most this often somebody else is quicker


@dataclass(frozen=True)
class Seat:
    """Where an annotator sits.

    Attributes:
        at: the item on screen.
        image_id: the photo it is on.
        part: the queue around it; where it is not in the queue, around the anchor.
        in_queue: `at` is `part.here`.
        held_by: who else is at work on which annotation now.
    """

    at: Item
    image_id: int
    part: QueuePart
    in_queue: bool
    held_by: Mapping[int, str]


@dataclass(frozen=True)
class _Wish:
    """A seat to try.

    Attributes:
        around: whereabouts in the queue, where that is not `at`.
        handed_out: another's claim refuses it.
    """

    at: Item
    image_id: int
    around: Item | None
    handed_out: bool


class Usher:
    """Shows one annotator to a seat."""

    def __init__(
        self, ws: Workspace, dataset: DatasetInfo, queue: Queue, *, annotator: str
    ) -> None:
        self._ws, self._dataset, self._queue, self._annotator = ws, dataset, queue, annotator
        self._opened = OpenQueue(ws, dataset, queue)

    @property
    def opened(self) -> OpenQueue:
        """The queue as it was when the annotator came."""
        return self._opened

    def seat(self, at: Item | None, anchor: Item | None, *, hand_out: bool) -> Seat | None:
        """The seat at `at`, or where one stopped; None where there is nobody to look at.

        Raises:
            UserError: there is no such annotation.
        """
        held_by = desks.others(
            self._ws.engine, self._dataset.id, self._queue.label_set, self._annotator
        )
        wish = self._reopened(held_by) if at is None else self._asked(at, anchor, hand_out)
        for _ in range(_TRIES):
            if wish is None:
                return None
            part = self._opened.part(wish.around or wish.at, skip=held_by)
            claims = self._sit(wish, part)
            if not claims:
                in_queue = part.here is not None and wish.around is None
                return Seat(wish.at, wish.image_id, part, in_queue, held_by)
            held_by = claims
            wish = self._next_free(wish, held_by)
        return None

    def _sit(self, wish: _Wish, part: QueuePart) -> dict[int, str]:
        """Nothing when seated; else everybody's claims."""
        return desks.sit(
            self._ws.engine,
            self._dataset.id,
            self._queue.label_set,
            self._annotator,
            annotation_id=wish.at.annotation_id,
            keypoint=wish.at.keypoint,
            ahead=tuple(dict.fromkeys(entry.annotation_id for entry in part.ahead)),
            queue=_in_words(self._queue),
            handed_out=wish.handed_out,
        )

    def _asked(self, at: Item, anchor: Item | None, hand_out: bool) -> _Wish:
        entry = self._opened.entry_at(at)
        if entry is not None:
            return self._wish(entry, handed_out=hand_out)
        image_id = people.image_of_annotation(self._ws.engine, self._dataset.id, at.annotation_id)
        return _Wish(at, image_id, anchor, handed_out=False)

    def _reopened(self, held_by: Mapping[int, str]) -> _Wish | None:
        """Where one stopped, or what comes after it where somebody else is there by now."""
        desk = desks.desk_of(
            self._ws.engine, self._dataset.id, self._queue.label_set, self._annotator
        )
        stopped = None
        if desk is not None:
            stopped = self._opened.entry_at(Item(desk.annotation_id, desk.keypoint))
        if stopped is not None and stopped.annotation_id not in held_by:
            return self._wish(stopped, handed_out=True)
        return self._ahead_of(None if stopped is None else self._item(stopped), held_by)

    def _next_free(self, refused: _Wish, held_by: Mapping[int, str]) -> _Wish | None:
        """The next one nobody holds; where there is none, the refused one after all."""
        free = self._ahead_of(refused.at, held_by, else_held=False)
        if free is not None:
            return free
        return _Wish(refused.at, refused.image_id, refused.around, handed_out=False)

    def _ahead_of(
        self, at: Item | None, held_by: Mapping[int, str], *, else_held: bool = True
    ) -> _Wish | None:
        """The first that nobody holds: ahead of `at`, else of all."""
        for start, skip, handed_out in (
            (at, held_by, True),
            (None, held_by, True),
            (None, {}, False),
        ):
            ahead = self._opened.part(start, behind=0, ahead=1, skip=skip).ahead
            if ahead and (handed_out or else_held):
                return self._wish(ahead[0], handed_out=handed_out)
        return None

    def _wish(self, entry: QueueEntry, *, handed_out: bool) -> _Wish:
        return _Wish(self._item(entry), entry.image_id, None, handed_out)

    def _item(self, entry: QueueEntry) -> Item:
        of_keypoints = self._queue.unit is Unit.KEYPOINTS
        return Item(entry.annotation_id, entry.keypoint if of_keypoints else None)


def _in_words(queue: Queue) -> dict[str, str]:
    """What differs from a queue without any choice."""
    return {
        name: str(value) for name, value in vars(queue).items() if value != getattr(_DEFAULT, name)
    }
