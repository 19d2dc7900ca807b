"""kill -9 at random moments: nothing half done is ever seen, nothing acknowledged is lost."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.workflow.browse import people_on
from app.workflow.claims import sweep
from app.workflow.datasets import list_datasets
from app.workflow.export import export_dataset
from app.workflow.workspace import Workspace, open_workspace
from core.data.visibility import Visibility
from tests.app.workflow.coco_files import NAMES, a_coco, a_file, a_person, imported
from tests.app.workflow.test_import_dataset import NOTHING, traces

MOMENTS = 10  # of an import
FEWER_MOMENTS = 6  # of other verbs


def a_verb(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "app", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def duration_s(*arguments: str) -> float:
    """How long a verb takes that is left alone."""
    began = time.monotonic()
    assert a_verb(*arguments).wait() == 0
    return time.monotonic() - began


def kill_after(child: subprocess.Popen[bytes], seconds: float) -> bool:
    """Kill the verb at that moment; False where it had ended before."""
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGKILL)
        return child.wait() == -signal.SIGKILL
    return False


def moments(seconds: float, *, count: int, seed: int) -> list[float]:
    """Random moments, spread over the time the verb takes after Python has started."""
    rng = random.Random(seed)
    start = 0.3 * seconds
    step = (seconds - start) / count
    return [start + step * (n + rng.random()) for n in range(count)]


@pytest.mark.timeout(300)
def test_an_import_killed_at_any_moment_leaves_no_trace(own_data_dir: Path, tmp_path: Path) -> None:
    ws = open_workspace()
    file = a_file(tmp_path, a_coco(images=5_000))
    whole_s = duration_s("import", "first", str(file))
    assert a_verb("delete", "first", "--yes").wait() == 0
    killed = 0
    for moment in moments(1.0, count=MOMENTS, seed=1):
        if not kill_after(a_verb("import", "val", str(file)), moment * whole_s):
            whole_s *= moment  # it was faster than the one that was measured
            assert a_verb("delete", "val", "--yes").wait() == 0
            continue
        killed += 1
        if list_datasets(ws):  # killed between its last row and its last word
            assert list_datasets(ws)[0].num_annotations == 5_000
            assert a_verb("delete", "val", "--yes").wait() == 0
        sweep(ws)  # what the next verb begins with
        assert traces(ws) == NOTHING
    assert killed >= MOMENTS // 2
    assert a_verb("import", "val", str(file)).wait() == 0
    assert [d.num_annotations for d in list_datasets(ws)] == [5_000]


RELABEL_FOREVER = """
import sys
from app.workflow.relabel import save_snapshot
from app.workflow.workspace import open_workspace
ws = open_workspace()
for n in range(int(sys.argv[1]), 10**9):
    keypoint, v = n % 4, 1 + n // 4 % 2
    edit = {"keypoint": keypoint, "base_revision": n // 4, "kind": "set", "v": v, "x": 5, "y": 5}
    snapshot = {"dataset": "val", "item": 101, "seq": n, "step": f"s{n}", "edits": [edit]}
    snapshot |= {"annotator": "Zoe", "label_set": "main"}
    ack = save_snapshot(ws, "val", snapshot, annotator="Zoe")
    print(n, ack.written, flush=True)
"""


@pytest.mark.timeout(300)
def test_no_acknowledged_verdict_is_lost_by_a_kill(own_data_dir: Path, tmp_path: Path) -> None:
    ws = open_workspace()
    imported(ws, tmp_path)
    rng, written = random.Random(2), 0
    for _ in range(4):
        child = subprocess.Popen(
            [sys.executable, "-c", RELABEL_FOREVER, str(written)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        acknowledged = [child.stdout.readline()]
        time.sleep(rng.random() * 0.3)
        child.send_signal(signal.SIGKILL)
        acknowledged += child.communicate()[0].splitlines()
        whole = [line for line in acknowledged if len(line.split()) == 2]
        # One more may be on disk whose acknowledgement the kill cut off.
        found = sum(people_on(ws, "val", 1)[0].revision)
        assert found - (written + len(whole)) in (0, 1)
        written = found
    assert written > 5


@pytest.mark.timeout(300)
def test_a_killed_table_of_verdicts_is_taken_whole_or_not_at_all(
    own_data_dir: Path, tmp_path: Path
) -> None:
    ws = open_workspace()
    people = [a_person(n, 1 + n % 20, v=(2, 2, 2, 2)) for n in range(1, 801)]
    imported(ws, tmp_path, images=20, annotations=people)
    tables = []
    for flag in (1, 2):
        rows = [f"{n},{name},{flag}" for n in range(1, 801) for name in NAMES]
        tables.append(tmp_path / f"all-{flag}.csv")
        tables[-1].write_text("\n".join(["annotation_id,keypoint,v", *rows]))
    whole_s = duration_s("relabel", "val", "--from", str(tables[0]), "--annotator", "Bo")
    for n, moment in enumerate(moments(whole_s, count=FEWER_MOMENTS, seed=3)):
        before = flags(ws)
        wanted = 1 + n % 2
        verb = a_verb("relabel", "val", "--from", str(tables[wanted - 1]), "--annotator", "Bo")
        kill_after(verb, moment)
        assert len(before) == 1
        assert flags(ws) in (before, {Visibility(wanted)})


def flags(ws: Workspace) -> set[Visibility]:
    """The flags there are; one alone where a table was taken whole."""
    return {
        label.visibility
        for image_id in range(1, 21)
        for person in people_on(ws, "val", image_id)
        for label in person.current
    }


@pytest.mark.timeout(300)
def test_a_killed_export_leaves_the_old_file_or_the_new_one(
    own_data_dir: Path, tmp_path: Path
) -> None:
    ws = open_workspace()
    imported(ws, tmp_path, images=8_000)
    table = tmp_path / "verdicts.csv"
    rows = [f"{100 + n},nose,1" for n in range(1, 8_001, 20)]
    table.write_text("\n".join(["annotation_id,keypoint,v", *rows]))
    assert a_verb("relabel", "val", "--from", str(table), "--annotator", "Bo").wait() == 0
    export_dataset(ws, "val", tmp_path / "wanted.json")
    wanted = (tmp_path / "wanted.json").read_bytes()
    out = tmp_path / "exports" / "out.json"
    out.parent.mkdir()
    whole_s = duration_s("export", "val", str(out))
    assert out.read_bytes() == wanted
    killed = 0
    for moment in moments(whole_s, count=FEWER_MOMENTS, seed=4):
        out.write_bytes(b"old")
        killed += kill_after(a_verb("export", "val", str(out)), moment)
        assert out.read_bytes() in (b"old", wanted)
        assert list(out.parent.iterdir()) == [out]
    assert killed >= FEWER_MOMENTS // 2
    assert json.loads(wanted)["annotations"][0]["num_keypoints"] == 3
