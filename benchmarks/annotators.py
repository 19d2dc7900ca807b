"""Thirty-two annotators at work at once, over the network, against one server.

    python benchmarks/annotators.py [--annotators 32] [--seconds 30] [--rate 3]

Each is a session of its own that speaks the pages' protocol over a websocket and does what the
editor in a browser does: it decides keypoint after keypoint at a steady rate, sends what is not
acknowledged, one message at a time, and goes on to the next person of the queue, which it has
loaded ahead. At the end the database is compared with what each of them decided. Budget: 80 edits
a second in all, none lost.
"""

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.settings import Settings
from app.workflow.import_dataset import import_dataset
from app.workflow.workspace import Workspace, open_workspace
from core.data.review import MAIN
from core.data.skeleton import COCO17
from db import datasets, verdicts
from tests.browser.harness import running_app
from tests.wire_visitor import WireVisitor

NAME = "crowd"
PHOTOS = 3000  # with one person each: nobody comes to the end
OPEN_S, LAST_ANSWER_S = 60.0, 30.0
BUDGET = 80.0  # edits a second


@dataclass
class Annotator:
    """One session that decides keypoint after keypoint.

    Attributes:
        decided: the flag last decided by (annotation, keypoint).
        waits_s: from each decision to the answer that it is on disk.
    """

    address: str
    name: str
    decided: dict[tuple[int, int], int] = field(default_factory=dict)
    waits_s: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    _pending: list[tuple[int, float, dict[str, Any]]] = field(default_factory=list)
    _seq: int = 0
    _answered: int = 0
    _due: bool = False

    def work(self, seconds: float, rate: float, begin: threading.Barrier) -> None:
        """When all have opened the page, decide `rate` keypoints a second."""
        self._visitor = WireVisitor(self.address, "relabel", f"dataset={NAME}", self.name)
        self._visitor.open()
        self._items: dict[int, dict[str, Any]] = {}
        self._at = -1
        self._take()
        begin.wait()
        chance = random.Random(self.name)
        end = time.monotonic() + seconds
        due = time.monotonic() + chance.random() / rate
        number = 0
        while time.monotonic() < end:
            self._hear(due - time.monotonic())
            if time.monotonic() >= due:
                due += 1 / rate
                number = self._decide(number, chance.randrange(3))
        end = time.monotonic() + LAST_ANSWER_S
        while self._pending and time.monotonic() < end:
            self._hear(1.0)
        self._visitor.close()

    def _decide(self, number: int, flag: int) -> int:
        """Decide the next keypoint; gives the number of the one after it."""
        item = self._items[self._at]
        x, y, _ = item["current"][number]
        edit = {
            "keypoint": number, "base_revision": item["revisions"][number], "kind": "set",
            "v": flag, "x": x or 5, "y": y or 5, "run": None,
        }  # fmt: skip
        item["revisions"][number] += 1
        snapshot = {
            "dataset": NAME, "version": self._window["version"], "label_set": MAIN,
            "annotator": self.name, "item": self._at,
            "step": f"{self.name}-{len(self.decided)}", "undoes": None, "edits": [edit],
        }  # fmt: skip
        self._pending.append((0, time.monotonic(), snapshot))
        self.decided[self._at, number] = flag
        if number + 1 < len(item["current"]):
            self._send()
            return number + 1
        order = [entry["id"] for entry in self._window["order"]]
        ahead = order[order.index(self._at) + 1 :] if self._at in order else order
        self._at = next(id_ for id_ in ahead if id_ in self._items)
        self._send()
        return 0

    def _send(self) -> None:
        """Say what is pending, unless the last message still waits for its answer."""
        self._due = self._answered < self._seq
        if self._due:
            return
        self._seq += 1
        self._pending = [(seq or self._seq, at, snapshot) for seq, at, snapshot in self._pending]
        place = {
            "dataset": NAME, "item": self._at, "keypoint": None,
            "reset": self._window["reset"], "handed_out": True,
        }  # fmt: skip
        self._visitor.say(
            {
                "client": self.name, "seq": self._seq, "have": self._window["n"],
                "haveUndo": self._log, "older": None, "at": place,
                "snapshots": [{**snapshot, "seq": self._seq} for _, _, snapshot in self._pending],
            }
        )  # fmt: skip

    def _hear(self, seconds: float) -> None:
        try:
            self._visitor.hear(max(seconds, 0.001))
        except TimeoutError:
            return
        self._take()

    def _take(self) -> None:
        """What the editor in a browser does with its data."""
        data = self._visitor.data or {}
        ack = data.get("ack") or {}
        if ack.get("client") == self.name:
            now, self._answered = time.monotonic(), ack["seq"]
            answered = [sent_at for seq, sent_at, _ in self._pending if 0 < seq <= ack["seq"]]
            self.waits_s += [now - sent_at for sent_at in answered]
            self._pending = [e for e in self._pending if not 0 < e[0] <= ack["seq"]]
            stale = [refusal for item in ack["items"] for refusal in item["stale"]]
            self.problems += [ack["error"]] if ack["error"] else []
            self.problems += [f"refused: {refusal}" for refusal in stale]
        if "items" in data["window"]:
            self._window = data["window"]
            for item in self._window["items"]:
                self._items.setdefault(item["id"], item)
            self._follow(int(self._window["current"]["id"]))
        if data["undo"]:
            self._log = data["undo"]["n"]
        if self._due:
            self._send()

    def _follow(self, shown: int) -> None:
        """Somebody else was quicker with what was next: another person is handed out."""
        if not any(annotation_id == self._at for annotation_id, _ in self.decided):
            self._at = shown


