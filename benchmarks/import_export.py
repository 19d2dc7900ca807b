"""Import, export and the pages of the 149,813-person file of COCO, against their budgets.

    python benchmarks/import_export.py [FILE.json.gz]

Times are ratios to pycocotools and json.dump in the same run, CPU seconds of processes of their
own, so that a busy machine blurs them little; latencies are wall-clock.
"""

import gzip
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.settings import Settings
from app.workflow import browse, changes, datasets, export, relabel
from app.workflow.import_dataset import import_dataset
from app.workflow.relabel_table import relabel_from_csv
from app.workflow.workspace import Workspace, open_workspace

FILE = ROOT.parent / "shared" / "data" / "coco2017_labels" / "person_keypoints_train2017.json.gz"
EDITED_PERSONS, MANY_PERSONS = 1_000, 50_000
ROUNDS = 3
WRITES_EVERY_S = 0.05

# Each runs in a process of its own and prints CPU seconds, wall seconds and peak memory in MB.
MEASURED = """
import resource, sys, time
{setup}
cpu, wall = time.process_time(), time.perf_counter()
{work}
cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # KB, on macOS bytes
print(cpu, wall, peak / (1024 * 1024 if sys.platform == "darwin" else 1024))
"""
PYCOCOTOOLS = MEASURED.format(
    setup="from pycocotools.coco import COCO\nsys.stdout = sys.stderr",
    work="COCO(sys.argv[1])\nsys.stdout = sys.__stdout__",
)
JSON_DUMP = MEASURED.format(
    setup="import json\nloaded = json.load(open(sys.argv[1]))",
    work="with open(sys.argv[2], 'w') as out: json.dump(loaded, out)",
)
OPEN = """
from pathlib import Path
from app.settings import Settings
from app.workflow.workspace import open_workspace
ws = open_workspace(Settings(data_dir=Path(sys.argv[2])))
"""
IMPORT = MEASURED.format(
    setup=OPEN + "from app.workflow.import_dataset import import_dataset",
    work="import_dataset(ws, sys.argv[3], Path(sys.argv[1]))",
)
EXPORT = MEASURED.format(
    setup=OPEN + "from app.workflow.export import export_dataset",
    work="export_dataset(ws, 'train', Path(sys.argv[1]), verify={verify})",
)


@dataclass(frozen=True)
class Cost:
    """What one measured process took."""

    cpu_s: float
    wall_s: float
    peak_mb: float


def best(costs: list[Cost]) -> Cost:
    """The least of each figure."""
    return Cost(
        min(cost.cpu_s for cost in costs),
        min(cost.wall_s for cost in costs),
        min(cost.peak_mb for cost in costs),
    )


class Budgets:
    """Prints every figure beside its budget and remembers whether one was missed."""

    def __init__(self) -> None:
        self.missed = 0

    def say(self, what: str, found: float, budget: float, unit: str = "") -> None:
        """One line; `found` should not be above `budget`."""
        verdict = "ok" if found <= budget else "MISSED"
        self.missed += found > budget
        print(f"{what:<58} {found:9.3f}{unit:<3} budget {budget:g}{unit:<3} {verdict}", flush=True)


def main() -> int:
    """Measure everything; 1 if a budget was missed."""
    packed = Path(sys.argv[1]) if len(sys.argv) > 1 else FILE
    if not packed.is_file():
        print(f"{packed} is not here; nothing was measured.")
        return 0
    with tempfile.TemporaryDirectory(prefix="halfseen-bench-") as name:
        folder = Path(name)
        file = folder / "train.json"
        with gzip.open(packed) as source, file.open("wb") as out:
            shutil.copyfileobj(source, out)
        budgets = Budgets()
        ws = open_workspace(Settings(data_dir=folder / "data"))
        measure_import(budgets, ws, file, folder)
        measure_export(budgets, ws, file, folder)
        measure_pages(budgets, ws)
        measure_many_changes(budgets, ws, file, folder)
        ws.engine.dispose()
    return 1 if budgets.missed else 0


