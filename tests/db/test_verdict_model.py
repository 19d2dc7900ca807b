"""Verdicts against a plain dict: whatever is asked in whatever order, both agree."""

import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from core.data.review import Edit, Label, VerdictKind
from core.data.visibility import Visibility
from db import people, verdicts
from tests.db.builders import a_dataset, imported

PEOPLE = (11, 12, 10)
PLACES = [(annotation_id, keypoint) for annotation_id in PEOPLE for keypoint in range(3)]
KEEPING = {VerdictKind.KEEP, VerdictKind.UNSURE}

an_offset = st.sampled_from([0, 0, 0, 0, -1, 1])  # of the revision named; 0: the right one
a_coordinate = st.floats(-1e6, 1e6, allow_nan=False)
some_labels = st.builds(Label, a_coordinate, a_coordinate, st.sampled_from(Visibility))
an_action = st.tuples(st.sampled_from(PLACES), an_offset, st.sampled_from(VerdictKind), some_labels)
some_calls = st.lists(st.lists(an_action, min_size=1, max_size=5), max_size=8)


class PlainModel:
    """What verdicts should come to, in a dict."""

    def __init__(self, given: dict[tuple[int, int], Label]) -> None:
        self.given = given
        self.history: dict[tuple[int, int], list[Label]] = {}

    def revision(self, place: tuple[int, int]) -> int:
        return len(self.history.get(place, []))

    def label(self, place: tuple[int, int]) -> Label:
        return self.history[place][-1] if place in self.history else self.given[place]

    def apply(self, edit: Edit, refused: set[tuple[int, int]]) -> bool:
        """Whether the edit is written; what was refused is so for the rest of a call."""
        place = (edit.annotation_id, edit.keypoint)
        if place in refused or edit.base_revision != self.revision(place):
            refused.add(place)
            return False
        after = self.label(place) if edit.kind in KEEPING else edit.after
        self.history.setdefault(place, []).append(after)
        return True


@pytest.fixture
def dataset_id(engine: Engine) -> int:
    return imported(engine, a_dataset(v=((2, 1, 0),)))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(calls=some_calls)
def test_any_sequence_of_appends_gives_what_a_dict_gives(
    engine: Engine, dataset_id: int, calls: list[list[tuple[object, ...]]]
) -> None:
    label_set = uuid.uuid4().hex  # one per example: each starts from the imported labels
    everybody = [p for i in (7, 3) for p in people.people(engine, dataset_id, i)]
    model = PlainModel({(p.annotation_id, k): p.given[k] for p in everybody for k in range(3)})
    for n, call in enumerate(calls):
        edits, expected = [], []
        refused: set[tuple[int, int]] = set()
        for (annotation_id, keypoint), offset, kind, after in call:  # type: ignore[misc]
            base = max(0, model.revision((annotation_id, keypoint)) + offset)
            edits.append(Edit(annotation_id, keypoint, base, kind, after))
            expected.append(model.apply(edits[-1], refused))
        written, stale = verdicts.append(
            engine, dataset_id, label_set, edits, annotator="ann", step=f"s{n}", undoes="s0"
        )
        assert [s.edit for s in stale] == [
            e for e, went in zip(edits, expected, strict=True) if not went
        ]
        assert len(written) == sum(expected)
    last = verdicts.current(engine, dataset_id, label_set, None)
    assert {place: v.after for place, v in last.items()} == {
        place: labels[-1] for place, labels in model.history.items()
    }
    for place, labels in model.history.items():
        found = verdicts.history(engine, dataset_id, *place, label_set)
        assert [v.after for v in found] == labels
        assert [v.revision for v in found] == list(range(1, len(labels) + 1))
        assert [v.before for v in found] == [model.given[place], *labels[:-1]]
