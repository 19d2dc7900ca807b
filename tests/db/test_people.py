"""Images and people as screens and models need them."""

import numpy as np
import pytest
from sqlalchemy import Engine

from core.data.dataset import Category
from core.data.listing import ImageInfo, Person
from core.data.review import MAIN, Held, Label, VerdictKind
from core.data.visibility import Visibility
from core.errors import UserError
from db import mapping, people, verdicts
from db.people import PersonBox
from tests.db.builders import FACE, NAN, a_dataset, a_label, an_edit, imported, many_people

NO_BOX = (NAN, NAN, NAN, NAN)
SEVEN = ImageInfo(7, 0, "000007.jpg", (640, 480), 2)
THREE = ImageInfo(3, 1, "000003.jpg", (640, 480), 1)


def test_images_come_in_file_order_page_by_page(engine: Engine) -> None:
    dataset_id = imported(engine)
    assert people.images(engine, dataset_id) == (2, [SEVEN, THREE])
    assert people.images(engine, dataset_id, offset=1, limit=1) == (2, [THREE])
    assert people.images(engine, dataset_id, offset=5) == (2, [])


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", [7, 3]),
        ("  ", [7, 3]),
        ("0003", [3]),
        ("3.JPG", [3]),
        ("10", [3]),  # an annotation on image 3
        ("7", [7]),
        (" 12 ", [7]),
        ("99", []),
        ("%", []),
        ("_", []),
        ("٣", [3]),
        ("9" * 30, []),
        ("'; DROP TABLE image; --", []),
    ],
)
def test_images_are_found_by_name_or_id(engine: Engine, search: str, found: list[int]) -> None:
    dataset_id = imported(engine)
    imported(engine, name="other")
    total, images = people.images(engine, dataset_id, search=search)
    assert (total, [i.id for i in images]) == (len(found), found)


def test_one_image_is_found_or_said_to_be_missing(engine: Engine) -> None:
    dataset_id = imported(engine)
    assert people.image(engine, dataset_id, 3) == THREE
    assert people.images_by_id(engine, dataset_id, [3, 99, 7]) == {3: THREE, 7: SEVEN}
    assert people.image_of_annotation(engine, dataset_id, 10) == 3
    with pytest.raises(UserError, match=r"There is no image 99 in this dataset"):
        people.image(engine, dataset_id, 99)
    with pytest.raises(UserError, match=r"There is no annotation 99 in this dataset"):
        people.image_of_annotation(engine, dataset_id, 99)


def test_people_of_several_images_come_together(engine: Engine) -> None:
    dataset_id = imported(engine)
    found = people.people_by_image(engine, dataset_id, [3, 7, 99])
    assert found == {
        image_id: people.people(engine, dataset_id, image_id) for image_id in (3, 7, 99)
    }
    assert [len(found[image_id]) for image_id in (3, 7, 99)] == [1, 2, 0]


def test_people_carry_given_and_current_labels(engine: Engine) -> None:
    dataset_id = imported(engine, a_dataset(v=((2, 1, 0),), iscrowd=(False, True, False)))
    verdicts.append(engine, dataset_id, MAIN, [an_edit(11, 1)], annotator="ann", step="s1")
    unsure = an_edit(11, 1, base=1, kind=VerdictKind.UNSURE)
    keep = an_edit(11, 0, kind=VerdictKind.KEEP)
    verdicts.append(engine, dataset_id, MAIN, [unsure, keep], annotator="ann", step="s2")
    given = (
        Label(0.25, 1.25, Visibility.VISIBLE),
        Label(2.25, 3.25, Visibility.OCCLUDED),
        Label(0.0, 0.0, Visibility.UNLABELLED),
    )
    first, second = people.people(engine, dataset_id, 7)
    assert first == Person(
        annotation_id=11,
        image_id=7,
        category_id=1,
        box_xywh_px=(1.0, 2.0, 30.0, 40.0),
        iscrowd=False,
        given=given,
        current=(given[0], a_label(), given[2]),
        revision=(1, 2, 0),
        reviewed=(True, False, False),
        history=(
            tuple(verdicts.history(engine, dataset_id, 11, 0)),
            tuple(verdicts.history(engine, dataset_id, 11, 1)),
            (),
        ),
        held=(
            Held(given[0], reviewed=True, unsure=False, step="s2"),
            Held(a_label(), reviewed=False, unsure=True, step="s2"),
            Held(given[2], reviewed=False, unsure=False, step=None),
        ),
    )
    assert [len(h) for h in first.history] == [1, 2, 0]
    assert (second.annotation_id, second.iscrowd, second.revision) == (12, True, (0, 0, 0))
    assert second.current == second.given
    assert people.persons(engine, dataset_id, [12, 99, 11]) == [first, second]
    (blind, _) = people.people(engine, dataset_id, 7, label_set="blind:bob")
    assert (blind.current, blind.revision) == (given, (0, 0, 0))
    assert people.people(engine, dataset_id, 99) == []