def measure_import(budgets: Budgets, ws: Workspace, file: Path, folder: Path) -> None:
    """Import against pycocotools, and single edits from this process meanwhile."""
    reference = measured(PYCOCOTOOLS, file)
    cost = measured(IMPORT, file, ws.data_dir, "train")
    budgets.say("import / pycocotools COCO(), CPU", cost.cpu_s / reference.cpu_s, 3)
    budgets.say("import / pycocotools COCO(), wall", cost.wall_s / reference.wall_s, 3)
    budgets.say("import, peak memory", cost.peak_mb, 1500, " MB")
    small = folder / "small.json"
    small.write_text(json.dumps(a_small_set()))
    import_dataset(ws, "small", small)
    alone = write_latencies_ms(ws, 0, until=lambda n: n >= 100)
    second = file.with_name("second.json")
    second.write_bytes(file.read_bytes())
    child = subprocess.Popen(
        [sys.executable, "-c", IMPORT, str(second), str(ws.data_dir), "second"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    during = write_latencies_ms(ws, len(alone), until=lambda _: child.poll() is not None)
    assert child.returncode == 0
    slower = percentile(during, 95) / percentile(alone, 95)
    print(f"single edits: {len(alone)} alone, {len(during)} during an import, p95 {slower:.1f} x")
    budgets.say("single edit alone, p95", percentile(alone, 95), 100, " ms")
    budgets.say("single edit during an import, p50", percentile(during, 50), 100, " ms")
    budgets.say("single edit during an import, p95", percentile(during, 95), 100, " ms")
    datasets.delete_dataset(ws, "second")


def measure_export(budgets: Budgets, ws: Workspace, file: Path, folder: Path) -> None:
    """Export of 1,000 edited persons against json.dump, with and without reading it again."""
    unchanged, _ = export.export_bytes(ws, "train")
    print("export without edits is byte-identical:", unchanged == file.read_bytes())
    table = folder / "verdicts.csv"
    table.write_text("\n".join(["annotation_id,keypoint,v,from_v", *random_rows(file)]))
    began = time.perf_counter()
    report = relabel_from_csv(ws, "train", table, annotator="bench")
    took_s = time.perf_counter() - began
    print(f"{report.changed} labels of {EDITED_PERSONS} persons from a table in {took_s:.2f} s")
    dumps, patched, verified = [], [], []
    for _ in range(ROUNDS):  # in turns, and the best of each: others use the machine, too
        dumps.append(measured(JSON_DUMP, file, folder / "dump.json"))
        patched.append(measured(EXPORT.format(verify=False), folder / "out.json", ws.data_dir))
        verified.append(measured(EXPORT.format(verify=True), folder / "out.json", ws.data_dir))
    reference = best(dumps)
    for what, costs, budget in (
        ("patched bytes alone", patched, 0.15),
        ("with the verifying re-read", verified, 0.5),
    ):
        cost = best(costs)
        budgets.say(f"export / json.dump, {what}, CPU", cost.cpu_s / reference.cpu_s, budget)
        budgets.say(f"export / json.dump, {what}, wall", cost.wall_s / reference.wall_s, budget)


def measure_pages(budgets: Budgets, ws: Workspace) -> None:
    """What pages ask for when they open on the large dataset."""
    total, last = browse.images_of(ws, "train", offset=56_000, limit=50)
    busiest = max(last, key=lambda image: image.num_annotations)
    pages: dict[str, Callable[[], object]] = {
        "list of datasets": lambda: datasets.list_datasets(ws),
        "find a dataset": lambda: datasets.find_dataset(ws, "train"),
        "first page of images": lambda: browse.images_of(ws, "train"),
        f"page at 56,000 of {total:,} images": lambda: browse.images_of(
            ws, "train", offset=56_000, limit=50
        ),
        "search images by name": lambda: browse.images_of(ws, "train", search="00123"),
        "people on an image": lambda: browse.people_on(ws, "train", busiest.id),
        "class shares": lambda: datasets.class_shares(ws, "train"),
        "preview of the export": lambda: export.preview_export(ws, "train"),
    }
    for what, work in pages.items():
        began = time.perf_counter()
        work()
        budgets.say(f"page: {what}", time.perf_counter() - began, 1, " s")


def measure_many_changes(budgets: Budgets, ws: Workspace, file: Path, folder: Path) -> None:
    """What the page Export asks for when it opens on about 100,000 changes."""
    table = folder / "many.csv"
    rows = random_rows(file, persons=MANY_PERSONS)
    table.write_text("\n".join(["annotation_id,keypoint,v", *(r.rsplit(",", 1)[0] for r in rows)]))
    relabel_from_csv(ws, "train", table, annotator="bench")
    began = time.perf_counter()
    found = changes.find_changes(ws, datasets.find_dataset(ws, "train"))
    preview = found.preview()
    changes.listed(ws, found, range(12))
    took_s = time.perf_counter() - began
    budgets.say(f"page: export of {preview.num_labels:,} changes", took_s, 1, " s")


def measured(program: str, *arguments: Path | str) -> Cost:
    """Run a program in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    cpu_s, wall_s, peak_mb = map(float, done.stdout.split())
    return Cost(cpu_s, wall_s, peak_mb)


def write_latencies_ms(ws: Workspace, start: int, *, until: Callable[[int], bool]) -> list[float]:
    """Save one edit after another, as the editor does, and take the time of each."""
    found: list[float] = []
    while not until(len(found)):
        n = start + len(found)
        edit = {"keypoint": 0, "base_revision": n, "kind": "set", "x": 5, "y": 5, "v": 1 + n % 2}
        snapshot = {"dataset": "small", "item": 1, "seq": n, "step": f"s{n}", "edits": [edit]}
        snapshot |= {"annotator": "bench", "label_set": "main"}
        began = time.perf_counter()
        ack = relabel.save_snapshot(ws, "small", snapshot, annotator="bench")
        found.append((time.perf_counter() - began) * 1000)
        assert ack.written == 1
        time.sleep(WRITES_EVERY_S)
    return found


def percentile(values: list[float], percent: int) -> float:
    """The value that `percent` per cent of the values do not exceed."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def random_rows(file: Path, *, persons: int = EDITED_PERSONS) -> list[str]:
    """Two changed flags of each person."""
    loaded = json.loads(file.read_bytes())
    names = loaded["categories"][0]["keypoints"]
    labelled = [a for a in loaded["annotations"] if a["num_keypoints"] > 2]
    rows = []
    for person in random.Random(1).sample(labelled, persons):
        flags = person["keypoints"][2::3]
        for k in [k for k, v in enumerate(flags) if v][:2]:
            rows.append(f"{person['id']},{names[k]},{3 - flags[k]},{flags[k]}")
    return rows


def a_small_set() -> dict[str, object]:
    """One image with one person, for single edits."""
    return {
        "images": [{"id": 1, "file_name": "1.jpg", "width": 64, "height": 48}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 9, 9], "area": 81,
             "iscrowd": 0, "num_keypoints": 1, "keypoints": [5, 5, 2]}
        ],
        "categories": [{"id": 1, "name": "person", "keypoints": ["nose"], "skeleton": []}],
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
