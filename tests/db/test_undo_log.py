"""The undo log, from the verdicts: what may be undone and redone, and what that brings back."""

import itertools
import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from core.data.listing import Person
from core.data.review import (
    MAIN,
    TABLE_STEP,
    Held,
    Label,
    LoggedStep,
    StepChange,
    VerdictKind,
)
from core.data.visibility import Visibility
from db import people, verdicts
from db.undo_log import MOST_UNDONE, steps_done, steps_undone
from tests.db.builders import a_dataset, a_label, an_edit, imported, many_people

SET, KEEP, UNSURE = VerdictKind.SET, VerdictKind.KEEP, VerdictKind.UNSURE
UNDO, REDO = VerdictKind.UNDO, VerdictKind.REDO
GIVEN = Label(0.25, 1.25, Visibility.VISIBLE)
UNTOUCHED = Held(GIVEN, reviewed=False, unsure=False, step=None)


def names(steps: list[LoggedStep]) -> list[str]:
    return [each.step for each in steps]


def write_step(
    engine: Engine,
    dataset_id: int,
    step: str,
    *keypoints: int,
    who: str = "ann",
    kind: VerdictKind = SET,
    about: str | None = None,
    item: int = 11,
    after: Label | None = None,
) -> None:
    current = verdicts.current(engine, dataset_id, MAIN, [item])
    edits = [
        an_edit(
            item,
            k,
            base=current[item, k].revision if (item, k) in current else 0,
            kind=kind,
            after=after,
        )
        for k in keypoints or (0,)
    ]
    written, stale = verdicts.append(
        engine, dataset_id, MAIN, edits, annotator=who, step=step, undoes=about
    )
    assert (len(written), stale) == (len(edits), [])


def test_a_step_says_what_held_before_and_what_it_decided(engine: Engine) -> None:
    dataset_id = imported(engine)
    write_step(engine, dataset_id, "bo", 0, who="bob", kind=UNSURE)
    write_step(engine, dataset_id, "a", 0, 1)
    write_step(engine, dataset_id, "b", 0, kind=KEEP)
    hidden = Label(2.25, 3.25, Visibility.OCCLUDED)
    first = LoggedStep(
        "a",
        11,
        (
            StepChange(
                0,
                Held(GIVEN, reviewed=False, unsure=True, step="bo"),
                Held(a_label(), reviewed=True, unsure=False, step="a"),
            ),
            StepChange(
                1,
                Held(hidden, reviewed=False, unsure=False, step=None),
                Held(a_label(), reviewed=True, unsure=False, step="a"),
            ),
        ),
    )
    second = LoggedStep(
        "b",
        11,
        (
            StepChange(
                0,
                Held(a_label(), reviewed=True, unsure=False, step="a"),
                Held(a_label(), reviewed=True, unsure=False, step="b"),
            ),
        ),
    )
    assert steps_done(engine, dataset_id, MAIN, "ann", limit=9) == ([first, second], False)
    assert steps_undone(engine, dataset_id, MAIN, "ann") == []


def test_an_undone_step_may_be_redone_until_something_new_is_decided(engine: Engine) -> None:
    dataset_id = imported(engine)
    for step, keypoint in (("a", 0), ("b", 1), ("c", 2)):
        write_step(engine, dataset_id, step, keypoint)
    write_step(engine, dataset_id, "u1", 2, kind=UNDO, about="c")
    write_step(engine, dataset_id, "u2", 1, kind=UNDO, about="b")
    done, _ = steps_done(engine, dataset_id, MAIN, "ann", limit=9)
    undone = steps_undone(engine, dataset_id, MAIN, "ann")
    assert (names(done), names(undone)) == (["a"], ["c", "b"])
    write_step(engine, dataset_id, "r1", 1, kind=REDO, about="b")
    done, _ = steps_done(engine, dataset_id, MAIN, "ann", limit=9)
    undone = steps_undone(engine, dataset_id, MAIN, "ann")
    assert (names(done), names(undone)) == (["a", "b"], ["c"])
    write_step(engine, dataset_id, "d", 0)
    done, _ = steps_done(engine, dataset_id, MAIN, "ann", limit=9)
    assert names(done) == ["a", "b", "d"]
    assert steps_undone(engine, dataset_id, MAIN, "ann") == []


