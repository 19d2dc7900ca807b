import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from app.workflow import relabel_steps
from app.workflow.browse import people_on
from app.workflow.relabel import save_in_order
from app.workflow.relabel_steps import Answer, Refusal, save_steps
from app.workflow.workspace import Workspace
from core.data.review import Label
from core.data.visibility import Visibility
from core.errors import UserError
from db import datasets
from db.failures import address
from tests.app.workflow.coco_files import imported
from tests.app.workflow.snapshots import a_snapshot, an_edit


def a_step(step: str, keypoint: int = 0, *, v: int = 0, base: int = 0, **more: Any) -> dict:  # type: ignore[type-arg]
    edit = {"keypoint": keypoint, "base_revision": base, "kind": "set", "v": v}
    return a_snapshot(edit, step=step) | more


def flags(ws: Workspace, image_id: int = 1) -> list[int]:
    return [int(label.visibility) for label in people_on(ws, "val", image_id)[0].current]


@pytest.fixture
def val(ws: Workspace, tmp_path: Path) -> Workspace:
    imported(ws, tmp_path)
    return ws


def test_steps_of_several_people_are_written_in_order(val: Workspace) -> None:
    steps = [a_step("a", v=1), a_step("b", v=0, base=1), a_step("c", v=1, item=102)]
    answers, error = save_steps(val, steps, annotator="Zoë")
    assert error == ""
    assert answers == [
        Answer("val", 101, (2, 0, 0, 0), ()),
        Answer("val", 102, (1, 0, 0, 0), ()),
    ]
    assert (flags(val)[0], flags(val, 2)[0]) == (0, 1)


def test_what_was_sent_before_is_written_once(val: Workspace) -> None:
    steps = [a_step("a", v=1), a_step("b", v=0, base=1)]
    save_steps(val, steps, annotator="Zoë")
    answers, error = save_steps(val, [*steps, a_step("c", v=2, base=2)], annotator="Zoë")
    assert (answers, error) == ([Answer("val", 101, (3, 0, 0, 0), ())], "")


def test_a_second_edit_does_not_slip_in_on_somebody_elses_revision(val: Workspace) -> None:
    save_steps(val, [a_step("bo", v=1, annotator="Bo")], annotator="Bo")
    steps = [a_step("a", v=0), a_step("b", v=2, base=1), a_step("c", 3, v=1)]
    answers, error = save_steps(val, steps, annotator="Zoë")
    theirs = Label(10, 20, Visibility.OCCLUDED)
    refused = tuple(Refusal(step, 0, theirs, 1, "Bo") for step in ("a", "b"))
    assert (answers, error) == ([Answer("val", 101, (1, 0, 0, 1), refused)], "")
    assert flags(val) == [1, 1, 0, 1]


def test_one_persons_trouble_keeps_no_other_work_from_being_saved(val: Workspace) -> None:
    steps = [a_step("a", 99, item=101), a_step("b", v=1), a_step("c", v=1, item=102)]
    answers, error = save_steps(val, steps, annotator="Zoë")
    assert answers == [Answer("val", 102, (1, 0, 0, 0), ())]
    assert "person 101 has no keypoint 99" in error
    assert flags(val) == [2, 1, 0, 2]


@pytest.mark.parametrize("forged", [None, 7, "text", {"a": 1}])
def test_what_is_no_list_is_refused_in_words(val: Workspace, forged: object) -> None:
    answers, error = save_steps(val, forged, annotator="Zoë")
    assert (answers, error) == (
        [],
        "What the browser sent is not a list of steps. Reload the page.",
    )


