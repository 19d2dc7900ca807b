"""Relabel over the network, while its dataset is renamed and replaced by a newer version."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.settings import Settings
from app.workflow.datasets import rename_dataset
from app.workflow.newer_version import import_newer_version
from app.workflow.workspace import Workspace, open_workspace
from tests.app.workflow.coco_files import a_coco, a_file, a_person, imported
from tests.browser.harness import running_app
from tests.wire_visitor import WireVisitor

PEOPLE = [a_person(n, n) for n in (1, 2, 3)]


@pytest.fixture
def ws(own_data_dir: Path, tmp_path: Path) -> Iterator[Workspace]:
    ws = open_workspace(Settings(data_dir=own_data_dir))
    imported(ws, tmp_path, images=3, annotations=PEOPLE)
    yield ws
    ws.close()


@pytest.fixture
def ada(ws: Workspace, tmp_path: Path) -> Iterator[WireVisitor]:
    with running_app(ws.data_dir, tmp_path / "server.log") as app:
        visitor = WireVisitor(app.address, "relabel", "dataset=val", "Ada")
        visitor.open()
        yield visitor
        visitor.close()


def decide_and_go_on(ada: WireVisitor, seq: int) -> Any:
    """Decide one keypoint of who is on screen, ask for the next person; gives what is answered."""
    assert ada.data is not None
    window = ada.data["window"]
    item, name = window["current"]["id"], window["dataset"]
    edit = {"keypoint": 0, "base_revision": 0, "kind": "set", "v": 1, "x": 5, "y": 5}
    snapshot = {
        "dataset": name, "version": window["version"], "label_set": "main", "annotator": "Ada",
        "item": item, "seq": seq, "step": f"s{seq}", "undoes": None, "edits": [edit],
    }  # fmt: skip
    place = {
        "dataset": name, "item": item + 1, "keypoint": None, "reset": window["reset"],
        "handed_out": True,
    }  # fmt: skip
    ada.say(
        {
            "client": "c", "seq": seq, "have": window["n"], "haveUndo": None, "older": None,
            "at": place, "snapshots": [snapshot],
        }
    )  # fmt: skip
    ada.listen(lambda: ada.data is not None and (ada.data["ack"] or {}).get("seq") == seq)
    return ada.data["ack"]


def shown(ada: WireVisitor) -> tuple[str, int]:
    """The dataset and the person on screen."""
    assert ada.data is not None
    window = ada.data["window"]
    return window["dataset"], window["current"]["id"]


def test_who_labels_goes_on_when_the_dataset_is_renamed_and_replaced(
    ada: WireVisitor, ws: Workspace, tmp_path: Path
) -> None:
    rename_dataset(ws, "val", "training")
    answer = decide_and_go_on(ada, 1)
    assert (answer["error"], answer["items"][0]["revisions"][0]) == (None, 1)
    assert shown(ada) == ("training", 2)
    newer = a_file(tmp_path, a_coco(images=3, annotations=PEOPLE[:2]), name="newer.json")
    version = import_newer_version(ws, "training", newer).dataset.id
    answer = decide_and_go_on(ada, 2)
    assert answer["error"].startswith("This dataset is not there any more; nothing was written.")
    assert answer["items"] == []
    assert ada.data is not None
    assert ada.data["window"]["version"] == version
    assert shown(ada) == ("training", 2)
