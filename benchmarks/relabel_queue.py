"""The queue on the 149,813-person file of COCO and a run over it, against its budgets.

    python benchmarks/relabel_queue.py [FILE.json.gz]

What somebody waits for: a queue opened first in a process (in processes of their own), a filter
chosen, the next item, with nothing and with thousands of items reviewed. The run is drawn by
chance; without the file so are the labels. Times are wall-clock, with the processor's beside them:
where that is less than half the budget, a missed one says that others use the machine.
"""

import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np

from app.settings import Settings
from app.workflow.import_dataset import import_dataset
from app.workflow.open_queue import OpenQueue
from app.workflow.queue import Item, Queue, Unit
from app.workflow.relabel_item import load_window
from app.workflow.workspace import Workspace, open_workspace
from core.data.listing import DatasetInfo
from core.data.prediction import Prediction
from core.data.review import MAIN, Edit, VerdictKind
from core.data.skeleton import COCO_NAMES
from core.data.visibility import Visibility
from db import people, runs, verdicts

FILE = ROOT.parent / "shared" / "data" / "coco2017_labels" / "person_keypoints_train2017.json.gz"
PERSONS = 149_813
RUN = "drawn-1"
OPENED = 5  # processes
STEPS = 60  # items gone through, one after the other
REVIEWED = 5_000  # persons
FIRST_S, NEXT_MS = 1.0, 20.0
FIRST = """
import sys, time
from pathlib import Path
from app.settings import Settings
from app.workflow.queue import Queue, Unit
from app.workflow.relabel_item import load_window
from app.workflow.workspace import open_workspace
ws = open_workspace(Settings(data_dir=Path(sys.argv[1])))
began, cpu = time.perf_counter(), time.process_time()
queue = Queue(unit=Unit(sys.argv[2]), run=sys.argv[3] or None, reviewed=False)
assert load_window(ws, "train", queue, annotator="first", at=None, anchor=None, hand_out=False)
print(time.perf_counter() - began, time.process_time() - cpu)
"""


class Took(NamedTuple):
    """How long something took."""

    wall_s: float
    cpu_s: float


class Watch:
    """Measures one piece of work after the other."""

    def __init__(self) -> None:
        self.took: list[Took] = []

    @contextmanager
    def measuring(self) -> Iterator[None]:
        """Measure what is done inside."""
        began, cpu = time.perf_counter(), time.thread_time()
        yield
        self.took.append(Took(time.perf_counter() - began, time.thread_time() - cpu))


class Budgets:
    """Prints every figure beside its budget and remembers whether one was missed."""

    def __init__(self) -> None:
        self.missed = 0

    def say(self, what: str, took: list[Took], budget_s: float) -> None:
        """One line; the median should not be above the budget."""
        walls = [each.wall_s for each in took]
        middle, high = median(walls), quantiles(walls, n=20, method="inclusive")[-1]
        cpu = median(each.cpu_s for each in took)
        verdict = "ok" if middle <= budget_s else "machine busy"
        if middle > budget_s < 2 * cpu:
            verdict = "MISSED"
            self.missed += 1
        print(
            f"{what:<56} median {middle * 1e3:7.1f} ms  p95 {high * 1e3:7.1f} ms"
            f"  cpu {cpu * 1e3:6.1f} ms  budget {budget_s * 1e3:g} ms {verdict}",
            flush=True,
        )


def main() -> int:
    """Measure everything; 1 if a budget was missed."""
    packed = Path(sys.argv[1]) if len(sys.argv) > 1 else FILE
    budgets = Budgets()
    with tempfile.TemporaryDirectory(prefix="halfseen-bench-") as name:
        ws = open_workspace(Settings(data_dir=Path(name) / "data"))
        dataset = import_dataset(ws, "train", the_file(packed, Path(name)))
        write_run(ws, dataset)
        print(f"{dataset.num_annotations:,} persons, {dataset.num_images:,} images, a run")
        measure_opening(budgets, ws, "nothing reviewed")
        measure_going_on(budgets, ws, "nothing reviewed")
        measure_filters(budgets, ws, dataset)
        review(ws, dataset)
        print(f"{REVIEWED:,} persons reviewed, every keypoint of them")
        measure_opening(budgets, ws, "thousands reviewed")
        measure_going_on(budgets, ws, "thousands reviewed")
        measure_progress(budgets, ws, dataset)
        ws.close()
    return 1 if budgets.missed else 0


def measure_opening(budgets: Budgets, ws: Workspace, when: str) -> None:
    """The first queue a process opens."""
    for unit in Unit:
        for run in (RUN, ""):
            said = [measured(FIRST, str(ws.data_dir), unit.value, run) for _ in range(OPENED)]
            took = [Took(*map(float, each.split())) for each in said]
            how = "by suspicion" if run else "as in the file"
            budgets.say(f"first opening, {unit.value} {how}, {when}", took, FIRST_S)


def measure_going_on(budgets: Budgets, ws: Workspace, when: str) -> None:
    """The next item, and the next."""
    for unit in Unit:
        queue = Queue(unit=unit, run=RUN, reviewed=False)
        budgets.say(f"next window, {unit.value}, {when}", going_on(ws, queue), NEXT_MS / 1e3)


