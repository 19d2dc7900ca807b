"""While somebody labels, a dataset is renamed, deleted, or replaced by a newer version."""

from pathlib import Path
from typing import Any

import pytest

from app.workflow.browse import people_on
from app.workflow.datasets import delete_dataset, rename_dataset
from app.workflow.newer_version import import_newer_version
from app.workflow.relabel_steps import Answer, save_steps
from app.workflow.workspace import Workspace
from tests.app.workflow.coco_files import a_coco, a_file, a_person, imported
from tests.app.workflow.snapshots import a_snapshot, an_edit

GONE = (
    "This dataset is not there any more; nothing was written. It was deleted, or a newer version "
    "of its file took its place."
)


def revisions(ws: Workspace, name: str = "val") -> list[tuple[int, ...]]:
    return [person.revision for person in people_on(ws, name, 1)]


@pytest.fixture
def version(ws: Workspace, tmp_path: Path) -> int:
    return imported(ws, tmp_path).id


def a_step(version: object, **more: Any) -> dict[str, Any]:
    return a_snapshot(an_edit(), version=version, **more)


def test_what_is_decided_while_a_dataset_is_renamed_is_saved(ws: Workspace, version: int) -> None:
    rename_dataset(ws, "val", "training")
    answers, error = save_steps(ws, [a_step(version)], annotator="Zoë")
    assert (answers, error) == ([Answer("val", 101, (1, 0, 0, 0), ())], "")
    assert revisions(ws, "training") == [(1, 0, 0, 0)]


def test_what_was_decided_on_an_older_version_never_lands_on_a_newer_one(
    ws: Workspace, tmp_path: Path, version: int
) -> None:
    somebody_else = a_file(tmp_path, a_coco(annotations=[a_person(101)]), name="newer.json")
    newer = import_newer_version(ws, "val", somebody_else).dataset
    assert save_steps(ws, [a_step(version)], annotator="Zoë") == ([], GONE)
    assert revisions(ws) == [(0, 0, 0, 0)]
    (answer,), error = save_steps(ws, [a_step(newer.id)], annotator="Zoë")
    assert (answer.revisions, error) == ((1, 0, 0, 0), "")


def test_what_was_decided_on_a_deleted_dataset_is_refused(ws: Workspace, version: int) -> None:
    delete_dataset(ws, "val")
    assert save_steps(ws, [a_step(version)], annotator="Zoë") == ([], GONE)


def test_steps_of_two_versions_are_not_written_as_one_persons(ws: Workspace, version: int) -> None:
    mixed = [a_step(version, step="a"), a_step(version + 1, step="b")]
    answers, error = save_steps(ws, mixed, annotator="Zoë")
    assert answers == []
    assert "it is about another version of the dataset than the one before it" in error


@pytest.mark.parametrize("forged", [0, -1, "1", True, 1.5, 2**60])
def test_a_version_that_is_no_number_of_one_is_refused(
    ws: Workspace, version: int, forged: object
) -> None:
    answers, error = save_steps(ws, [a_step(forged)], annotator="Zoë")
    assert answers == []
    assert "version is not" in error
    assert revisions(ws) == [(0, 0, 0, 0)]
