"""What is decided, as arrays, against the histories themselves."""

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from core.data.review import MAIN, Edit, VerdictKind
from db import people, verdicts
from db.decisions import MARGINS, decisions_since
from tests.db.builders import a_dataset, a_label, an_edit, imported

Stand = dict[tuple[int, int], tuple[int, bool, int]]  # revision, decided, flag
PLACES = [(11, 0), (11, 2), (10, 1)]
an_action = st.tuples(
    st.sampled_from(PLACES), st.sampled_from(VerdictKind), st.integers(0, 2), st.integers(0, 3)
)
some_calls = st.lists(st.lists(an_action, min_size=1, max_size=3), min_size=1, max_size=10)


def since(engine: Engine, dataset_id: int, last: int, label_set: str = MAIN) -> tuple[Stand, int]:
    found = decisions_since(engine, dataset_id, label_set, last)
    columns = (found.annotation_id, found.keypoint, found.revision, found.decided, found.flag)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return {(a, k): (revision, decided, flag) for a, k, revision, decided, flag in rows}, found.last


def recounted(engine: Engine, dataset_id: int, label_set: str = MAIN) -> Stand:
    everybody = people.persons(engine, dataset_id, [11, 12, 10], label_set=label_set)
    return {
        (p.annotation_id, k): (p.revision[k], p.reviewed[k], int(p.current[k].visibility))
        for p in everybody
        for k in range(len(p.given))
        if p.revision[k]
    }


def append(engine: Engine, dataset_id: int, edits: Sequence[Edit], **how: str) -> None:
    options = {"label_set": MAIN, "step": "s"} | how
    label_set = options.pop("label_set")
    verdicts.append(engine, dataset_id, label_set, edits, annotator="ann", **options)  # type: ignore[arg-type]


@pytest.fixture
def dataset_id(engine: Engine) -> int:
    return imported(engine, a_dataset())


def test_nothing_is_decided_at_first(engine: Engine, dataset_id: int) -> None:
    assert since(engine, dataset_id, 0) == ({}, 0)


def test_the_last_verdict_of_each_keypoint_counts(engine: Engine, dataset_id: int) -> None:
    append(engine, dataset_id, [an_edit(11, 0, after=a_label(v=1)), an_edit(12, 2)])
    append(engine, dataset_id, [an_edit(11, 0, base=1, kind=VerdictKind.UNSURE)], step="t")
    found, last = since(engine, dataset_id, 0)
    assert found == {(11, 0): (2, False, 1), (12, 2): (1, True, 2)}
    assert last == 3


def test_an_undone_step_leaves_what_was_decided_before(engine: Engine, dataset_id: int) -> None:
    keep, undo = VerdictKind.KEEP, VerdictKind.UNDO
    append(engine, dataset_id, [an_edit(11, 0, kind=keep), an_edit(12, 0, kind=keep)], step="a")
    append(engine, dataset_id, [an_edit(11, 0, base=1, after=a_label(v=1))], step="b")
    append(engine, dataset_id, [an_edit(11, 0, base=2, kind=undo)], step="c", undoes="b")
    append(engine, dataset_id, [an_edit(12, 0, base=1, kind=undo)], step="d", undoes="a")
    assert since(engine, dataset_id, 0)[0] == {(11, 0): (3, True, 2), (12, 0): (2, False, 2)}


def test_other_label_sets_and_datasets_are_not_mixed_in(engine: Engine, dataset_id: int) -> None:
    other = imported(engine, name="other")
    append(engine, other, [an_edit(11, 1)])
    append(engine, dataset_id, [an_edit(11, 2)], label_set="Bo")
    assert since(engine, dataset_id, 0) == ({}, 0)
    assert since(engine, dataset_id, 0, "Bo")[0] == {(11, 2): (1, True, 2)}


def test_only_what_is_new_is_read_and_on_servers_a_little_before(
    engine: Engine, dataset_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MARGINS, "postgresql", 1)
    for keypoint in range(3):
        append(engine, dataset_id, [an_edit(11, keypoint)])
    found, last = since(engine, dataset_id, 2)
    before = {(11, 1)} if engine.dialect.name == "postgresql" else set()
    assert (set(found), last) == (before | {(11, 2)}, 3)
    assert since(engine, dataset_id, 9)[1] == 9  # never back


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(calls=some_calls)
def test_any_verdicts_are_told_as_the_people_themselves_tell_them(
    engine: Engine,
    dataset_id: int,
    calls: list[list[tuple[tuple[int, int], VerdictKind, int, int]]],
) -> None:
    label_set = f"set {next(_numbers)}"
    known: Stand = {}
    last = 0
    for n, call in enumerate(calls):
        now = recounted(engine, dataset_id, label_set)
        for (annotation_id, keypoint), kind, flag, undone in call:
            base = now.get((annotation_id, keypoint), (0, False, 0))[0]
            edit = Edit(annotation_id, keypoint, base, kind, a_label(v=flag))
            append(
                engine, dataset_id, [edit], label_set=label_set, step=f"s{n}", undoes=f"s{undone}"
            )
        new, last = since(engine, dataset_id, last, label_set)
        known |= new
        assert known == recounted(engine, dataset_id, label_set)
        assert since(engine, dataset_id, 0, label_set)[0] == known


_numbers = iter(range(10**9))
