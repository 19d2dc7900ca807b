"""Nothing anybody decided is lost when the processes behind the editor are killed."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.settings import Settings
from app.workflow.workspace import open_workspace
from tests.browser.harness import App, Visitor, free_port
from tests.browser.kills import (
    WEB,
    WORKER,
    Labeller,
    Served,
    by_place,
    killed_at_work,
    serving,
)
from tests.browser.people import People, import_people

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
KILLS = ((WEB,), (WORKER,), (WEB, WORKER))


@pytest.fixture
def served(own_data_dir: Path, tmp_path: Path, chromium: Path) -> Iterator[Served]:
    ws = open_workspace(Settings(data_dir=own_data_dir))
    import_people(ws, "people", tmp_path)
    ws.close()
    with serving(own_data_dir, tmp_path / "serve.log", free_port()) as served:
        yield served


@pytest.fixture
def app(served: Served) -> App:
    return served.app


def test_what_was_decided_while_processes_are_killed_is_on_disk_in_its_order(
    visit: Callable[..., Visitor], served: Served
) -> None:
    people = People(open_workspace(Settings(data_dir=served.app.data_dir)), "people")
    ada = visit("Ada")
    labeller = Labeller(ada, people)
    labeller.begin()
    tally = killed_at_work(served, labeller, KILLS, chance=random.Random(5))
    ada.complaints.clear()  # of a server that did not answer
    assert tally.lost == []
    assert tally.said_unsaved >= 2
    assert tally.acknowledged > 20
    decided = labeller.look()["decided"]
    assert by_place(labeller.written()) == by_place(decided)
    for (item, keypoint), flags in by_place(decided).items():
        assert people.flags(item)[keypoint] == flags[-1]
