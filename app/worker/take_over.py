"""Take-over: jobs of a worker silent for a minute go back to the queue, where a living one is."""

import time
from collections.abc import Callable
from datetime import datetime

from app.workflow.workspace import Workspace
from db import workers


class TakeOver:
    """Watches who falls silent, by this process's own clock: those of machines need not agree."""

    def __init__(
        self,
        ws: Workspace,
        me: str,
        *,
        silent_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ws, self._me, self._silent_s, self._clock = ws, me, silent_s, clock
        self._heard: dict[str, tuple[datetime | None, float]] = {}

    def look(self) -> list[str]:
        """Put back the jobs of the silent; gives whose."""
        seen = {worker.name: worker.seen_at for worker in workers.list_all(self._ws.engine)}
        at_work = self._ws.job_store.at_work() - {self._me}
        now = self._clock()
        self._heard = {name: self._last_heard(name, seen.get(name), now) for name in at_work}
        silent = [name for name, (_, since) in self._heard.items() if now - since >= self._silent_s]
        for name in sorted(silent):
            self._ws.job_store.put_back(name)
        return sorted(silent)

    def _last_heard(
        self, name: str, seen_at: datetime | None, now: float
    ) -> tuple[datetime | None, float]:
        known = self._heard.get(name)
        return known if known is not None and known[0] == seen_at else (seen_at, now)