def _dataset(ws: Workspace, folder: Path) -> None:
    chance = random.Random(1)
    keypoints = [
        [x for _ in COCO17.names for x in (chance.randrange(5, 600), chance.randrange(5, 400), 2)]
        for _ in range(PHOTOS)
    ]
    file = folder / "crowd.json"
    file.write_text(
        json.dumps(
            {
                "images": [
                    {"id": n, "file_name": f"{n}.jpg", "width": 640, "height": 480}
                    for n in range(PHOTOS)
                ],
                "annotations": [
                    {
                        "id": n, "image_id": n, "category_id": 1, "iscrowd": 0, "area": 9,
                        "bbox": [5, 5, 600, 400], "keypoints": flat, "num_keypoints": 17,
                    }
                    for n, flat in enumerate(keypoints)
                ],
                "categories": [
                    {"id": 1, "name": "person", "keypoints": COCO17.names, "skeleton": []}
                ],
            }
        )
    )  # fmt: skip
    import_dataset(ws, NAME, file)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--annotators", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--rate", type=float, default=3.0, help="decisions a second of each")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ws = open_workspace(Settings(data_dir=folder / "data"))
        _dataset(ws, folder)
        with running_app(ws.data_dir, folder / "server.log") as app:
            crowd = [Annotator(app.address, f"a{n}") for n in range(asked.annotators)]
            begin = threading.Barrier(len(crowd) + 1, timeout=OPEN_S)
            threads = [
                threading.Thread(target=each.work, args=(asked.seconds, asked.rate, begin))
                for each in crowd
            ]
            for thread in threads:
                thread.start()
            begin.wait()
            began = time.monotonic()
            for thread in threads:
                thread.join()
            took_s = time.monotonic() - began
        _report(ws, crowd, took_s)


def _report(ws: Workspace, crowd: list[Annotator], took_s: float) -> None:
    dataset_id = datasets.find(ws.engine, NAME).id
    found = verdicts.current(ws.engine, dataset_id, MAIN, None)
    lost = sum(
        found[place].after.visibility != flag or found[place].annotator != each.name
        if place in found
        else True
        for each in crowd
        for place, flag in each.decided.items()
    )
    waits_s = [wait for each in crowd for wait in each.waits_s]
    print(
        f"{len(crowd)} annotators, {len(waits_s):,} edits acknowledged in {took_s:.1f} s: "
        f"{len(waits_s) / took_s:.1f} edits/s (budget {BUDGET:g})"
    )
    print(
        f"key to acknowledged: median {1e3 * median(waits_s):.0f} ms, "
        f"p95 {1e3 * quantiles(waits_s, n=20)[-1]:.0f} ms"
    )
    print(f"decided {sum(len(each.decided) for each in crowd):,} keypoints, lost {lost}")
    for problem in {problem for each in crowd for problem in each.problems}:
        print(problem)


if __name__ == "__main__":
    main()
