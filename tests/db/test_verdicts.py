"""Verdicts: compare and set, refused alone when stale, all or none when asked."""

import threading
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.data.review import MAIN, Edit, Label, Stale, Verdict, VerdictKind
from core.data.visibility import Visibility
from db import changes, verdicts
from tests.db.builders import a_label, an_edit, imported, many_people

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
    assert len(changes.changed(engine, two, MAIN)) == 0


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
