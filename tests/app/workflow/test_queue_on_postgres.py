"""The queue on a Postgres server: the same walk, and annotators who come at once."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.workflow.open_queue import OpenQueue
from app.workflow.queue import Queue, QueueProgress
from app.workflow.relabel_item import load_window
from app.workflow.workspace import Workspace, upgrade_workspace
from core.data.review import MAIN
from tests.app.own_postgres import own_postgres
from tests.app.workflow.coco_files import imported
from tests.app.workflow.doubts import an_odd_dataset, an_odd_run, some_verdicts
from tests.app.workflow.test_queue import a_queue, item_of, plain_part, plain_queue

pytestmark = pytest.mark.postgres


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    with own_postgres() as address:
        monkeypatch.setenv("DATABASE_URL", address)
        ws = upgrade_workspace()
        yield ws
        ws.close()


def test_a_queue_is_walked_as_a_plain_list_is(server: Workspace, tmp_path: Path) -> None:
    rng = random.Random(7)
    dataset = an_odd_dataset(server, tmp_path, rng)
    an_odd_run(server, dataset, rng)
    for _ in range(12):
        some_verdicts(server, dataset, rng, label_set=MAIN, count=4)
        queue = a_queue(rng, rng.choice([None, "tiny-1", "tiny-1"]))
        items = plain_queue(server, dataset, queue)
        assert OpenQueue(server, dataset, queue).progress() == QueueProgress(
            len(items), sum(i.reviewed for i in items), sum(i.changed for i in items)
        )
        for place, item in enumerate(items):
            found = OpenQueue(server, dataset, queue).part(item_of(queue, item.entry))
            assert found == plain_part(items, queue, place, 1, 5, set())


def test_annotators_who_come_at_once_are_handed_different_people(
    server: Workspace, tmp_path: Path
) -> None:
    imported(server, tmp_path, images=60)

    def come(annotator: str) -> set[int]:
        found = load_window(server, "val", Queue(), annotator=annotator, at=None)
        assert found is not None
        return {found.at.annotation_id}

    with ThreadPoolExecutor(6) as pool:
        seats = list(pool.map(come, [f"annotator {n}" for n in range(6)]))
    assert len(set.union(*seats)) == 6
