"""Other processes: two that decide at once, and one that is killed while it imports."""

import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import Engine

from core.data.review import MAIN
from db import datasets, people, verdicts
from tests.db.builders import imported, many_people

ROOT = Path(__file__).resolve().parents[2]
DECIDE = """
import sys
from db import verdicts
from db.session import open_engine
from tests.db.builders import an_edit
engine, name = open_engine(sys.argv[1]), sys.argv[2]
for n in range(40):
    last = verdicts.current(engine, int(sys.argv[3]), "main", [11]).get((11, 0))
    edit = an_edit(base=last.revision if last else 0)
    written, _ = verdicts.append(
        engine, int(sys.argv[3]), "main", [edit], annotator=name, step=f"{name}{n}"
    )
    print(*[v.revision for v in written])
"""
DECIDE_AND_SAY = """
import sys, threading
from db import verdicts
from db.session import open_engine
from tests.db.builders import an_edit
engine, dataset_id, first = open_engine(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
saying = threading.Lock()
def work(who):
    for n in range(100_000):
        edit = an_edit(who, n % 3, base=n // 3)
        verdicts.append(
            engine, dataset_id, "main", [edit], annotator=f"annotator {who}", step=f"{who}-{n}"
        )
        with saying:
            print(f"{who}-{n}", flush=True)
for who in range(first, first + 8):
    threading.Thread(target=work, args=(who,), daemon=True).start()
sys.stdin.read()
"""
IMPORT = """
import sys
from db import datasets
from db.session import open_engine
from tests.db.builders import begun, many_people
engine, dataset = open_engine(sys.argv[1]), many_people(60_000)
dataset_id = begun(engine, dataset)
datasets.insert_contents(
    engine, dataset_id, dataset, on_progress=lambda done: print(done, flush=True)
)
"""


def _process(script: str, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def _url(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def test_of_two_processes_on_one_keypoint_each_revision_has_one_winner(engine: Engine) -> None:
    dataset_id = imported(engine)
    writers = [_process(DECIDE, _url(engine), name, str(dataset_id)) for name in ("ann", "bob")]
    won = [int(word) for writer in writers for word in writer.communicate()[0].split()]
    assert [writer.returncode for writer in writers] == [0, 0]
    written = verdicts.history(engine, dataset_id, 11, 0)
    assert sorted(won) == [v.revision for v in written] == list(range(1, len(written) + 1))


def test_of_32_writers_those_who_are_killed_lose_nothing_acknowledged(
    engine: Engine, tmp_path: Path
) -> None:
    """Four processes of eight annotators each, killed one after the other at work."""
    dataset_id = imported(engine, many_people(32))
    said = {first: tmp_path / f"{first}.txt" for first in (1, 9, 17, 25)}
    writers = []
    for first, file in said.items():
        words = (_url(engine), str(dataset_id), str(first))
        with file.open("w") as out:
            command = [sys.executable, "-c", DECIDE_AND_SAY, *words]
            writers.append(subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=out))
    end = time.monotonic() + 60
    while any(file.read_text().count("\n") < 20 for file in said.values()):
        assert time.monotonic() < end
        time.sleep(0.05)
    for writer in writers:
        writer.kill()
        writer.communicate()
        time.sleep(0.2)
    acknowledged = {
        line for file in said.values() for line in file.read_text().split("\n")[:-1]
    }  # the last line may be cut
    assert len(acknowledged) >= 80
    everybody = range(1, 33)
    written = {
        (who, k): verdicts.history(engine, dataset_id, who, k)
        for who in everybody
        for k in range(3)
    }
    steps = [verdict.step for history in written.values() for verdict in history]
    assert acknowledged <= set(steps)
    assert len(steps) == len(set(steps)) <= len(acknowledged) + len(everybody)
    for history in written.values():
        assert [verdict.revision for verdict in history] == list(range(1, len(history) + 1))


def test_an_import_killed_half_way_is_invisible_and_can_be_swept(engine: Engine) -> None:
    kept_id = imported(engine, name="kept")
    writer = _process(IMPORT, _url(engine))
    assert writer.stdout is not None
    for _ in range(4):
        writer.stdout.readline()
    time.sleep(0.01)
    writer.kill()
    writer.communicate()
    assert [d.name for d in datasets.list_all(engine)] == ["kept"]
    ((dataset_id, lock_file),) = datasets.unfinished(engine)
    assert lock_file == "import.lock"
    half, _ = people.images(engine, dataset_id)
    assert 0 < half < 60_000
    datasets.remove(engine, dataset_id)
    assert datasets.unfinished(engine) == []
    assert people.images(engine, dataset_id)[0] == 0
    assert people.images(engine, kept_id)[0] == 2
    assert verdicts.current(engine, kept_id, MAIN, None) == {}