def going_on(ws: Workspace, queue: Queue) -> list[Took]:
    """How long each of many steps through a queue takes."""
    watch = Watch()
    at: Item | None = None
    for _ in range(STEPS):
        with watch.measuring():
            window = load_window(
                ws, "train", queue, annotator="bench", at=at, anchor=None, hand_out=at is not None
            )
        assert window is not None
        assert window.here is not None
        entry = window.order[window.here + 1]
        at = Item(entry.annotation_id, entry.keypoint if queue.unit is Unit.KEYPOINTS else None)
    return watch.took[1:]  # the first opens the queue


def measure_filters(budgets: Budgets, ws: Workspace, dataset: DatasetInfo) -> None:
    """Choosing other filters: each is new."""
    queues = [
        Queue(unit=unit, run=RUN, keypoint=keypoint, given=given, suggested=suggested)
        for unit in Unit
        for keypoint in (None, "left_wrist")
        for given in (None, *Visibility)
        for suggested in (None, Visibility.OCCLUDED)
    ]
    for unit in Unit:
        watch = Watch()
        for queue in (queue for queue in queues if queue.unit is unit):
            with watch.measuring():
                OpenQueue(ws, dataset, queue).part(None)
        budgets.say(f"another filter, {unit.value}", watch.took, FIRST_S)


def measure_progress(budgets: Budgets, ws: Workspace, dataset: DatasetInfo) -> None:
    """The counts beside the editor."""
    queue = Queue(run=RUN)
    watch = Watch()
    for _ in range(STEPS):
        with watch.measuring():
            found = OpenQueue(ws, dataset, queue).progress()
    budgets.say("progress of the queue", watch.took, NEXT_MS / 1e3)
    print(f"  {found}")


def measured(program: str, *arguments: str) -> str:
    """Run a program in a process of its own; gives what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def the_file(packed: Path, folder: Path) -> Path:
    """The labels; as many drawn by chance where the file is not here."""
    file = folder / "train.json"
    if packed.is_file():
        file.write_bytes(gzip.decompress(packed.read_bytes()))
        return file
    print(f"{packed} is not here; labels are drawn by chance.")
    rng = np.random.default_rng(1)
    flags = rng.choice(3, size=(PERSONS, len(COCO_NAMES)), p=[0.5, 0.1, 0.4])
    places = rng.integers(1, 400, size=(PERSONS, len(COCO_NAMES), 2))
    images = PERSONS // 3 + 1
    everybody = [
        {"id": n + 1, "image_id": n // 3 + 1, "category_id": 1, "bbox": [1, 1, 400, 400],
         "area": 160_000, "iscrowd": 0, "num_keypoints": int((v > 0).sum()),
         "keypoints": np.where(v[:, None] > 0, np.c_[xy, v], 0).reshape(-1).tolist()}
        for n, (v, xy) in enumerate(zip(flags, places, strict=True))
    ]  # fmt: skip
    coco = {
        "images": [
            {"id": n, "file_name": f"{n}.jpg", "width": 640, "height": 480}
            for n in range(1, images + 1)
        ],
        "annotations": everybody,
        "categories": [{"id": 1, "name": "person", "keypoints": COCO_NAMES, "skeleton": []}],
    }
    file.write_text(json.dumps(coco))
    return file


def write_run(ws: Workspace, dataset: DatasetInfo) -> None:
    """A run over everybody, its probabilities drawn by chance."""
    rng, k = np.random.default_rng(2), len(COCO_NAMES)
    run_id = runs.begin_run(
        ws.engine,
        dataset.id,
        model="drawn",
        checkpoint_sha256="0" * 64,
        keypoint_names=COCO_NAMES,
        box_source="annotated",
    )
    for batch in people.boxes(ws.engine, dataset.id, images_per_batch=2_000):
        p = rng.dirichlet((1, 0.3, 2), (len(batch), k)).astype(np.float32)
        xy = rng.uniform(0, 400, (len(batch), k, 2)).astype(np.float32)
        said = [
            Prediction(
                image_id=box.image.id,
                annotation_id=box.annotation_id,
                index=box.index,
                box_xywh_px=np.array(box.box_xywh_px, np.float32),
                xy_image_px=xy[n],
                heat_score=p[n, :, 2],
                presence=1 - p[n, :, 0],
                visible=p[n, :, 2],
                vis3=p[n],
            )
            for n, box in enumerate(batch)
        ]
        runs.insert_predictions(ws.engine, run_id, said)
    runs.finish_run(ws.engine, run_id, RUN)


def review(ws: Workspace, dataset: DatasetInfo) -> None:
    """Confirm every keypoint of the first people of the queue."""
    part = OpenQueue(ws, dataset, Queue(run=RUN)).part(None, ahead=REVIEWED)
    edits = [
        Edit(person.annotation_id, k, 0, VerdictKind.SET, label)
        for person in people.persons(
            ws.engine, dataset.id, [entry.annotation_id for entry in part.ahead]
        )
        for k, label in enumerate(person.given)
    ]
    verdicts.append(ws.engine, dataset.id, MAIN, edits, annotator="bench", step="all")


if __name__ == "__main__":
    sys.exit(main())
