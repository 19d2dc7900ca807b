"""What a browser sends may be anything: refused in words, and nothing of it is written."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.workflow.browse import history_of
from app.workflow.relabel import save_snapshot
from app.workflow.relabel_steps import MOST_EDITS, MOST_SNAPSHOTS, save_steps
from app.workflow.workspace import Workspace
from core.errors import UserError
from db.session import read
from db.tables import VerdictRow
from tests.app.workflow.coco_files import a_person, imported
from tests.app.workflow.snapshots import a_snapshot, an_edit, saved

LONG = "x" * 10_000_000


def verdicts_there_are(ws: Workspace) -> int:
    with read(ws.engine) as session:
        return session.scalar(select(func.count()).select_from(VerdictRow)) or 0


def deep(levels: int = 100_000) -> list[Any]:
    nested: list[Any] = []
    for _ in range(levels):
        nested = [nested]
    return nested


@pytest.fixture
def val(ws: Workspace, tmp_path: Path) -> Workspace:
    """`val`, and `other` with another person of another id."""
    imported(ws, tmp_path)
    imported(ws, tmp_path, name="other", annotations=[a_person(901)])
    return ws


@pytest.mark.parametrize(
    ("forged", "words"),
    [
        (a_snapshot(an_edit(), dataset="nowhere"), "There is no dataset 'nowhere'"),
        (a_snapshot(an_edit(), item=901), "There is no annotation 901 in this dataset"),
        (a_snapshot(an_edit(), dataset="other"), "There is no annotation 101 in this dataset"),
        (
            a_snapshot(an_edit(), annotator="Ada"),
            "These changes were made as Ada; you are Zoë now. Take the name Ada again to save "
            "them, or discard them.",
        ),
        (a_snapshot(an_edit(), annotator="main"), "its annotator is none. 'main' is what the"),
        (a_snapshot(an_edit(), annotator="a\u202eb"), "its annotator is none. The annotator name"),
        (a_snapshot(an_edit(), annotator=None), "annotator is missing"),
        (a_snapshot(an_edit(), label_set="Ada"), "Zoë may not change the labels of 'Ada'"),
        (a_snapshot(an_edit(), label_set="Main"), "Zoë may not change the labels of 'Main'"),
        (a_snapshot(an_edit(), label_set=None), "label_set is missing"),
        (a_snapshot(an_edit(), step="table-1"), "step is that of a table of verdicts"),
        (a_snapshot(an_edit(-1)), "edits[0].keypoint is not within"),
        (a_snapshot(an_edit(10**9)), "person 101 has no keypoint 1000000000"),
        (a_snapshot(an_edit(v=7)), "edits[0].v is not within 0 to 2"),
        (a_snapshot(an_edit(v=True)), "edits[0].v is not a whole number"),
        (a_snapshot(an_edit(v=0.5)), "edits[0].v is not a whole number"),  # type: ignore[arg-type]
        (a_snapshot(an_edit(x=float("nan"), y=1)), "edits[0].x is not a finite number"),
        (a_snapshot(an_edit(x=1, y=float("-inf"))), "edits[0].y is not a finite number"),
        (a_snapshot(an_edit(base_revision=float("nan"))), "base_revision is not a whole number"),
        (a_snapshot(an_edit(run_said=[0, float("nan"), 1])), "run_said is not a finite number"),
        (a_snapshot(an_edit(), dataset=LONG), "dataset has more than 200 letters"),
        (a_snapshot(an_edit(), annotator=LONG), "annotator has more than 100 letters"),
        (a_snapshot(an_edit(), label_set=LONG), "label_set has more than 100 letters"),
        (a_snapshot(an_edit(), step=LONG), "step has more than 40 letters"),
        (a_snapshot(an_edit(), step="a\nb"), "A verdict needs its step, one line"),
        (a_snapshot(an_edit(reason=LONG)), "edits[0].reason has more than 2000 letters"),
        (a_snapshot(an_edit(kind=LONG)), "edits[0].kind is none of"),
        (a_snapshot(an_edit(kind=deep())), "edits[0].kind is none of"),
        (a_snapshot(an_edit(run_said=deep())), "run_said is not a list of three numbers"),
        (a_snapshot(an_edit(), undoes=deep()), "undoes is not text"),
        (a_snapshot(edits=deep()), "edits[0] is not an object"),
        (a_snapshot(*([an_edit()] * 10_001)), "edits has 10,001 entries"),
        (None, "the snapshot is not an object"),
        (7, "the snapshot is not an object"),
        ([], "the snapshot is not an object"),
        (deep(), "the snapshot is not an object"),
        ({"item": "x"}, "edits is not a list"),
    ],
)
def test_a_forged_snapshot_is_refused_in_words(val: Workspace, forged: object, words: str) -> None:
    answers, error = save_steps(val, [forged], annotator="Zoë")
    assert answers == []
    assert words in error
    assert len(error) < 500
    assert verdicts_there_are(val) == 0


@pytest.mark.parametrize("kind", ["undo", "redo"])
@pytest.mark.parametrize("about", ["never", "t", "u", "bo", "own"])
def test_only_what_was_decided_on_that_keypoint_can_be_taken_back(
    val: Workspace, kind: str, about: str
) -> None:
    saved(val, a_snapshot(an_edit(3), step="t"))  # on another keypoint
    saved(val, a_snapshot(an_edit(0), step="bo", item=102), annotator="Bo")  # on another person
    saved(val, a_snapshot(an_edit(0, v=1), step="own"), label_set="Zoë")  # in another label set
    saved(val, a_snapshot(an_edit(0), step="s"))
    back = an_edit(0, v=2, base_revision=1, kind="undo")
    saved(val, a_snapshot(back, step="u", undoes="s"))  # an undo itself
    before = verdicts_there_are(val)
    forged = a_snapshot(an_edit(0, base_revision=2, kind=kind), step="f", undoes=about)
    answers, error = save_steps(val, [forged], annotator="Zoë")
    assert answers == []
    assert f"the {kind} is about a step that decided nothing on keypoint 0" in error
    assert verdicts_there_are(val) == before


def test_a_step_may_be_taken_back_in_the_message_that_decides_it(val: Workspace) -> None:
    steps = [
        a_snapshot(an_edit(0, v=1), step="a"),
        a_snapshot(an_edit(0, v=2, base_revision=1, kind="undo"), step="b", undoes="a"),
        a_snapshot(an_edit(0, v=1, base_revision=2, kind="redo"), step="c", undoes="a"),
    ]
    for _ in range(2):  # again, after a lost answer
        answers, error = save_steps(val, steps, annotator="Zoë")
        assert error == ""
        assert [(answer.revisions, answer.stale) for answer in answers] == [((3, 0, 0, 0), ())]
    assert [v.kind.value for v in history_of(val, "val", 101, 0)] == ["set", "undo", "redo"]


def test_taking_back_what_was_refused_as_stale_is_stale_too(val: Workspace) -> None:
    saved(val, a_snapshot(an_edit(0, v=0), step="bo"), annotator="Bo")
    steps = [
        a_snapshot(an_edit(0, v=1), an_edit(3, v=1), step="a"),
        a_snapshot(
            an_edit(0, v=2, base_revision=1, kind="undo"),
            an_edit(3, v=2, base_revision=1, kind="undo"),
            step="b",
            undoes="a",
        ),
    ]
    (answer,), error = save_steps(val, steps, annotator="Zoë")
    assert error == ""
    assert answer.revisions == (1, 0, 0, 2)
    assert [(refused.step, refused.keypoint) for refused in answer.stale] == [("a", 0), ("b", 0)]


def test_an_undo_of_an_old_revision_is_stale_and_no_error(val: Workspace) -> None:
    saved(val, a_snapshot(an_edit(0, v=1), step="a"))
    saved(val, a_snapshot(an_edit(0, v=0, base_revision=1), step="bo"), annotator="Bo")
    undo = a_snapshot(an_edit(0, v=2, base_revision=1, kind="undo"), step="b", undoes="a")
    (answer,), error = save_steps(val, [undo], annotator="Zoë")
    assert error == ""
    assert [(refused.step, refused.current_annotator) for refused in answer.stale] == [("b", "Bo")]


def _a_million() -> list[Any]:
    return [a_snapshot(an_edit())] * 1_000_000


def _too_many_edits() -> list[Any]:
    return [a_snapshot(*([an_edit()] * 9_000)) for _ in range(3)]


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (_a_million, "The browser sent 1,000,000 steps at once; 1,000 is the most."),
        (lambda: [None] * 1_001, "The browser sent 1,001 steps at once; 1,000 is the most."),
        (_too_many_edits, "The browser sent 27,000 edits at once; 20,000 is the most."),
    ],
)
def test_a_message_too_large_is_refused_before_any_work(
    val: Workspace, message: Callable[[], list[Any]], words: str
) -> None:
    sent = message()
    began = time.process_time()
    answers, error = save_steps(val, sent, annotator="Zoë")
    assert time.process_time() - began < 0.5
    rest = "Nothing of it was saved. Reload the page and try again."
    assert (answers, error) == ([], f"{words} {rest}")
    assert verdicts_there_are(val) == 0


def test_a_message_as_large_as_may_be_is_saved(val: Workspace) -> None:
    steps = [a_snapshot(an_edit(0, v=1 + n % 2, base_revision=n), step=f"s{n}") for n in range(200)]
    assert len(steps) < MOST_SNAPSHOTS < MOST_EDITS
    (answer,), error = save_steps(val, steps, annotator="Zoë")
    assert (error, answer.revisions, answer.stale) == ("", (200, 0, 0, 0), ())


a_number = st.integers() | st.floats() | st.sampled_from([0, 1, 2, 101, 901, 2**53, 10**400])
a_text = st.text(max_size=6) | st.sampled_from(["val", "other", "main", "Zoë", "Ada", "set", "s"])
anything: Any = st.recursive(
    st.none() | st.booleans() | a_number | a_text,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([*a_snapshot(), *an_edit(), "x", "y", "run"]), inner)
    ),
    max_leaves=12,
)
an_almost_right_edit = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        [*an_edit(), "x", "y", "reason", "run", "run_said"],
        st.none() | st.booleans() | a_number | a_text,
    ),
).map(lambda fields: {"keypoint": 9} | fields)
an_almost_right_snapshot = st.fixed_dictionaries(
    {}, optional=dict.fromkeys([*a_snapshot()], anything)
).map(lambda fields: a_snapshot(an_edit(9)) | fields)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    sent=anything
    | st.lists(an_almost_right_snapshot, max_size=4)
    | an_almost_right_edit.map(lambda edit: [a_snapshot(edit)])
)
def test_no_json_at_all_raises_anything_or_is_written(val: Workspace, sent: object) -> None:
    """Keypoint 9 is not there, so that nothing of this may be written."""
    answers, error = save_steps(val, sent, annotator="Zoë")
    assert isinstance(error, str)
    for answer in answers:
        assert (answer.revisions, answer.stale) == ((0, 0, 0, 0), ())
    one = sent[0] if isinstance(sent, list) and sent else sent
    with suppress(UserError):
        save_snapshot(val, "val", one, annotator="Zoë")
    assert verdicts_there_are(val) == 0


def test_what_a_browser_writes_for_no_number_is_refused(val: Workspace) -> None:
    sent = json.loads(json.dumps([a_snapshot(an_edit(x=float("nan"), y=float("inf")))]))
    answers, error = save_steps(val, sent, annotator="Zoë")
    assert answers == []
    assert "edits[0].x is not a finite number" in error