def test_a_person_to_be_edited_comes_with_image_and_imported_labels(engine: Engine) -> None:
    dataset_id = imported(engine)
    verdicts.append(
        engine, dataset_id, MAIN, [an_edit(10, after=a_label(v=0))], annotator="ann", step="s"
    )
    found = people.opened(engine, dataset_id, 10, label_set=MAIN)
    assert [found.person] == people.people(engine, dataset_id, 3)
    assert found.image == THREE
    given = [mapping.label_at(*found.given, k) for k in range(len(found.person.given))]
    assert given == list(found.person.given)
    with pytest.raises(UserError, match=r"There is no annotation 99 in this dataset"):
        people.opened(engine, dataset_id, 99, label_set=MAIN)
    with pytest.raises(UserError, match=r"This dataset is not there any more"):
        people.opened(engine, dataset_id + 1, 10, label_set=MAIN)


def test_somebody_without_a_keypoint_list_has_no_labels(engine: Engine) -> None:
    dataset = a_dataset(image_ids=(7,), people=((11, 7),))
    dataset.annotations.size[:] = 0
    dataset_id = imported(engine, dataset)
    (person,) = people.people(engine, dataset_id, 7)
    assert (person.given, person.current, person.reviewed) == ((), (), ())
    with pytest.raises(UserError, match=r"These edits cannot be written") as caught:
        verdicts.append(engine, dataset_id, MAIN, [an_edit()], annotator="ann", step="s")
    assert "Annotation 11 has 0 keypoints" in caught.value.problems[0]


def test_places_keep_every_bit(engine: Engine) -> None:
    dataset = a_dataset(image_ids=(7,), people=((11, 7),), v=((2, 2, 2),))
    odd = [[0.1 + 0.2, 1e-300], [1e300, -0.0], [123456789.123456789, 5e-324]]
    dataset.annotations.xy_image_px[0] = odd
    dataset_id = imported(engine, dataset)
    (person,) = people.people(engine, dataset_id, 7)
    found = np.array([[label.x_image_px, label.y_image_px] for label in person.given])
    assert found.tobytes() == np.array(odd).tobytes()


def test_everybody_with_something_to_cut_out_is_predicted(engine: Engine) -> None:
    dataset = a_dataset(
        image_ids=(7, 3, 5),
        people=((1, 3), (2, 7), (3, 7), (4, 7), (5, 7), (6, 7)),
        v=((2, 1, 2), (0, 0, 0), (0, 0, 0), (2, 2, 2), (0, 2, 0), (2, 2, 2)),
        boxes=((1, 2, 3, 4), (5, 6, 7, 8), NO_BOX, NO_BOX, (0, 0, 0, 9), (1, 1, 1, 1)),
        iscrowd=(False, False, False, False, False, True),
    )
    dataset_id = imported(engine, dataset)
    batches = list(people.boxes(engine, dataset_id, images_per_batch=1))
    seven = people.image(engine, dataset_id, 7)
    assert batches == [
        [
            PersonBox(2, seven, 0, (5.0, 6.0, 7.0, 8.0)),  # no labelled keypoint, but a box
            PersonBox(4, seven, 1, (18.25, 19.25, 4.0, 4.0)),  # the box of its points
            PersonBox(5, seven, 2, (26.25, 27.25, 1.0, 1.0)),  # of its only point
        ],
        [PersonBox(1, people.image(engine, dataset_id, 3), 0, (1.0, 2.0, 3.0, 4.0))],
    ]
    assert list(people.boxes(engine, dataset_id, from_position=1)) == batches[1:]
    assert list(people.boxes(engine, dataset_id, from_position=3)) == []


def test_boxes_no_photo_can_hold_are_not_cut_out(engine: Engine) -> None:
    dataset = a_dataset(
        image_ids=(7,),
        people=((1, 7), (2, 7)),
        v=((2, 2, 2), (0, 0, 0)),
        boxes=((1e300, 1e300, 1e300, 1e300), (0, 0, 1e300, 1)),
    )
    dataset_id = imported(engine, dataset)
    ((found,),) = people.boxes(engine, dataset_id)
    assert found.annotation_id == 1  # by the box of its points
    assert max(found.box_xywh_px) < 100


def test_things_without_keypoints_are_not_predicted(engine: Engine) -> None:
    categories = (Category(1, "car", None), Category(2, "person", FACE))
    dataset = a_dataset(categories=categories)
    dataset.annotations.category_id[:] = (1, 2, 1)
    dataset_id = imported(engine, dataset)
    found = [box.annotation_id for batch in people.boxes(engine, dataset_id) for box in batch]
    assert found == [12]


def test_spans_of_many_are_found(engine: Engine) -> None:
    dataset_id = imported(engine, many_people(1100))
    found = people.spans(engine, dataset_id, range(1, 1102))
    assert found == {n: (200 * n - 200, 200 * n - 100) for n in range(1, 1101)}


@pytest.mark.parametrize("beyond", [2**63, -(2**63) - 1, 10**30])
def test_ids_no_database_holds_are_nobodys(engine: Engine, beyond: int) -> None:
    dataset_id = imported(engine)
    for find in (people.image, people.image_of_annotation):
        with pytest.raises(UserError, match=r"There is nothing with an id that large"):
            find(engine, dataset_id, beyond)
