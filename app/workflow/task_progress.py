"""What a verb in a process of its own tells about itself: a small JSON file, always whole."""

import json
import time
from pathlib import Path

from core.data.whole_file import write_whole

SHORTEST_GAP_S = 0.2  # at most five writes a second


class TaskProgress:
    """Writes how far a task is, not too often, and its last words, always."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._wrote_at = 0.0

    def __call__(self, fraction: float) -> None:
        """Say how far it is, 0..1."""
        now = time.monotonic()
        if now - self._wrote_at >= SHORTEST_GAP_S:
            self._wrote_at = now
            self._write("running", fraction, "")

    def end(self, state: str, message: str) -> None:
        """Say what became of it: done, failed or cancelled."""
        self._write(state, 1.0 if state == "done" else 0.0, message)

    def _write(self, state: str, fraction: float, message: str) -> None:
        said = {"state": state, "fraction": round(fraction, 4), "message": message}
        write_whole(self._file, json.dumps(said).encode())
