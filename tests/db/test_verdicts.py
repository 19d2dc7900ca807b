"""Verdicts: compare and set, refused alone when stale, all or none when asked."""

import threading
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.data.review import MAIN, Edit, Label, Stale, Verdict, VerdictKind
from core.data.visibility import Visibility
from core.errors import UserError
from db import datasets, verdicts
from tests.db.builders import NAN, a_dataset, a_label, an_edit, imported, many_people

AT = datetime(2026, 11, 20, 12, 30, 0, 123456, tzinfo=UTC)
GIVEN = Label(0.25, 1.25, Visibility.VISIBLE)  # of annotation 11, keypoint 0


def _append(
    engine: Engine, dataset_id: int, *edits: Edit, step: str = "s1", undoes: str | None = None
) -> tuple[list[Verdict], list[Stale]]:
    return verdicts.append(
        engine, dataset_id, MAIN, edits, annotator="ann", step=step, undoes=undoes, at=AT
    )


def test_a_verdict_comes_back_whole(engine: Engine) -> None:
    dataset_id = imported(engine)
    edit = Edit(
        11,
        0,
        0,
        VerdictKind.ACCEPT,
        a_label(v=1),
        "behind the arm, 後ろ",
        "tiny-1",
        (0.1, 0.7, 0.2),
    )
    written, stale = _append(engine, dataset_id, edit)
    expected = Verdict(
        label_set=MAIN,
        annotation_id=11,
        keypoint=0,
        revision=1,
        kind=VerdictKind.ACCEPT,
        step="s1",
        undoes=None,
        before=GIVEN,
        after=a_label(v=1),
        annotator="ann",
        at=AT,
        reason="behind the arm, 後ろ",
        run="tiny-1",
        run_said=(0.1, 0.7, 0.2),
    )
    assert (written, stale) == ([expected], [])
    assert verdicts.history(engine, dataset_id, 11, 0) == [expected]
    assert verdicts.current(engine, dataset_id, MAIN, [11, 12]) == {(11, 0): expected}
    assert verdicts.current(engine, dataset_id, MAIN, None) == {(11, 0): expected}
    assert verdicts.current(engine, dataset_id, MAIN, []) == {}


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


def test_the_time_is_kept_in_utc_and_is_now_unless_said(engine: Engine) -> None:
    dataset_id = imported(engine)
    elsewhere = AT.astimezone(timezone(timedelta(hours=9)))
    verdicts.append(engine, dataset_id, MAIN, [an_edit()], annotator="ann", step="s", at=elsewhere)
    verdicts.append(engine, dataset_id, MAIN, [an_edit(base=1)], annotator="ann", step="t")
    first, second = verdicts.history(engine, dataset_id, 11, 0)
    assert (first.at, first.at.tzinfo) == (AT, UTC)
    assert abs(datetime.now(UTC) - second.at) < timedelta(minutes=1)


def test_a_stale_edit_is_refused_alone_with_both_values(engine: Engine) -> None:
    dataset_id = imported(engine)
    _append(engine, dataset_id, an_edit(after=a_label(v=1)))
    late, fresh = an_edit(after=a_label(v=0)), an_edit(keypoint=1)
    written, stale = verdicts.append(
        engine, dataset_id, MAIN, [late, fresh], annotator="bob", step="s2"
    )
    assert [(v.keypoint, v.revision, v.annotator) for v in written] == [(1, 1, "bob")]
    assert stale == [Stale(late, a_label(v=1), 1, "ann")]
    assert [v.after for v in verdicts.history(engine, dataset_id, 11, 0)] == [a_label(v=1)]


def test_an_edit_ahead_of_the_truth_is_refused_too(engine: Engine) -> None:
    dataset_id = imported(engine)
    early = an_edit(base=3)
    assert _append(engine, dataset_id, early) == ([], [Stale(early, GIVEN, 0, "")])


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


@pytest.mark.parametrize("kind", [VerdictKind.KEEP, VerdictKind.UNSURE])
def test_keeping_and_doubting_leave_the_label(engine: Engine, kind: VerdictKind) -> None:
    dataset_id = imported(engine)
    _append(engine, dataset_id, an_edit(after=a_label(v=1)))
    (written,), _ = _append(engine, dataset_id, an_edit(base=1, kind=kind), step="s2")
    assert (written.before, written.after) == (a_label(v=1), a_label(v=1))


def test_undo_names_the_step_it_takes_back_and_others_name_none(engine: Engine) -> None:
    dataset_id = imported(engine)
    _append(engine, dataset_id, an_edit())
    undo = an_edit(base=1, kind=VerdictKind.UNDO, after=GIVEN)
    written, _ = _append(engine, dataset_id, undo, an_edit(keypoint=1), step="s2", undoes="s1")
    assert [(v.kind, v.undoes) for v in written] == [
        (VerdictKind.UNDO, "s1"),
        (VerdictKind.SET, None),
    ]


def test_label_sets_do_not_touch_each_other(engine: Engine) -> None:
    dataset_id = imported(engine)
    _append(engine, dataset_id, an_edit())
    verdicts.append(
        engine, dataset_id, "blind:bob", [an_edit(after=a_label(v=1))], annotator="bob", step="b"
    )
    assert verdicts.label_sets(engine, dataset_id) == ["blind:bob", MAIN]
    (blind,) = verdicts.history(engine, dataset_id, 11, 0, "blind:bob")
    assert (blind.revision, blind.before, blind.after) == (1, GIVEN, a_label(v=1))


def test_datasets_do_not_touch_each_other(engine: Engine) -> None:
    one, two = imported(engine), imported(engine, name="other")
    _append(engine, one, an_edit())
    assert verdicts.history(engine, two, 11, 0) == []
    assert verdicts.label_sets(engine, two) == []
    assert verdicts.changed(engine, two, MAIN) == []


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


