from pathlib import Path

import pytest

from app.workflow.relabel_table import relabel_from_csv
from app.workflow.undo_log import UndoLog, undo_log
from app.workflow.workspace import Workspace
from core.data.review import Held, Label, LoggedStep, StepChange
from core.data.visibility import Visibility
from core.errors import UserError
from tests.app.workflow.coco_files import imported
from tests.app.workflow.snapshots import a_snapshot, an_edit, saved
from tests.app.workflow.test_relabel_table import a_table

NOBODY = UndoLog((), (), more=False)


def a_nose(step: str, *, before: str | None, was: int, v: int) -> LoggedStep:
    """A step on the nose of person 101, which the file says is visible."""
    change = StepChange(
        0,
        Held(
            Label(10, 20, Visibility(was)), reviewed=before is not None, unsure=False, step=before
        ),
        Held(Label(10, 20, Visibility(v)), reviewed=True, unsure=False, step=step),
    )
    return LoggedStep(step, 101, (change,))


@pytest.fixture
def val(ws: Workspace, tmp_path: Path) -> Workspace:
    """Person 101: Zoë decided twice and took the second back, Bo looked at it blind."""
    imported(ws, tmp_path)
    for step, base, kind, v, undoes in (
        ("a", 0, "set", 1, None),
        ("b", 1, "set", 0, None),
        ("c", 2, "undo", 1, "b"),
    ):
        edit = an_edit(0, v=v, base_revision=base, kind=kind)
        saved(ws, a_snapshot(edit, step=step, undoes=undoes), annotator="Zoë")
    blind = a_snapshot(an_edit(0, v=0), step="d")
    saved(ws, blind, annotator="Bo", label_set="Bo")
    return ws


def test_the_log_holds_ones_own_steps_of_one_label_set(val: Workspace) -> None:
    first = a_nose("a", before=None, was=2, v=1)
    second = a_nose("b", before="a", was=1, v=0)
    assert undo_log(val, "val", annotator="Zoë") == UndoLog((first,), (second,), more=False)
    blind = a_nose("d", before=None, was=2, v=0)
    assert undo_log(val, "val", annotator="Bo", label_set="Bo") == UndoLog((blind,), (), more=False)
    assert undo_log(val, "val", annotator="Bo") == NOBODY
    assert undo_log(val, "val", annotator="nobody") == NOBODY


def test_older_parts_hold_no_undone_steps(val: Workspace) -> None:
    edit = an_edit(3, v=1)
    saved(val, a_snapshot(edit, step="e"), annotator="Zoë")
    newest = undo_log(val, "val", annotator="Zoë", limit=1)
    assert ([each.step for each in newest.done], newest.undone, newest.more) == (["e"], (), True)
    older = undo_log(val, "val", annotator="Zoë", before="e", limit=1)
    assert older == UndoLog((a_nose("a", before=None, was=2, v=1),), (), more=False)
    undo = an_edit(3, v=2, base_revision=1, kind="undo")
    saved(val, a_snapshot(undo, step="f", undoes="e"), annotator="Zoë")
    assert len(undo_log(val, "val", annotator="Zoë").undone) == 1
    assert undo_log(val, "val", annotator="Zoë", before="a") == NOBODY


def test_a_table_of_verdicts_is_not_in_the_log_and_keeps_what_may_be_redone(
    val: Workspace, tmp_path: Path
) -> None:
    before = undo_log(val, "val", annotator="Zoë")
    relabel_from_csv(val, "val", a_table(tmp_path, "101,left_ear,1,,,,Zoë,"), annotator="Bo")
    assert undo_log(val, "val", annotator="Zoë") == before


def test_the_log_of_a_dataset_that_is_not_there_is_refused(ws: Workspace) -> None:
    with pytest.raises(UserError, match=r"^There is no dataset 'val'"):
        undo_log(ws, "val", annotator="Zoë")