def test_others_their_label_sets_and_tables_are_not_in_the_log(engine: Engine) -> None:
    dataset_id = imported(engine)
    write_step(engine, dataset_id, "a", 0)
    write_step(engine, dataset_id, "u", 0, kind=UNDO, about="a")
    write_step(engine, dataset_id, f"{TABLE_STEP}1", 1)
    write_step(engine, dataset_id, "bo", 2, who="bob")
    verdicts.append(engine, dataset_id, "ann", [an_edit()], annotator="ann", step="blind")
    assert steps_done(engine, dataset_id, MAIN, "ann", limit=9) == ([], False)
    assert names(steps_undone(engine, dataset_id, MAIN, "ann")) == ["a"]
    assert names(steps_done(engine, dataset_id, "ann", "ann", limit=9)[0]) == ["blind"]
    # Not even where somebody forged an undo of a table.
    write_step(engine, dataset_id, "u2", 1, kind=UNDO, about=f"{TABLE_STEP}1")
    assert names(steps_undone(engine, dataset_id, MAIN, "ann")) == ["a"]


@pytest.mark.parametrize("before", ["never seen", "", "bo", "u", "x" * 41, "a\0", "\ud800"])
def test_nothing_is_older_than_a_step_that_is_not_in_the_log(engine: Engine, before: str) -> None:
    dataset_id = imported(engine)
    write_step(engine, dataset_id, "a", 0)
    write_step(engine, dataset_id, "bo", 0, who="bob")
    write_step(engine, dataset_id, "u", 0, kind=UNDO, about="a")
    found = steps_done(engine, dataset_id, MAIN, "ann", before=before, limit=9)
    assert found == ([], False)


def test_one_step_id_on_two_people_is_two_steps(engine: Engine) -> None:
    dataset_id = imported(engine)
    write_step(engine, dataset_id, "a", 0, item=11)
    write_step(engine, dataset_id, "a", 1, item=12)
    write_step(engine, dataset_id, "u", 1, item=12, kind=UNDO, about="a")
    done, _ = steps_done(engine, dataset_id, MAIN, "ann", limit=9)
    assert [(each.step, each.annotation_id) for each in done] == [("a", 11)]
    (undone,) = steps_undone(engine, dataset_id, MAIN, "ann")
    assert (undone.step, undone.annotation_id) == ("a", 12)


@dataclass
class Stacks:
    """The log of one annotator as an editor would keep it."""

    done: list[LoggedStep] = field(default_factory=list)
    undone: list[LoggedStep] = field(default_factory=list)


class Editors:
    """Two editors that write every step and keep what they did in two plain stacks each."""

    def __init__(self, engine: Engine, dataset_id: int) -> None:
        self.engine, self.dataset_id = engine, dataset_id
        self.label_set = uuid.uuid4().hex  # one per example: each starts from the imported labels
        self.stacks = {"ann": Stacks(), "bob": Stacks()}
        self.numbers = itertools.count()

    def decide(
        self, who: str, item: int, keypoints: list[int], kind: VerdictKind, label: Label
    ) -> None:
        after = [label] * len(keypoints) if kind is SET else None
        step = f"s{next(self.numbers)}"
        self.stacks[who].done.append(self.put(who, item, keypoints, kind, step, after=after))
        self.stacks[who].undone.clear()

    def table(
        self, who: str, item: int, keypoints: list[int], _kind: VerdictKind, label: Label
    ) -> None:
        step = f"{TABLE_STEP}{next(self.numbers)}"
        self.put(who, item, keypoints, SET, step, after=[label] * len(keypoints))

    def undo(self, who: str, *_unused: object) -> None:
        if not self.stacks[who].done:
            return
        step = self.stacks[who].done.pop()
        self.stacks[who].undone.append(step)
        labels = [change.before.label for change in step.changes]
        self.restore(who, step, UNDO, labels)

    def redo(self, who: str, *_unused: object) -> None:
        if not self.stacks[who].undone:
            return
        step = self.stacks[who].undone.pop()
        self.stacks[who].done.append(step)
        labels = [change.after.label for change in step.changes]
        self.restore(who, step, REDO, labels)

    def restore(self, who: str, step: LoggedStep, kind: VerdictKind, labels: list[Label]) -> None:
        keypoints = [change.keypoint for change in step.changes]
        name = f"s{next(self.numbers)}"
        self.put(who, step.annotation_id, keypoints, kind, name, after=labels, about=step.step)

    def put(
        self,
        who: str,
        item: int,
        keypoints: list[int],
        kind: VerdictKind,
        step: str,
        *,
        after: list[Label] | None,
        about: str | None = None,
    ) -> LoggedStep:
        """Writes one step and says what the log should say of it."""
        was = self.person(item)
        wanted = after or [was.current[k] for k in keypoints]
        edits = [
            an_edit(item, k, base=was.revision[k], kind=kind, after=label)
            for k, label in zip(keypoints, wanted, strict=True)
        ]
        _, stale = verdicts.append(
            self.engine,
            self.dataset_id,
            self.label_set,
            edits,
            annotator=who,
            step=step,
            undoes=about,
        )
        assert stale == []
        now = self.person(item)
        changes = tuple(StepChange(k, was.held[k], now.held[k]) for k in keypoints)
        return LoggedStep(step, item, changes)

    def person(self, item: int) -> Person:
        (found,) = people.persons(self.engine, self.dataset_id, [item], label_set=self.label_set)
        return found

    def all_pages(self, who: str, limit: int) -> list[LoggedStep]:
        pages: list[LoggedStep] = []
        before, more = None, True
        while more:
            found, more = steps_done(
                self.engine, self.dataset_id, self.label_set, who, before=before, limit=limit
            )
            assert len(found) == limit if more else len(found) <= limit
            assert before not in names(found)  # else this would never end
            pages = found + pages
            before = pages[0].step if pages else None
        return pages


