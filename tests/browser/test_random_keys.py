"""A thousand keys pressed at random: the database holds what a second editor, in Python, holds."""

import random
from collections.abc import Callable

import numpy as np
import pytest

from app.workflow.browse import people_on
from app.workflow.open_queue import OpenQueue
from app.workflow.queue import Queue
from core.data.listing import Person
from db import datasets
from tests.browser.editor_model import DIGITS, NUDGES, STEPS, EditorModel, Open, opened
from tests.browser.harness import Visitor
from tests.browser.people import PHOTOS, SIZE_WH_PX, People

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

KEYS, PAUSES_MS = 1000, (0, 0, 0, 0, 5, 20)
RUN = "made-1"
# What people do most is pressed most.
ACTS = [
    (8, [(key,) for key in DIGITS]),
    (3, [("Enter",), ("Space",), ("x",)]),
    (3, [(key,) for key in STEPS]),
    (2, [(key,) for key in NUDGES]),
    (4, [("ArrowRight",), ("ArrowRight",), ("ArrowLeft",), ("n",), ("p",)]),
    (3, [("Control+z",), ("Control+z",), ("Control+Shift+z",)]),
    (
        1,
        [("g", letter, key) for letter in "hlra" for key in ("0", "1", "2", "Enter", "Space", "x")],
    ),
]


@pytest.mark.parametrize("seed", [11, 12])
def test_a_thousand_keys_at_random_land_where_they_should(
    visit: Callable[..., Visitor], people: People, seed: int
) -> None:
    chance = random.Random(seed)
    model = a_model(people)
    ada = visit("Ada")
    ada.go(f"{people.page}&run={RUN}")
    ada.wait_for_editor()
    assert ada.item == model.at
    pressed = 0
    while pressed < KEYS:
        acts = chance.choices([acts for _, acts in ACTS], [weight for weight, _ in ACTS])[0]
        act = chance.choice(acts)
        # Whether the end is known already, or still asked for, decides what becomes of the keys
        # that follow: a test of its own.
        if model.is_beyond_the_end(act[0]):
            continue
        ada.type_keys(*act)
        model.press(*act)
        pressed += len(act)
        ada.page.wait_for_timeout(chance.choice(PAUSES_MS))
    ada.wait_until_saved()
    assert {id_: held(people.person(id_)) for id_ in model.order} == {
        id_: [(point.x, point.y, point.v, point.reviewed) for point in person.points]
        for id_, person in model.persons.items()
    }
    assert (ada.item, ada.active) == (model.at, model.persons[model.at].active)


def held(person: Person) -> list[tuple[float, float, int, bool]]:
    """Every keypoint of a person as the database has it: place, flag, reviewed."""
    return [
        (label.x_image_px, label.y_image_px, int(label.visibility), reviewed)
        for label, reviewed in zip(person.current, person.reviewed, strict=True)
    ]


def a_model(people: People) -> EditorModel:
    """The second editor, on the same dataset."""
    dataset = datasets.find(people.ws.engine, people.name)
    part = OpenQueue(people.ws, dataset, Queue(run=RUN)).part(None, behind=0, ahead=100)
    order = [entry.annotation_id for entry in part.ahead]
    persons: dict[int, Open] = {}
    beside: dict[int, list[int]] = {}
    for image_id in range(1, PHOTOS + 1):
        on_photo = people_on(people.ws, people.name, image_id, run=RUN)
        for person in on_photo:
            said = person.prediction
            assert said is not None
            assert said.vis3 is not None
            places = [(float(x), float(y)) for x, y in said.xy_image_px]
            flags = [int(flag) for flag in np.argmax(said.vis3, axis=1)]
            persons[person.annotation_id] = opened(person, places, flags)
            beside[person.annotation_id] = [each.annotation_id for each in on_photo]
    return EditorModel(order, beside, SIZE_WH_PX, persons, at=order[0])
