"""Where in a queue an annotator sits down, so that two are not handed the same person."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from app.workflow.open_queue import OpenQueue
from app.workflow.queue import Item, Queue, QueueEntry, QueuePart, Unit
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo
from db import desks, people


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
        chosen: taken from what was ahead in the queue, where it obeyed the filter.
    """

    at: Item
    image_id: int
    around: Item | None
    handed_out: bool
    chosen: bool = False


class Usher:
    """Shows one annotator to a seat."""

    def __init__(
        self, ws: Workspace, dataset: DatasetInfo, queue: Queue, *, annotator: str
    ) -> None:
        self._ws, self._dataset, self._queue, self._annotator = ws, dataset, queue, annotator
        self._opened = OpenQueue(ws, dataset, queue)

    @property
    def opened(self) -> OpenQueue:
        """The queue as it was when the annotator sat down."""
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
        if wish is None:
            return None
        while True:  # others can be quicker only so often: in the end what was refused is given
            part = self._opened.part(wish.around or wish.at, skip=held_by)
            claims = self._sit(wish, part)
            if not claims and wish.chosen and not self._obeys_still(wish.at):
                wish = self._next_free(wish, held_by)  # reviewed and left by another just now
            elif not claims:
                in_queue = part.here is not None and wish.around is None
                return Seat(wish.at, wish.image_id, part, in_queue, held_by)
            else:
                held_by = claims
                wish = self._next_free(wish, held_by)

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
            handed_out=wish.handed_out,
        )

    def _asked(self, at: Item, anchor: Item | None, hand_out: bool) -> _Wish:
        entry = self._opened.entry_at(at)
        if entry is not None:
            return self._wish(entry, handed_out=hand_out)
        image_id = people.image_of_annotation(self._ws.engine, self._dataset.id, at.annotation_id)
        return _Wish(at, image_id, anchor, handed_out=False)

    def _reopened(self, held_by: Mapping[int, str]) -> _Wish | None:
        """Where one stopped; where that is another's by now, or not asked for, what is free."""
        desk = desks.desk_of(
            self._ws.engine, self._dataset.id, self._queue.label_set, self._annotator
        )
        entry, stopped = None, None
        if desk is not None:
            stopped = Item(desk.annotation_id, desk.keypoint)
            entry = self._opened.entry_at(stopped)
        is_free = entry is not None and entry.annotation_id not in held_by
        if entry is not None and is_free and self._opened.obeys(self._item(entry)):
            return self._wish(entry, handed_out=True)
        free = self._ahead_of(stopped if entry else None, held_by) or self._ahead_of(None, held_by)
        if free is not None:
            return self._wish(free, handed_out=True, chosen=True)
        held = self._ahead_of(None, {})
        return None if held is None else self._wish(held, handed_out=False)

    def _next_free(self, refused: _Wish, held_by: Mapping[int, str]) -> _Wish:
        """The next one nobody holds; where there is none, the refused one after all."""
        free = self._ahead_of(refused.at, held_by)
        if free is None:
            return replace(refused, handed_out=False, chosen=False)
        return self._wish(free, handed_out=True, chosen=True)

    def _obeys_still(self, at: Item) -> bool:
        self._opened = OpenQueue(self._ws, self._dataset, self._queue)
        return self._opened.obeys(at)

    def _ahead_of(self, at: Item | None, skip: Collection[int]) -> QueueEntry | None:
        ahead = self._opened.part(at, behind=0, ahead=1, skip=skip).ahead
        return ahead[0] if ahead else None

    def _wish(self, entry: QueueEntry, *, handed_out: bool, chosen: bool = False) -> _Wish:
        return _Wish(self._item(entry), entry.image_id, None, handed_out, chosen)

    def _item(self, entry: QueueEntry) -> Item:
        of_keypoints = self._queue.unit is Unit.KEYPOINTS
        return Item(entry.annotation_id, entry.keypoint if of_keypoints else None)