def test_labels_of_ones_own_and_of_everybody_do_not_mix(val: Workspace) -> None:
    save_steps(val, [a_step("bo", v=1, annotator="Bo")], annotator="Bo")
    own = {"label_set": "Zoë"}
    steps = [a_step("a", v=0), a_step("b", v=0, **own), a_step("c", v=1, base=1, **own)]
    answers, error = save_steps(val, steps, annotator="Zoë")
    theirs = Label(10, 20, Visibility.OCCLUDED)
    assert (answers, error) == (
        [
            Answer("val", 101, (1, 0, 0, 0), (Refusal("a", 0, theirs, 1, "Bo"),)),
            Answer("val", 101, (2, 0, 0, 0), (), label_set="Zoë"),
        ],
        "",
    )
    assert flags(val) == [1, 1, 0, 2]


def test_when_the_database_fails_only_persons_that_are_on_disk_are_acknowledged(
    val: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = UserError("the disk is full.", where=address(val.engine))

    def save(ws: Workspace, name: str, asked: list[Any], *, annotator: str) -> Any:
        if asked[0]["item"] == 102:
            raise full
        return save_in_order(ws, name, asked, annotator=annotator)

    monkeypatch.setattr(relabel_steps, "save_in_order", save)
    steps = [a_step("a", v=1), a_step("b", v=1, item=102), a_step("c", v=0, base=1)]
    answers, error = save_steps(val, steps, annotator="Zoë")
    assert ([(each.item, each.revisions[0]) for each in answers], error) == ([(101, 2)], str(full))
    assert flags(val) == [0, 1, 0, 2]
    monkeypatch.undo()
    answers, error = save_steps(val, steps, annotator="Zoë")
    assert ([(each.item, each.revisions[0]) for each in answers], error) == (
        [(101, 2), (102, 1)],
        "",
    )
    assert flags(val) == [0, 1, 0, 2]  # what is there already is not written twice


def test_a_full_disk_is_said_at_once_and_what_was_typed_can_be_sent_again(
    val: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_steps(val, [a_step("before", v=1)], annotator="Zoë")
    full = []

    def fill(connection: sqlite3.Connection, *_more: object) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages}")

    def tried(*asked: Any, **more: Any) -> Any:
        full.append(asked)
        return save_in_order(*asked, **more)

    monkeypatch.setattr(relabel_steps, "save_in_order", tried)
    event.listen(val.engine, "connect", fill)
    val.engine.dispose()
    long = {"reason": "r" * 2000}
    steps = [
        a_snapshot(*(an_edit(k, v=0, base_revision=0, **long) for k in (1, 3)), step="a"),
        a_snapshot(*(an_edit(k, v=0, base_revision=0, **long) for k in (1, 3)), step="b", item=102),
    ]
    answers, error = save_steps(val, steps, annotator="Zoë")
    assert answers == []
    assert error.endswith("halfseen.db: the disk is full. Free some space and try again.")
    assert len(full) == 1
    assert flags(val) == [1, 1, 0, 2]
    event.remove(val.engine, "connect", fill)
    val.engine.dispose()
    answers, error = save_steps(val, steps, annotator="Zoë")
    assert ([each.revisions for each in answers], error) == ([(1, 1, 0, 1), (0, 1, 0, 1)], "")
    assert flags(val) == [1, 0, 0, 0]


def test_a_database_that_cannot_be_read_is_asked_once(
    val: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = UserError("the database server cannot be reached.", where=address(val.engine))
    asked = []

    def find(engine: Engine, name: str) -> int:
        asked.append(name)
        raise away

    monkeypatch.setattr(datasets, "id_of", find)
    steps = [a_step("a", v=1), a_step("b", v=1, item=102)]
    assert save_steps(val, steps, annotator="Zoë") == ([], str(away))
    assert asked == ["val"]


def test_steps_of_two_people_are_not_written_as_one_persons(val: Workspace) -> None:
    steps = [a_step("a", v=1), a_step("b", v=1, item=102)]
    (acknowledged,), problem = save_in_order(val, "val", steps, annotator="Zoë")
    assert acknowledged.revisions == (1, 0, 0, 0)
    assert "it is about another person than the one before it" in str(problem)
    assert (flags(val)[0], flags(val, 2)[0]) == (1, 2)
