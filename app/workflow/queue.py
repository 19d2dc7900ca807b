"""What a queue is: the filters, its items, how it lies around one of them, how far it is gone."""

from dataclasses import dataclass
from enum import StrEnum

from core.data.review import MAIN
from core.data.skeleton import Skeleton
from core.data.visibility import Visibility


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
