import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.workflow.snapshot import MOST_EDITS, read_snapshot
from core.errors import UserError
from tests.app.workflow.snapshots import a_snapshot, an_edit


def test_a_whole_snapshot_is_read() -> None:
    read = read_snapshot(a_snapshot(an_edit(2.0, v=1, x=3, y=4.5)))  # type: ignore[arg-type]
    (edit,) = read.edits
    assert (edit.keypoint, edit.xy_image_px) == (2, (3.0, 4.5))


@pytest.mark.parametrize(
    ("snapshot", "words"),
    [
        (None, "the snapshot is not an object"),
        ([], "the snapshot is not an object"),
        ({1: 2}, "the snapshot is not an object"),
        (a_snapshot(edits={}), "edits is not a list"),
        (a_snapshot(edits=[{}] * (MOST_EDITS + 1)), "edits has 10,001 entries; 10,000 is the most"),
        (a_snapshot(1), "edits[0] is not an object"),  # type: ignore[arg-type]
        (a_snapshot(an_edit(1), an_edit(1)), "edits names a keypoint twice"),
        (a_snapshot(dataset=""), "dataset is missing"),
        (a_snapshot(dataset=5), "dataset is not text"),
        (a_snapshot(item="101"), "item is not a whole number"),
        (a_snapshot(item=True), "item is not a whole number"),
        (a_snapshot(item=2**60), "item is not within"),
        (a_snapshot(seq=-1), "seq is not within"),
        (a_snapshot(step=None), "step is missing"),
        (a_snapshot(step="x" * 41), "step has more than 40 letters"),
        (a_snapshot(undoes="a\0"), "undoes has more than 40 letters or a NUL"),
        (a_snapshot(an_edit(-1)), "edits[0].keypoint is not within"),
        (a_snapshot(an_edit(base_revision=1.5)), "edits[0].base_revision is not a whole number"),
        (a_snapshot(an_edit(kind="delete")), "edits[0].kind is none of set, accept, keep"),
        (a_snapshot(an_edit(kind=["set"])), "edits[0].kind is none of"),
        (a_snapshot(an_edit(v=3)), "edits[0].v is not within 0 to 2"),
        (a_snapshot(an_edit(v=None)), "edits[0].v is not a whole number"),  # type: ignore[arg-type]
        (a_snapshot(an_edit(x=1)), "edits[0].y is not a number"),
        (a_snapshot(an_edit(x=math.nan, y=1)), "edits[0].x is not a finite number"),
        (a_snapshot(an_edit(x=1, y=math.inf)), "edits[0].y is not a finite number"),
        (a_snapshot(an_edit(x=10**400, y=1)), "edits[0].x is not a finite number"),
        (a_snapshot(an_edit(x=True, y=1)), "edits[0].x is not a number"),
        (a_snapshot(an_edit(reason="x" * 2001)), "edits[0].reason has more than 2000"),
        (a_snapshot(an_edit(run=1)), "edits[0].run is not text"),
        (a_snapshot(an_edit(run_said=[1, 0])), "edits[0].run_said is not a list of three"),
        (a_snapshot(an_edit(run_said=[1, 0, 2])), "edits[0].run_said is not within 0 to 1"),
    ],
)
def test_a_wrong_field_is_named(snapshot: object, words: str) -> None:
    with pytest.raises(UserError) as refused:
        read_snapshot(snapshot)
    assert str(refused.value).startswith(f"The edit was not saved: {words}")
    assert refused.value.remedy == "Reload the page and try again."


anything: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
FIELDS = ("dataset", "item", "seq", "step", "undoes", "edits")
EDIT_FIELDS = ("keypoint", "base_revision", "kind", "v", "x", "y", "reason", "run", "run_said")


@given(field=st.sampled_from(FIELDS), value=anything)
def test_no_value_of_a_field_gets_past_the_checks_but_a_good_one(field: str, value: object) -> None:
    _read_or_refuse(a_snapshot(an_edit()) | {field: value})


@given(field=st.sampled_from(EDIT_FIELDS), value=anything)
def test_no_value_of_an_edit_gets_past_the_checks_but_a_good_one(field: str, value: object) -> None:
    _read_or_refuse(a_snapshot(an_edit() | {field: value}))


def _read_or_refuse(snapshot: object) -> None:
    try:
        read = read_snapshot(snapshot)
    except UserError:
        return
    for edit in read.edits:
        assert edit.visibility in (0, 1, 2)
        assert edit.xy_image_px is None or all(math.isfinite(c) for c in edit.xy_image_px)
