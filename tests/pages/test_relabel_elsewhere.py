"""Relabel, while somebody elsewhere renames, deletes or replaces what is on screen."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.ui import relabel_queue, run_choice
from app.ui.text import plain
from app.ui.workspace import the_workspace
from app.workflow.browse import people_on, runs_of
from app.workflow.datasets import delete_dataset, find_dataset, rename_dataset
from app.workflow.newer_version import import_newer_version
from core.data.listing import DatasetInfo
from core.errors import UserError
from db import runs
from tests.pages.builders import a_file, a_run_on

Imported = Callable[..., DatasetInfo]
OpenPage = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def _a_name(a_browser: dict[str, str]) -> None:
    a_browser["halfseen_annotator"] = "Ada"


def window_of(at: AppTest) -> dict[str, Any]:
    (editor,) = at.get("bidi_component")[-1:]
    window: dict[str, Any] = json.loads(editor.proto.json)["window"]
    return window


def just_before(
    monkeypatch: pytest.MonkeyPatch, module: object, name: str, do: Callable[[], object]
) -> None:
    """Once, when `module.name` is called next, something happens elsewhere."""
    found, left = getattr(module, name), [do]

    def called(*asked: Any, **more: Any) -> Any:
        while left:
            left.pop()()
        return found(*asked, **more)

    monkeypatch.setattr(module, name, called)


def test_a_dataset_renamed_elsewhere_is_followed_in_words(
    imported: Imported, open_page: OpenPage
) -> None:
    imported()
    imported("newest")
    at = open_page("relabel", dataset="val", item="2")
    rename_dataset(the_workspace(), "val", "training *set*")
    at.run()
    assert at.info[0].value == r"The dataset val is called training \*set\* now."
    assert (window_of(at)["dataset"], window_of(at)["current"]["id"]) == ("training *set*", 2)
    at.run()
    assert [*at.info, *at.warning, *at.error] == []
    assert at.query_params["dataset"] == "training *set*"


def test_a_dataset_deleted_elsewhere_is_said_and_another_one_shown(
    imported: Imported, open_page: OpenPage
) -> None:
    imported("other")
    imported()
    at = open_page("relabel", dataset="val", item="2")
    delete_dataset(the_workspace(), "val")
    at.run()
    assert at.warning[0].value == "There is no dataset val; another one is shown."
    assert (window_of(at)["dataset"], window_of(at)["current"]["id"]) == ("other", 1)
    delete_dataset(the_workspace(), "other")
    at.run()
    assert at.info[0].value == "There is no dataset yet."


@pytest.mark.parametrize(
    ("module", "name"), [(run_choice, "runs_on"), (relabel_queue, "load_window")]
)
def test_a_dataset_renamed_while_the_page_runs_is_followed(
    imported: Imported,
    open_page: OpenPage,
    monkeypatch: pytest.MonkeyPatch,
    module: object,
    name: str,
) -> None:
    imported()
    just_before(
        monkeypatch, module, name, lambda: rename_dataset(the_workspace(), "val", "training")
    )
    at = open_page("relabel", dataset="val", item="2")
    assert (window_of(at)["dataset"], window_of(at)["current"]["id"]) == ("training", 2)
    assert list(at.error) == []


def test_a_dataset_deleted_while_the_page_runs_is_said_and_another_one_shown(
    imported: Imported, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported("other")
    imported()
    just_before(
        monkeypatch, relabel_queue, "load_window", lambda: delete_dataset(the_workspace(), "val")
    )
    at = open_page("relabel", dataset="val")
    assert at.warning[0].value == "There is no dataset val; another one is shown."
    assert window_of(at)["dataset"] == "other"


def test_a_run_deleted_while_the_page_runs_gives_way_to_another(
    imported: Imported, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = imported()
    a_run_on(dataset, "older")
    a_run_on(dataset, "newest")
    ws = the_workspace()
    newest = runs.run_id_of(ws.engine, dataset.id, "newest")
    just_before(
        monkeypatch, relabel_queue, "load_window", lambda: runs.remove_run(ws.engine, newest)
    )
    at = open_page("relabel", dataset="val")
    assert window_of(at)["current"]["id"] == 1
    assert list(at.error) == []
    assert at.query_params["run"] == "older"
    assert [run.name for run in runs_of(ws, "val")] == ["older"]


def test_a_newer_version_without_the_person_on_screen_opens_another(
    imported: Imported, open_page: OpenPage, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported()
    content = a_file()
    content["annotations"] = [each for each in content["annotations"] if each["id"] != 2]
    newer = tmp_path / "newer.json"
    newer.write_text(json.dumps(content))
    ws = the_workspace()
    just_before(
        monkeypatch, relabel_queue, "load_window", lambda: import_newer_version(ws, "val", newer)
    )
    at = open_page("relabel", dataset="val", item="2")
    window = window_of(at)
    assert (window["version"], window["current"]["id"]) == (find_dataset(ws, "val").id, 1)
    assert list(at.error) == []
    assert [person.annotation_id for person in people_on(ws, "val", 7)] == [1]


def test_a_database_that_cannot_be_asked_leaves_the_editor_on_screen(
    imported: Imported, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported()
    at = open_page("relabel", dataset="val")

    def locked(*_asked: object, **_more: object) -> None:
        raise UserError("The database is locked.")

    monkeypatch.setattr(relabel_queue, "load_window", locked)
    monkeypatch.setattr(relabel_queue, "is_still_there", locked)
    at.query_params["item"] = "3"
    at.run()
    assert [error.value for error in at.error] == [plain("The database is locked.")]
    assert window_of(at)["current"]["id"] == 1
