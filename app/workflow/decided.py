"""Which keypoints of a dataset are decided in a label set, kept up to date by what is new."""

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from db.decisions import Decisions, decisions_since

if TYPE_CHECKING:
    from app.workflow.ranking import Ranking


@dataclass(frozen=True)
class Decided:
    """How the people of a ranking stand in a label set.

    Attributes:
        touched: (T,) rows of the ranking that have a verdict, in order.
        decided: (N, K) bool, somebody chose, took or confirmed the label and was not unsure.
        flag: (N, K) uint8, the current ones; `NO_FLAG` where there is no keypoint.
    """

    touched: NDArray[np.int64]
    decided: NDArray[np.bool_]
    flag: NDArray[np.uint8]


class DecidedSoFar:
    """The verdicts of one label set as arrays.

    What is handed out is read only by others while this goes on: a row changes from one true
    state to the next.
    """

    def __init__(self, engine: Engine, dataset_id: int, label_set: str, people: "Ranking") -> None:
        self._engine, self._dataset_id, self._label_set = engine, dataset_id, label_set
        self._people = people
        self._lock = threading.Lock()
        self._last = 0
        shape = people.given.shape
        self._revision = np.zeros(shape, np.int32)
        self._touched = np.zeros(shape[0], np.bool_)
        self._decided = np.zeros(shape, np.bool_)
        self._flag = people.given.copy()

    def now(self) -> Decided:
        """As of now."""
        with self._lock:
            new = decisions_since(self._engine, self._dataset_id, self._label_set, self._last)
            self._take_in(new)
            return Decided(np.flatnonzero(self._touched), self._decided, self._flag)

    def _take_in(self, new: Decisions) -> None:
        self._last = new.last
        rows = self._people.rows_of(new.annotation_id)
        # Crowds have no row; a revision known already is no news.
        news = rows >= 0
        news[news] = new.revision[news] > self._revision[rows[news], new.keypoint[news]]
        place = rows[news], new.keypoint[news]
        self._revision[place] = new.revision[news]
        self._decided[place] = new.decided[news]
        self._flag[place] = new.flag[news]
        self._touched[rows[news]] = True


def is_reviewed(matching: NDArray[np.bool_], decided: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(n,) whether every matching keypoint of each of n people is decided; both (n, K)."""
    return np.logical_not((matching & ~decided).any(axis=-1))
