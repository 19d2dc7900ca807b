"""What holds after undo and redo."""

from datetime import UTC, datetime

import pytest

from core.data.review import MAIN, Verdict, VerdictKind
from db.standing import is_decided, standing
from tests.db.builders import a_label

SET, KEEP, ACCEPT, UNSURE = (
    VerdictKind.SET,
    VerdictKind.KEEP,
    VerdictKind.ACCEPT,
    VerdictKind.UNSURE,
)
UNDO, REDO = VerdictKind.UNDO, VerdictKind.REDO


def a_history(*steps: tuple[VerdictKind, str] | tuple[VerdictKind, str, str]) -> list[Verdict]:
    """Verdicts on one keypoint from (kind, step) or (kind, step, the step it is about)."""
    return [
        Verdict(
            label_set=MAIN,
            annotation_id=11,
            keypoint=0,
            revision=n + 1,
            kind=kind,
            step=step,
            undoes=about[0] if about else None,
            before=a_label(),
            after=a_label(),
            annotator="ann",
            at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        for n, (kind, step, *about) in enumerate(steps)
    ]


def test_nobody_has_decided_on_an_untouched_keypoint() -> None:
    assert standing([]) is None
    assert not is_decided([])


@pytest.mark.parametrize("kind", [SET, KEEP, ACCEPT])
def test_a_choice_decides(kind: VerdictKind) -> None:
    assert is_decided(a_history((kind, "a")))


def test_being_unsure_decides_nothing_and_takes_a_decision_back() -> None:
    assert not is_decided(a_history((UNSURE, "a")))
    assert not is_decided(a_history((SET, "a"), (UNSURE, "b")))
    assert is_decided(a_history((UNSURE, "a"), (KEEP, "b")))


@pytest.mark.parametrize(
    ("steps", "holds"),
    [
        ([(SET, "a"), (UNDO, "b", "a")], None),
        ([(SET, "a"), (SET, "b"), (UNDO, "c", "b")], 0),
        ([(SET, "a"), (SET, "b"), (UNDO, "c", "b"), (UNDO, "d", "a")], None),
        ([(SET, "a"), (UNDO, "b", "a"), (REDO, "c", "a")], 0),
        ([(SET, "a"), (UNDO, "b", "a"), (SET, "c"), (UNDO, "d", "c")], None),
        ([(SET, "a"), (UNDO, "b", "a"), (REDO, "c", "a"), (UNDO, "d", "a")], None),
        # One step may touch a keypoint twice: all of it is taken back, its end comes again.
        ([(SET, "a"), (SET, "b"), (KEEP, "b"), (UNDO, "c", "b")], 0),
        ([(SET, "a"), (SET, "b"), (KEEP, "b"), (UNDO, "c", "b"), (REDO, "d", "b")], 2),
        # A step that left no trace here.
        ([(SET, "a"), (UNDO, "b", "never seen")], None),
        ([(UNDO, "a", "never seen"), (REDO, "b", "never seen")], None),
    ],
)
def test_undo_and_redo_bring_back_what_held(
    steps: list[tuple[VerdictKind, str]], holds: int | None
) -> None:
    history = a_history(*steps)
    assert standing(history) == (None if holds is None else history[holds])


def test_undoing_an_uncertainty_brings_the_decision_back() -> None:
    assert is_decided(a_history((SET, "a"), (UNSURE, "b"), (UNDO, "c", "b")))
    assert not is_decided(a_history((UNSURE, "a"), (SET, "b"), (UNDO, "c", "b")))
