"""What an export writes differently, as columns, against the histories read one by one."""

import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Engine

from core.data.review import MAIN, Edit, Label, Verdict, VerdictKind
from core.data.visibility import Visibility
from db import changes, people, verdicts
from db.changes import Changes
from db.standing import standing
from tests.db.builders import a_dataset, a_label, an_edit, imported
from tests.db.test_verdict_model import PEOPLE, some_calls

AT = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
GIVEN = Label(0.25, 1.25, Visibility.VISIBLE)  # of annotation 11, keypoint 0


def _append(
    engine: Engine, dataset_id: int, *edits: Edit, step: str = "s1", undoes: str | None = None
) -> list[Verdict]:
    written, _ = verdicts.append(
        engine, dataset_id, MAIN, edits, annotator="ann", step=step, undoes=undoes, at=AT
    )
    return written


def labels_of(found: Changes) -> list[tuple[int, int, Label, Label]]:
    return [
        (int(found.annotation_id[n]), int(found.keypoint[n]), found.before(n), found.after(n))
        for n in range(len(found))
    ]


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
    found = changes.changed(engine, dataset_id, MAIN)
    assert labels_of(found) == [
        (11, 0, GIVEN, Label(9.0, 1.25, Visibility.VISIBLE)),
        (12, 0, Label(6.25, 7.25, Visibility.VISIBLE), a_label(v=0)),
        (10, 2, third, a_label(v=1)),
    ]
    assert found.span_bytes.tolist() == [[0, 100], [200, 300], [400, 500]]
    assert found.image_id.tolist() == [7, 7, 3]
    assert found.category_id.tolist() == [1, 1, 1]


def test_an_undone_change_is_none(engine: Engine) -> None:
    dataset_id = imported(engine)
    _append(engine, dataset_id, an_edit())
    undo = an_edit(base=1, kind=VerdictKind.UNDO, after=GIVEN)
    _append(engine, dataset_id, undo, step="s2", undoes="s1")
    assert len(changes.changed(engine, dataset_id, MAIN)) == 0
    redo = an_edit(base=2, kind=VerdictKind.REDO, after=a_label())
    _append(engine, dataset_id, redo, step="s3", undoes="s1")
    assert labels_of(changes.changed(engine, dataset_id, MAIN)) == [(11, 0, GIVEN, a_label())]


def test_the_verdict_that_holds_is_named_not_the_last_one(engine: Engine) -> None:
    dataset_id = imported(engine)
    (first,) = _append(engine, dataset_id, an_edit(after=a_label(v=1), reason="behind a bar"))
    _append(engine, dataset_id, an_edit(base=1, after=a_label(v=0)), step="s2")
    undo = an_edit(base=2, kind=VerdictKind.UNDO, after=a_label(v=1))
    _append(engine, dataset_id, undo, step="s3", undoes="s2")
    found = changes.changed(engine, dataset_id, MAIN)
    row = int(found.verdict_row[0])
    assert changes.verdicts_in(engine, [row]) == {row: first}
    assert changes.verdicts_in(engine, []) == {}


def test_without_verdicts_nothing_is_changed(engine: Engine) -> None:
    dataset_id = imported(engine)
    assert labels_of(changes.changed(engine, dataset_id, MAIN)) == []
    assert labels_of(changes.no_changes()) == []


def test_the_version_is_another_one_after_every_verdict_of_the_label_set(engine: Engine) -> None:
    one, other = imported(engine), imported(engine, name="other")

    def versions() -> tuple[tuple[int, int], tuple[int, int]]:
        return changes.version(engine, one, MAIN), changes.version(engine, one, "ann")

    seen = [versions()]
    assert seen == [((0, 0), (0, 0))]
    _append(engine, other, an_edit())
    assert versions() == seen[-1]
    _append(engine, one, an_edit())
    _append(engine, one, an_edit(base=1, kind=VerdictKind.KEEP), step="s2")
    assert versions()[0] not in [each[0] for each in seen]
    assert versions()[1] == (0, 0)


@pytest.fixture
def dataset_id(engine: Engine) -> int:
    return imported(engine, a_dataset(v=((2, 1, 0),)))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(calls=some_calls)
def test_any_sequence_of_appends_changes_what_its_histories_say(
    engine: Engine, dataset_id: int, calls: list[list[tuple[object, ...]]]
) -> None:
    label_set = uuid.uuid4().hex
    revision: dict[tuple[int, int], int] = {}
    for n, call in enumerate(calls):
        edits = []
        for place, _, kind, after in call:  # type: ignore[misc]
            edits.append(Edit(*place, revision.get(place, 0), kind, after))  # type: ignore[misc]
            revision[place] = revision.get(place, 0) + 1
        verdicts.append(
            engine, dataset_id, label_set, edits, annotator="a", step=f"s{n}", undoes=f"s{n - 1}"
        )
    given_labels = {
        p.annotation_id: p.given for i in (7, 3) for p in people.people(engine, dataset_id, i)
    }
    expected = []
    for annotation_id in PEOPLE:
        for k, label in enumerate(given_labels[annotation_id]):
            history = verdicts.history(engine, dataset_id, annotation_id, k, label_set)
            holds = standing(history)
            now = history[-1].after if history else label
            unsure = holds is not None and holds.kind is VerdictKind.UNSURE
            differs = now != label and (now.visibility > 0 or label.visibility > 0)
            if differs and not unsure:
                expected.append((annotation_id, k, label, now))
    assert labels_of(changes.changed(engine, dataset_id, label_set)) == expected
