from pathlib import Path
from typing import Any

import pytest

from app.workflow.browse import history_of, people_on
from app.workflow.relabel import save_snapshot
from app.workflow.workspace import Workspace
from core.data.review import Label, VerdictKind
from core.data.visibility import Visibility
from core.errors import UserError
from tests.app.workflow.coco_files import a_person, imported
from tests.app.workflow.snapshots import a_snapshot, an_edit, saved


def labels(ws: Workspace) -> tuple[Label, ...]:
    return people_on(ws, "val", 1)[0].current


def test_an_edit_becomes_a_verdict_and_is_acknowledged(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    said = {"run": "tiny-1", "run_said": [0.1, 0.7, 0.2], "reason": "behind the bar"}
    ack = saved(ws, a_snapshot(an_edit(0, v=1, **said), seq=7), annotator="Zoë")
    assert (ack.item, ack.seq, ack.revisions) == (101, 7, (1, 0, 0, 0))
    assert (ack.written, ack.stale) == (1, ())
    (verdict,) = history_of(ws, "val", 101, 0)
    assert verdict.before == Label(10, 20, Visibility.VISIBLE)
    assert verdict.after == Label(10, 20, Visibility.OCCLUDED)
    assert (verdict.annotator, verdict.reason, verdict.run) == ("Zoë", "behind the bar", "tiny-1")
    assert verdict.run_said == (0.1, 0.7, 0.2)


def test_a_snapshot_sent_twice_is_written_once(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    snapshot = a_snapshot(an_edit(0, v=1), an_edit(3, v=0))
    first = saved(ws, snapshot, annotator="Zoë")
    second = saved(ws, snapshot, annotator="Zoë")
    assert (first.written, second.written) == (2, 0)
    assert first.revisions == second.revisions == (1, 0, 0, 1)
    assert second.stale == ()
    assert len(history_of(ws, "val", 101, 0)) == 1


def test_a_snapshot_sent_again_after_somebody_decided_is_not_stale(
    ws: Workspace, tmp_path: Path
) -> None:
    imported(ws, tmp_path)
    snapshot = a_snapshot(an_edit(0, v=1))
    saved(ws, snapshot, annotator="Zoë")
    other = a_snapshot(an_edit(0, v=0, base_revision=1), step="s2")
    saved(ws, other, annotator="Bo")
    again = saved(ws, snapshot, annotator="Zoë")
    assert (again.written, again.stale, again.revisions) == (0, (), (2, 0, 0, 0))
    assert labels(ws)[0].visibility is Visibility.UNLABELLED


def test_a_stale_keypoint_is_refused_alone_with_both_values(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    saved(ws, a_snapshot(an_edit(0, v=1)), annotator="Bo")
    both = a_snapshot(an_edit(0, v=0), an_edit(3, v=1), step="s2")
    ack = saved(ws, both, annotator="Zoë")
    (stale,) = ack.stale
    assert (ack.written, ack.revisions) == (1, (1, 0, 0, 1))
    assert (stale.current.visibility, stale.current_revision) == (Visibility.OCCLUDED, 1)
    assert (stale.current_annotator, stale.edit.after.visibility) == ("Bo", 0)


def test_the_same_value_in_another_step_is_a_verdict_of_its_own(
    ws: Workspace, tmp_path: Path
) -> None:
    imported(ws, tmp_path)
    saved(ws, a_snapshot(an_edit(0, v=1)), annotator="Zoë")
    same = a_snapshot(an_edit(0, v=1, base_revision=1), step="s2")
    assert saved(ws, same, annotator="Bo").revisions[0] == 2
    kept = a_snapshot(an_edit(0, v=1, base_revision=2, kind="keep"), step="s3")
    assert saved(ws, kept, annotator="Zoë").revisions[0] == 3


def test_a_confirmed_label_is_a_verdict_although_nothing_changes(
    ws: Workspace, tmp_path: Path
) -> None:
    imported(ws, tmp_path)
    ack = saved(ws, a_snapshot(an_edit(0, v=2, kind="keep")), annotator="Zoë")
    assert ack.written == 1
    assert people_on(ws, "val", 1)[0].reviewed == (True, False, False, False)


def test_a_removed_label_keeps_its_place_for_a_change_of_mind(
    ws: Workspace, tmp_path: Path
) -> None:
    imported(ws, tmp_path)
    saved(ws, a_snapshot(an_edit(0, v=0)), annotator="Zoë")
    assert labels(ws)[0] == Label(10, 20, Visibility.UNLABELLED)
    back = a_snapshot(an_edit(0, v=1, base_revision=1), step="s2")
    saved(ws, back, annotator="Zoë")
    assert labels(ws)[0] == Label(10, 20, Visibility.OCCLUDED)


def test_an_undo_restores_the_label_and_names_its_step(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    saved(ws, a_snapshot(an_edit(0, v=1)), annotator="Zoë")
    undo = an_edit(0, v=2, x=10, y=20, base_revision=1, kind="undo")
    saved(ws, a_snapshot(undo, step="s2", undoes="s1"), annotator="Zoë")
    assert history_of(ws, "val", 101, 0)[-1].undoes == "s1"
    assert labels(ws)[0] == Label(10, 20, Visibility.VISIBLE)


def test_an_odd_given_label_may_be_kept_and_come_back_by_undo(
    ws: Workspace, tmp_path: Path
) -> None:
    odd = a_person(101, keypoints=[0, 0, 2, 11, 21, 1, 0, 0, 0, 13, 23, 2], num_keypoints=3)
    imported(ws, tmp_path, annotations=[odd])
    keep = a_snapshot(an_edit(0, v=2, kind="keep"))
    assert saved(ws, keep, annotator="Zoë").written == 1
    gone = a_snapshot(an_edit(0, v=0, base_revision=1), step="s2")
    saved(ws, gone, annotator="Zoë")
    undo = an_edit(0, v=2, base_revision=2, kind="undo")
    back = a_snapshot(undo, step="s3", undoes="s2")
    assert saved(ws, back, annotator="Zoë").written == 1


def test_blind_work_stays_in_its_own_label_set(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    saved(ws, a_snapshot(an_edit(0, v=1)), annotator="Zoë", label_set="Zoë")
    assert labels(ws)[0].visibility is Visibility.VISIBLE
    assert people_on(ws, "val", 1, label_set="Zoë")[0].revision == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("snapshot", "words"),
    [
        (a_snapshot(dataset="train"), "it belongs to dataset 'train', not 'val'"),
        (a_snapshot(an_edit(), item=999), "There is no annotation 999"),
        (a_snapshot(an_edit(4)), "person 101 has no keypoint 4"),
        (a_snapshot(an_edit(2, v=2)), "a keypoint with v = 2 needs a place"),
        (a_snapshot(an_edit(x=129.0, y=1)), "x = 129 is far outside the photo of 64 pixels"),
        (a_snapshot(an_edit(x=1, y=-49)), "y = -49 is far outside the photo of 48 pixels"),
        (a_snapshot(an_edit(kind="undo")), "an undo names the step it is about"),
    ],
)
def test_what_does_not_fit_the_dataset_is_refused_whole(
    ws: Workspace, tmp_path: Path, snapshot: dict[str, Any], words: str
) -> None:
    imported(ws, tmp_path)
    snapshot["edits"] = [an_edit(3, v=1), *snapshot["edits"]]
    with pytest.raises(UserError) as refused:
        save_snapshot(ws, "val", snapshot, annotator="Zoë")
    assert words in str(refused.value)
    assert people_on(ws, "val", 1)[0].revision == (0, 0, 0, 0)


@pytest.mark.parametrize("annotator", ["", "  ", "x" * 101, "a\nb", "a\u202eb"])
def test_verdicts_of_nobody_are_refused(ws: Workspace, tmp_path: Path, annotator: str) -> None:
    imported(ws, tmp_path)
    with pytest.raises(UserError, match=r"An annotator name has 1 to 100 visible characters"):
        save_snapshot(ws, "val", a_snapshot(an_edit()), annotator=annotator)


def test_two_spellings_of_one_name_are_one_annotator(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    saved(ws, a_snapshot(an_edit()), annotator=" Zoe\u0308 ")
    assert [v.annotator for v in history_of(ws, "val", 101, 0)] == ["Zo\u00eb"]


def test_the_kinds_are_those_of_verdicts(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    for number, kind in enumerate(VerdictKind):
        edit = an_edit(0, v=1, base_revision=number, kind=kind.value)
        snapshot = a_snapshot(edit, step=f"s{number}", undoes="s0")
        assert saved(ws, snapshot, annotator="Zoë").written == 1
    assert [v.kind for v in history_of(ws, "val", 101, 0)] == list(VerdictKind)
