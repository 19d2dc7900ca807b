"""Take-over: jobs that nobody is really at go back to the queue, where a living worker is next."""

import time
from collections.abc import Callable, Collection
from datetime import datetime

from app.workflow.workspace import Workspace
from db import workers

Clock = Callable[[], float]


class TakeOver:
    """Watches for jobs whose worker has been silent for a minute.

    By this process's own clock, since those of machines need not agree. A worker's own job counts
    as well if the worker is not at it: one whose end could not be kept, for want of disk space.

    Args:
        at_work: the jobs this process is at.
    """

    def __init__(
        self,
        ws: Workspace,
        me: str,
        *,
        at_work: Callable[[], Collection[str]],
        silent_s: float,
        clock: Clock = time.monotonic,
    ) -> None:
        self._ws, self._me, self._silent_s, self._clock = ws, me, silent_s, clock
        self._at_work = at_work
        self._heard: dict[str, tuple[datetime | None, float]] = {}  # by job

    def look(self) -> list[str]:
        """Put back the jobs of the silent; gives whose, each name once."""
        seen = {worker.name: worker.seen_at for worker in workers.list_all(self._ws.engine)}
        seen.pop(self._me, None)  # we live, but that says nothing of a job we are not at
        watched = {
            job: worker
            for job, worker in self._ws.job_store.at_work().items()
            if worker != self._me or job not in self._at_work()
        }
        now = self._clock()
        self._heard = {
            job: self._last_heard(job, seen.get(worker), now) for job, worker in watched.items()
        }
        silent = {
            job: watched[job]
            for job, (_, since) in self._heard.items()
            if now - since >= self._silent_s
        }
        put_back = self._ws.job_store.put_back
        return sorted({name for job, name in silent.items() if put_back(job, name)})

    def _last_heard(
        self, job: str, seen_at: datetime | None, now: float
    ) -> tuple[datetime | None, float]:
        known = self._heard.get(job)
        return known if known is not None and known[0] == seen_at else (seen_at, now)
