"""The whole program as people start it, killed piece by piece while somebody labels by key."""

import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from db.session import read
from db.tables import VerdictRow
from tests.browser.harness import ROOT, START_S, App, Visitor
from tests.browser.people import People

BACK_S = 90.0  # a killed web process is back and has answered; the pause before is 30 s at most
PACE_MS = 60  # between two keys
WEB, WORKER = "streamlit", "worker"  # words of their command lines
FLAG_OF = {"visible": 1, "hidden": 0, "not labelled": 2}  # the next to choose, after the one shown

# Every decision passes here on its way to be kept over a reload: what the editor has taken, whether
# or not a key found it.
WATCH = """() => {
  const put = Storage.prototype.setItem;
  window.decided = {};
  Storage.prototype.setItem = function (name, value) {
    if (name === "halfseen-unsaved") {
      for (const { item, step, edit } of JSON.parse(value)) {
        window.decided[step] ??= [item, edit.keypoint, edit.v];
      }
    }
    return put.call(this, name, value);
  };
}"""
LOOK = """() => {
  const hosts = [...document.querySelectorAll('[data-testid="stBidiComponentIsolated"]')];
  const editor = hosts.map((host) => host.shadowRoot?.querySelector(".editor")).find(Boolean);
  const unsaved = JSON.parse(sessionStorage.getItem("halfseen-unsaved") ?? "[]");
  const row = editor?.querySelector(`[data-row="${editor.dataset.active}"]`);
  return {
    decided: window.decided,
    pending: unsaved.map(({ step }) => step),
    row: row?.getAttribute("aria-label") ?? "",
    saved: editor?.querySelector(".saved")?.textContent ?? "",
  };
}"""


@dataclass(frozen=True)
class Served:
    """`python -m app serve`, running."""

    app: App
    process: subprocess.Popen[bytes]

    def kill(self, *words: str) -> list[str]:
        """Kill the living children whose command lines hold one of the words; which there were."""
        killed = []
        for pid in _children(self.process.pid):
            command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
            for word in words:
                if word in command:
                    os.kill(pid, signal.SIGKILL)
                    killed.append(word)
        return killed

    @property
    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.app.address}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@contextmanager
def serving(data_dir: Path, log: Path, port: int) -> Iterator[Served]:
    """The program, started by its own command line, and at the end stopped."""
    environment = os.environ | {
        "HALFSEEN_DATA_DIR": str(data_dir),
        "HALFSEEN_DEVICE": "cpu",
        "PORT": str(port),
    }
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve"],
            cwd=ROOT,
            env=environment,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
        try:
            served = Served(App(f"http://localhost:{port}", data_dir, log), process)
            end = time.monotonic() + START_S
            while not served.answers or len(_children(process.pid)) < 2:
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < end, log.read_text()
                time.sleep(0.2)
            yield served
        finally:
            process.terminate()
            process.wait(timeout=30)


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@dataclass
class Tally:
    """What came of the kills.

    Attributes:
        kills: which processes, in order.
        decided: steps the editor took.
        acknowledged: of these, those that were acknowledged before the last key.
        lost: steps acknowledged, or decided and never written by the end; must be none.
        said_unsaved: after how many kills the editor said that something is not saved.
        back_s: after each kill of the web process, until something was acknowledged again.
    """

    kills: list[str] = field(default_factory=list)
    decided: int = 0
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    said_unsaved: int = 0
    back_s: list[float] = field(default_factory=list)


class Labeller:
    """Somebody who labels without a pause, whatever the server does."""

    def __init__(self, visitor: Visitor, people: People) -> None:
        self.visitor, self.people = visitor, people
        self.keys = 0
        self.said: set[str] = set()

    def begin(self) -> None:
        self.visitor.page.add_init_script(f"({WATCH})()")
        self.visitor.go(self.people.page)
        self.visitor.wait_for_editor()

    def look(self) -> dict[str, Any]:
        found: dict[str, Any] = self.visitor.page.evaluate(LOOK)
        self.said.add(found["saved"].partition(":")[0].split("(")[0])
        return found

    def press(self) -> None:
        """Decide on the active keypoint; now and then go to another keypoint or person."""
        page = self.visitor.page
        self.keys += 1
        row = self.look()["row"]
        shown = row.rpartition(", now ")[2].rpartition(",")[0]
        # Where there is no label yet a flag needs a place, too: another story.
        if "given not labelled" not in row:
            page.keyboard.press(f"Shift+Digit{FLAG_OF.get(shown, 1)}")
        if self.keys % 4 == 0 or "given not labelled" in row:
            page.keyboard.press("ArrowDown")
        if self.keys % 25 == 0:
            page.keyboard.press("n" if self.keys % 50 else "p")
        page.wait_for_timeout(PACE_MS)

    def acknowledged(self) -> set[str]:
        seen = self.look()
        return set(seen["decided"]) - set(seen["pending"])

    def written(self) -> dict[str, tuple[int, int, int]]:
        """The steps on disk, in their order."""
        row = VerdictRow
        with read(self.people.ws.engine) as session:
            rows = session.execute(
                select(row.step, row.annotation_id, row.keypoint, row.to_v)
                .where(row.annotator == "Ada")
                .order_by(row.id)
            )
            return {step: (item, keypoint, v) for step, item, keypoint, v in rows}


def killed_at_work(
    served: Served, labeller: Labeller, kills: Sequence[Sequence[str]], *, chance: random.Random
) -> Tally:
    """Label, kill, label on until something is acknowledged again; and so on."""
    tally = Tally()
    for words in kills:
        for _ in range(chance.randint(5, 15)):
            labeller.press()
        before = labeller.acknowledged()
        labeller.said.clear()
        assert served.kill(*words), f"none of {words} was alive"
        began = time.monotonic()
        tally.kills.append(" and ".join(words))
        tally.lost += sorted(before - set(labeller.written()))
        decided = set(labeller.look()["decided"])
        while WEB in words and not labeller.acknowledged() - decided:
            waited_s = time.monotonic() - began
            assert waited_s < BACK_S, f"nothing saved since kill {len(tally.kills)}"
            labeller.press()
        if WEB in words:
            tally.back_s.append(time.monotonic() - began)
        tally.said_unsaved += any(said.startswith("not saved") for said in labeller.said)
    tally.acknowledged = len(labeller.acknowledged())
    labeller.visitor.wait_until_saved()
    decided_steps = labeller.look()["decided"]
    written = labeller.written()
    tally.decided = len(decided_steps)
    tally.lost += sorted(decided_steps.keys() - written.keys())
    return tally


def by_place(steps: dict[str, Any]) -> dict[tuple[int, int], list[int]]:
    """The flags chosen for each keypoint of each person, in order."""
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    for item, keypoint, v in steps.values():
        found[item, keypoint].append(v)
    return dict(found)
