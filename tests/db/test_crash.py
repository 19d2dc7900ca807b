"""Other processes: two that decide at once, and one that is killed while it imports."""

import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import Engine

from core.data.review import MAIN
from db import datasets, people, verdicts
from tests.db.builders import imported

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
