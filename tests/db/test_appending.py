"""What an edit must be to become a verdict, and what happens when it comes twice."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from core.data.review import MAIN, Edit, Label, Stale, Verdict, VerdictKind
from core.data.visibility import Visibility
from core.errors import UserError
from db import datasets, verdicts
from tests.db.builders import NAN, a_label, an_edit, imported

GIVEN = Label(0.25, 1.25, Visibility.VISIBLE)  # of annotation 11, keypoint 0


def _append(engine: Engine, dataset_id: int, *edits: Edit) -> tuple[list[Verdict], list[Stale]]:
    return verdicts.append(engine, dataset_id, MAIN, edits, annotator="ann", step="s1")


def test_what_a_run_did_not_say_is_none(engine: Engine) -> None:
    dataset_id = imported(engine)
    edit = replace(an_edit(), run="tiny-1", run_said=(NAN, NAN, NAN))
    (written,), _ = _append(engine, dataset_id, edit)
    assert (written.run, written.run_said) == ("tiny-1", None)
    assert verdicts.history(engine, dataset_id, 11, 0) == [written]


def test_an_id_beyond_64_bits_is_nobodys(sqlite_engine: Engine) -> None:
    dataset_id = imported(sqlite_engine)
    with pytest.raises(UserError, match=r"There is nothing with an id that large"):
        _append(sqlite_engine, dataset_id, an_edit(2**70))


def test_a_retry_of_the_same_step_is_answered_again_and_written_once(engine: Engine) -> None:
    dataset_id = imported(engine)
    first = _append(engine, dataset_id, an_edit(), an_edit(keypoint=1, kind=VerdictKind.KEEP))
    again = _append(engine, dataset_id, an_edit(), an_edit(keypoint=1, kind=VerdictKind.KEEP))
    assert again == first
    assert len(verdicts.current(engine, dataset_id, MAIN, None)) == 2
    assert len(verdicts.history(engine, dataset_id, 11, 0)) == 1
    other = an_edit(after=a_label(v=0))
    assert _append(engine, dataset_id, other)[1] == [Stale(other, a_label(), 1, "ann")]


def test_a_retry_is_answered_even_after_somebody_else_decided(engine: Engine) -> None:
    dataset_id = imported(engine)
    edits = (an_edit(), an_edit(base=1, after=a_label(v=0)))
    first = _append(engine, dataset_id, *edits)
    verdicts.append(engine, dataset_id, MAIN, [an_edit(base=2)], annotator="bob", step="b")
    assert _append(engine, dataset_id, *edits) == first
    assert len(verdicts.history(engine, dataset_id, 11, 0)) == 3


def test_the_same_edit_twice_in_one_call_is_stale_the_second_time(engine: Engine) -> None:
    dataset_id = imported(engine)
    written, stale = _append(engine, dataset_id, an_edit(), an_edit())
    assert [v.revision for v in written] == [1]
    assert stale == [Stale(an_edit(), a_label(), 1, "ann")]


def test_two_edits_of_one_keypoint_follow_each_other(engine: Engine) -> None:
    dataset_id = imported(engine)
    written, stale = _append(engine, dataset_id, an_edit(), an_edit(base=1, after=a_label(v=0)))
    assert [(v.revision, v.before, v.after) for v in written] == [
        (1, GIVEN, a_label()),
        (2, a_label(), a_label(v=0)),
    ]
    assert stale == []


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (an_edit(99), "There is no annotation 99 in this dataset."),
        (an_edit(keypoint=3), "Annotation 11 has 3 keypoints; there is no keypoint 3 (they count"),
        (an_edit(keypoint=-1), "Annotation 11 has 3 keypoints; there is no keypoint -1"),
        (an_edit(after=Label(1, 2, 3)), "annotation 11, keypoint 0: the flag is 3; it must be 0,"),  # type: ignore[arg-type]
        (an_edit(after=a_label(x=NAN)), "annotation 11, keypoint 0: the place (nan, 6.0) is no"),
        (an_edit(after=a_label(y=float("inf"))), "the place (5.0, inf) is no place."),
        (replace(an_edit(), run="x" * 201), "xxx' is not the name of a run."),
        (an_edit(kind=VerdictKind.UNDO), "undo does not say which step it is about."),
        (an_edit(kind=VerdictKind.REDO), "redo does not say which step it is about."),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_written(
    engine: Engine, edit: Edit, problem: str
) -> None:
    dataset_id = imported(engine)
    with pytest.raises(UserError, match=r"These edits cannot be written") as caught:
        _append(engine, dataset_id, an_edit(12), edit)
    (said,) = caught.value.problems
    assert problem in said
    assert verdicts.current(engine, dataset_id, MAIN, None) == {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"label_set": ""},
            "A verdict needs its label set, one line of 1 to 200 characters",
        ),
        (
            {"annotator": " "},
            "A verdict needs its annotator, one line of 1 to 200",
        ),
        ({"annotator": "a\0b"}, "A verdict needs its annotator, one line of 1 to 200 characters"),
        ({"undoes": ""}, "A verdict needs its step to undo, one line of 1 to 40 characters"),
        ({"step": "x" * 41}, "A verdict needs its step, one line of 1 to 40 characters"),
    ],
)
def test_a_verdict_says_who_and_what_it_belongs_to(
    engine: Engine, given: dict[str, str], said: str
) -> None:
    dataset_id = imported(engine)
    words = {"label_set": MAIN, "annotator": "ann", "step": "s"} | given
    with pytest.raises(UserError, match=said):
        verdicts.append(engine, dataset_id, edits=[an_edit()], **words)


def test_a_removed_dataset_takes_no_verdict(engine: Engine) -> None:
    dataset_id = imported(engine)
    datasets.remove(engine, dataset_id)
    with pytest.raises(UserError, match=r"This dataset is not there any more; nothing was written"):
        _append(engine, dataset_id, an_edit())