an_act = st.tuples(
    st.sampled_from(["decide", "decide", "undo", "redo", "table"]),
    st.sampled_from(["ann", "bob"]),
    st.sampled_from([11, 12]),
    st.sets(st.integers(0, 2), min_size=1).map(sorted),
    st.sampled_from([SET, KEEP, UNSURE]),
    st.builds(a_label, v=st.sampled_from([0, 1, 2])),
)


@pytest.fixture
def dataset_id(engine: Engine) -> int:
    return imported(engine, a_dataset(v=((2, 1, 0),)))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(acts=st.lists(an_act, max_size=20), limit=st.integers(1, 6))
def test_any_sequence_of_two_annotators_gives_what_two_stacks_give(
    engine: Engine, dataset_id: int, acts: list[tuple[Any, ...]], limit: int
) -> None:
    editors = Editors(engine, dataset_id)
    for act, *how in acts:
        getattr(editors, act)(*how)
    for who, stacks in editors.stacks.items():
        undone = steps_undone(engine, dataset_id, editors.label_set, who)
        assert (editors.all_pages(who, limit), undone) == (stacks.done, stacks.undone)


def test_the_log_is_found_by_indexes_alone(sqlite_engine: Engine) -> None:
    """A hundred thousand verdicts of one annotator or of a table must not be walked over."""
    engine = sqlite_engine
    dataset_id = imported(engine)
    write_step(engine, dataset_id, "a", 0)
    write_step(engine, dataset_id, "b", 0)
    write_step(engine, dataset_id, "c", 1)
    write_step(engine, dataset_id, "u", 1, kind=UNDO, about="c")
    asked: list[tuple[str, Any]] = []

    def note(_c: object, _d: object, statement: str, values: Any, *_more: object) -> None:
        asked.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    for before in (None, "b"):
        assert steps_done(engine, dataset_id, MAIN, "ann", before=before, limit=50)[0]
    assert steps_undone(engine, dataset_id, MAIN, "ann")
    event.remove(engine, "before_cursor_execute", note)
    used = set()
    with engine.connect() as connection:
        for statement, values in asked:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            used |= {line.detail.replace("SEARCH", "").partition("(")[0] for line in plan}
    own = " verdict USING INDEX ix_verdict_own"
    assert used == {
        f"{own} ",
        f"{own}_step ",
        f"{own}_undoes ",
        " verdict USING INDEX sqlite_autoindex_verdict_1 ",  # the histories of those found
        " annotation USING INDEX sqlite_autoindex_annotation_1 ",
    }


def test_a_page_is_found_behind_hundreds_of_undone_steps(sqlite_engine: Engine) -> None:
    engine = sqlite_engine
    dataset_id = imported(engine, many_people(700))
    for n in range(1, 701):
        write_step(engine, dataset_id, f"s{n}", item=n)
    for n in range(700, 100, -1):
        write_step(engine, dataset_id, f"u{n}", item=n, kind=UNDO, about=f"s{n}")
    done, more = steps_done(engine, dataset_id, MAIN, "ann", limit=30)
    assert (names(done), more) == ([f"s{n}" for n in range(71, 101)], True)
    undone = steps_undone(engine, dataset_id, MAIN, "ann")
    assert names(undone) == [f"s{n}" for n in range(300, 100, -1)]
    assert len(undone) == MOST_UNDONE
