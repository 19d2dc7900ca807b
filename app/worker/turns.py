"""Whose turn it is on the processor: who waits at a screen goes before the next turn of a job.

A turn is one call of a model, less than a tenth of a second; nobody is interrupted in theirs.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE_S = 2.0  # a job that has waited so long gets one turn, however many visitors there are
LONGEST_PAUSE_S = 5.0  # in which photos are not read ahead


class Turns:
    """One processor, two kinds who want it.

    Args:
        clock: seconds, as `time.monotonic`.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._changed = threading.Condition()
        self._clock = clock
        self._taken = False
        self._visitors = 0  # who wait at a screen
        self._jobs_waiting_since: list[float] = []

    @contextmanager
    def visit(self) -> Iterator[None]:
        """Keep jobs back while somebody waits at a screen, also while their photo is read."""
        with self._changed:
            self._visitors += 1
        try:
            yield
        finally:
            with self._changed:
                self._visitors -= 1
                self._changed.notify_all()

    @contextmanager
    def visitor_turn(self) -> Iterator[None]:
        """Hold the processor for somebody who waits at a screen; inside of `visit`."""
        with self._changed:
            self._changed.wait_for(lambda: not self._taken and not self._a_job_is_due())
            self._taken = True
        try:
            yield
        finally:
            self._let_go()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the processor for a job, after everybody who waits at a screen."""
        with self._changed:
            since = self._clock()
            self._jobs_waiting_since.append(since)
            while self._taken or (self._visitors and not self._a_job_is_due()):
                # Nobody tells when patience is over, so it is looked at.
                self._changed.wait(PATIENCE_S / 10)
            self._jobs_waiting_since.remove(since)
            self._taken = True
        try:
            yield
        finally:
            self._let_go()

    def let_pass(self) -> None:
        """Wait while somebody at a screen is served, not for ever."""
        with self._changed:
            self._changed.wait_for(lambda: self._visitors == 0, timeout=LONGEST_PAUSE_S)

    def _a_job_is_due(self) -> bool:
        waiting = self._jobs_waiting_since
        return bool(waiting) and self._clock() - min(waiting) >= PATIENCE_S

    def _let_go(self) -> None:
        with self._changed:
            self._taken = False
            self._changed.notify_all()
