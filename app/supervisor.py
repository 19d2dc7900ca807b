"""Keeps processes alive: starts them, restarts one that dies, stops them all cleanly."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import UserError

ROOT = Path(__file__).resolve().parent.parent
POLL_S = 0.1
GRACE_S = 10.0  # between asking a process to stop and ending it
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0  # before a restart; doubled with every quick death
QUICK_DEATH_S = 30.0
DEATHS_BEFORE_READY = 3  # then the fault is in the set-up and restarting does not help

SUPERVISED = "HALFSEEN_SUPERVISED"  # set in the environment of children

Say = Callable[[str], None]


@dataclass(frozen=True)
class Child:
    """One process to keep alive.

    Attributes:
        ready: asked until it is true once; then `greeting` is said.
        needed: without it the program is of no use. Others are started once these are ready, and
            their deaths end nobody else.
    """

    name: str
    command: tuple[str, ...]
    ready: Callable[[], bool]
    greeting: str
    needed: bool = True


def supervise(specs: Sequence[Child], *, stop: threading.Event, say: Say, data_dir: Path) -> None:
    """Keep every child alive until `stop` is set, then end them all.

    Raises:
        UserError: a child died again and again before it was ready.
    """
    # A relative data directory was meant from where the program was started.
    environment = {**os.environ, "HALFSEEN_DATA_DIR": str(data_dir), SUPERVISED: "1"}
    kept = [_Kept(spec, environment, say) for spec in specs]
    try:
        while not stop.wait(POLL_S):
            usable = all(child.was_ready for child in kept if child.spec.needed)
            for child in kept:
                if usable or child.spec.needed:
                    child.look_after()
    finally:
        _end([child.process for child in kept if child.process])


def end_with_supervisor() -> None:
    """Called by a child: ends it with its supervisor, however that ends; else does nothing."""
    if SUPERVISED in os.environ:
        threading.Thread(target=_end_at_eof, daemon=True).start()


def _end_at_eof() -> None:
    # The supervisor holds the other end and writes nothing. Not sys.stdin.read(): a thread that
    # waits in there keeps the interpreter from ending.
    os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGTERM)


@dataclass
class _Kept:
    """A child's life so far."""

    spec: Child
    environment: dict[str, str]
    say: Say
    process: subprocess.Popen[bytes] | None = None
    is_ready: bool = False
    was_ready: bool = False
    quick_deaths: int = 0
    started_at: float = 0.0
    start_again_at: float = field(default_factory=time.monotonic)

    def look_after(self) -> None:
        """Start it if it is due, greet once it is ready, note its death."""
        if self.process is None:
            if time.monotonic() >= self.start_again_at:
                self._start()
        elif self.process.poll() is not None:
            self._died(self.process.returncode)
        elif not self.is_ready and self.spec.ready():
            self.is_ready = True
            if self.spec.greeting:
                self.say("It is back." if self.was_ready else self.spec.greeting)
            self.was_ready = True

    def _start(self) -> None:
        # Streamlit greets on stdout with addresses of its own; what goes wrong is on stderr.
        self.process = subprocess.Popen(
            self.spec.command,
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.PIPE,  # closed by the system when we end: `end_with_supervisor`
            stdout=subprocess.DEVNULL,
        )
        self.started_at = time.monotonic()

    def _died(self, code: int) -> None:
        lived_s = time.monotonic() - self.started_at
        self.quick_deaths = self.quick_deaths + 1 if lived_s < QUICK_DEATH_S else 1
        if self.process and self.process.stdin:
            self.process.stdin.close()
        self.process, self.is_ready = None, False
        hopeless = self.quick_deaths >= DEATHS_BEFORE_READY and not self.was_ready
        if hopeless and self.spec.needed:
            raise UserError(
                f"The {self.spec.name} process ended {self.quick_deaths} times (exit code "
                f"{code}) before it answered.",
                remedy="Its own words are above.",
            )
        pause_s = min(FIRST_PAUSE_S * 2 ** (self.quick_deaths - 1), LONGEST_PAUSE_S)
        self.start_again_at = time.monotonic() + pause_s
        self.say(f"The {self.spec.name} process ended (exit code {code}); again in {pause_s:g} s.")


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    last = time.monotonic() + GRACE_S
    for process in processes:
        try:
            process.wait(max(0.0, last - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin:
            process.stdin.close()