def test_all_or_none_writes_all_or_none(engine: Engine) -> None:
    dataset_id = imported(engine)
    _append(engine, dataset_id, an_edit())
    late = an_edit(after=a_label(v=0))
    edits = {"bob": [an_edit(12)], "eve": [late, an_edit(10)]}
    stale = verdicts.append_together(engine, dataset_id, MAIN, edits, step="csv")
    assert stale == [Stale(late, a_label(), 1, "ann")]
    assert list(verdicts.current(engine, dataset_id, MAIN, None)) == [(11, 0)]
    assert verdicts.append_together(engine, dataset_id, MAIN, {}, step="csv") == []
    edits["eve"] = [an_edit(base=1, after=a_label(v=0)), an_edit(10)]
    assert verdicts.append_together(engine, dataset_id, MAIN, edits, step="csv") == []
    last = verdicts.current(engine, dataset_id, MAIN, None)
    assert {place: v.annotator for place, v in last.items()} == {
        (10, 0): "eve",
        (11, 0): "eve",
        (12, 0): "bob",
    }


@pytest.mark.parametrize(("keypoint", "refused"), [(0, True), (1, False)])
def test_a_decision_made_while_all_or_none_is_worked_out_counts(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, keypoint: int, refused: bool
) -> None:
    dataset_id = imported(engine)
    truly_write, others = verdicts.write, iter([an_edit(11, keypoint, after=a_label(v=1))])

    def write_after_somebody_else(engine: Engine) -> AbstractContextManager[Session]:
        for edit in others:
            _append(engine, dataset_id, edit)
        return truly_write(engine)

    monkeypatch.setattr(verdicts, "write", write_after_somebody_else)
    edits = {"bob": [an_edit(11, 0), an_edit(12, 0)]}
    stale = verdicts.append_together(engine, dataset_id, MAIN, edits, step="csv")
    assert stale == ([Stale(an_edit(11, 0), a_label(v=1), 1, "ann")] if refused else [])
    written = verdicts.current(engine, dataset_id, MAIN, None)
    assert set(written) == ({(11, 0)} if refused else {(11, 0), (11, 1), (12, 0)})


def test_many_edits_are_all_written(engine: Engine) -> None:
    dataset_id = imported(engine, many_people(1200))
    edits = [an_edit(n) for n in range(1, 1201)]
    written, stale = _append(engine, dataset_id, *edits)
    assert ([v.annotation_id for v in written], stale) == (list(range(1, 1201)), [])
    assert verdicts.current(engine, dataset_id, MAIN, None) == {
        (v.annotation_id, v.keypoint): v for v in written
    }


def test_changes_are_what_an_export_would_write_differently(engine: Engine) -> None:
    dataset_id = imported(engine, a_dataset(v=((2, 1, 0),)))
    third = Label(0.0, 0.0, Visibility.UNLABELLED)  # keypoint 2 of everybody
    _append(
        engine,
        dataset_id,
        an_edit(12, 0, after=a_label(v=0)),  # flag
        an_edit(11, 0, after=Label(9.0, 1.25, Visibility.VISIBLE)),  # place
        an_edit(11, 1, kind=VerdictKind.KEEP),
        an_edit(11, 2, after=Label(5.0, 5.0, Visibility.UNLABELLED)),  # nothing an export writes
        an_edit(10, 0, after=a_label(v=1)),
        an_edit(10, 2, after=a_label(v=1)),
    )
    _append(engine, dataset_id, an_edit(10, 0, base=1, kind=VerdictKind.UNSURE), step="s2")
    changes = [
        (c.annotation_id, c.category_id, c.span_bytes, c.keypoint, c.given, c.current)
        for c in verdicts.changed(engine, dataset_id, MAIN)
    ]
    assert changes == [
        (11, 1, (0, 100), 0, GIVEN, Label(9.0, 1.25, Visibility.VISIBLE)),
        (12, 1, (200, 300), 0, Label(6.25, 7.25, Visibility.VISIBLE), a_label(v=0)),
        (10, 1, (400, 500), 2, third, a_label(v=1)),
    ]


def test_an_undone_change_is_none(engine: Engine) -> None:
    dataset_id = imported(engine)
    _append(engine, dataset_id, an_edit())
    undo = an_edit(base=1, kind=VerdictKind.UNDO, after=GIVEN)
    _append(engine, dataset_id, undo, step="s2", undoes="s1")
    assert verdicts.changed(engine, dataset_id, MAIN) == []
    redo = an_edit(base=2, kind=VerdictKind.REDO, after=a_label())
    _append(engine, dataset_id, redo, step="s3", undoes="s1")
    assert [c.current for c in verdicts.changed(engine, dataset_id, MAIN)] == [a_label()]


def test_of_many_threads_on_one_keypoint_each_revision_has_one_winner(engine: Engine) -> None:
    dataset_id = imported(engine)
    won: list[int] = []

    def decide(name: str) -> None:
        for n in range(8):
            last = verdicts.current(engine, dataset_id, MAIN, [11]).get((11, 0))
            edit = an_edit(base=last.revision if last else 0)
            written, stale = verdicts.append(
                engine, dataset_id, MAIN, [edit], annotator=name, step=f"{name}{n}"
            )
            assert len(written) + len(stale) == 1
            won.extend(v.revision for v in written)

    threads = [threading.Thread(target=decide, args=(f"ann{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    written = verdicts.history(engine, dataset_id, 11, 0)
    assert sorted(won) == [v.revision for v in written] == list(range(1, len(written) + 1))
    assert all(b.before == a.after for a, b in pairwise(written))
