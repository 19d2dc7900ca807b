"""How much annotators have done since a moment, kept in the process: only what is new is read."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from app.workflow.recent import Recent
from db.own_work import OwnPerson, OwnPlace, work_since

# A verdict is written a moment after its time was taken, perhaps by a machine with another clock.
LATE = timedelta(minutes=1)
KEPT = 64  # annotators; 20,000 keypoints take 5 MB


@dataclass(frozen=True)
class WorkDone:
    """How many keypoints somebody decided on, of how many persons; each counts once."""

    keypoints: int
    persons: int


class WorkSoFar:
    """The work of those who were there last."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._counts: Recent[tuple[str, datetime], _Count] = Recent(KEPT)

    def of(self, annotator: str, since: datetime) -> WorkDone:
        """What an annotator has decided since then, in all datasets and label sets."""
        key = annotator, since
        return self._counts.get(key, lambda: _Count(self._engine, annotator, since)).now()


class _Count:
    """What one annotator has decided since a moment."""

    def __init__(self, engine: Engine, annotator: str, since: datetime) -> None:
        self._engine, self._annotator, self._since = engine, annotator, since
        self._lock = threading.Lock()
        self._from = since
        self._datasets: frozenset[int] = frozenset()
        self._places: set[OwnPlace] = set()
        self._persons: set[OwnPerson] = set()

    def now(self) -> WorkDone:
        """As of now."""
        with self._lock:
            new = work_since(self._engine, self._annotator, self._from)
            if new.datasets != self._datasets:
                # What was deleted counts no more; a newer version of a file has other ids.
                new = work_since(self._engine, self._annotator, self._since)
                self._datasets, self._from = new.datasets, self._since
                self._places, self._persons = set(), set()
            self._places |= new.places
            self._persons |= {place.person for place in new.places}
            if new.last is not None:
                self._from = max(self._from, new.last - LATE)
            return WorkDone(len(self._places), len(self._persons))
