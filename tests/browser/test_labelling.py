"""Sixty keypoints at typing speed over several persons, with a reload, undo and redo."""

import random
from collections.abc import Callable

import pytest

from tests.browser.editor_model import EditorModel
from tests.browser.harness import Visitor
from tests.browser.people import People
from tests.browser.test_random_keys import RUN, a_model, held

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

TYPING_MS = 60
DECIDED = (14, 14, 14, 15, 3)  # keypoints of each person, one person after the other
RELOAD_BEFORE = 2  # the person


def test_sixty_keypoints_with_a_reload_five_undone_and_two_redone_are_on_disk_as_typed(
    visit: Callable[..., Visitor], people: People
) -> None:
    chance = random.Random(60)
    model = a_model(people)
    ada = visit("Ada")
    ada.go(f"{people.page}&run={RUN}")
    ada.wait_for_editor()
    for place, count in enumerate(DECIDED):
        if place == RELOAD_BEFORE:
            ada.wait_until_saved()
            ada.page.reload()
            ada.wait_for_editor()
            reopen(model, people)
        for _ in range(count):
            press(ada, model, chance.choice(("0", "1", "2", "Numpad1", "Space", "x", "Enter")))
            if model.waits_for_a_place:
                press(ada, model, "Enter")
        if count != DECIDED[-1]:
            press(ada, model, "ArrowRight")
    assert sum(len(step.after) for step in model.done) == 60
    last = model.at
    for key in ("Control+z",) * 5 + ("Control+Shift+z",) * 2:
        press(ada, model, key)
    assert model.at == last - 1  # three undone here, two on the person before and redone there
    ada.wait_until_saved()
    for annotation_id, person in model.persons.items():
        assert held(people.person(annotation_id)) == [
            (point.x, point.y, point.v, point.reviewed) for point in person.points
        ]
    assert (ada.item, ada.active) == (model.at, model.persons[model.at].active)


def press(visitor: Visitor, model: EditorModel, key: str) -> None:
    visitor.type_keys(key)
    model.press(key)
    visitor.page.wait_for_timeout(TYPING_MS)


def reopen(model: EditorModel, people: People) -> None:
    """A reload opens every person anew; the undo log stays."""
    fresh = a_model(people)
    for annotation_id, person in fresh.persons.items():
        assert held(people.person(annotation_id)) == [
            (point.x, point.y, point.v, point.reviewed)
            for point in model.persons[annotation_id].points
        ]
        model.persons[annotation_id].active = person.active
        model.persons[annotation_id].ghost = model.persons[annotation_id].group = None
