"""The order in which people are relabelled."""

import pytest
from sqlalchemy import Engine

from core.data.review import MAIN, VerdictKind
from core.errors import UserError
from db import verdicts
from db.queue import QueuedPerson, walk
from tests.db.builders import a_dataset, a_label, an_edit, imported, many_people

ALL = [QueuedPerson(11, 7), QueuedPerson(12, 7), QueuedPerson(10, 3)]


def decide(engine: Engine, dataset_id: int, annotation_id: int, keypoint: int) -> None:
    edit = an_edit(annotation_id, keypoint, after=a_label())
    verdicts.append(engine, dataset_id, MAIN, [edit], annotator="Zoë", step=f"s{keypoint}")


def ids(engine: Engine, dataset_id: int, **choice: object) -> list[int]:
    return [person.annotation_id for person in walk(engine, dataset_id, **choice)]  # type: ignore[arg-type]


def test_people_come_photo_by_photo_in_file_order(engine: Engine) -> None:
    dataset_id = imported(engine)
    imported(engine, name="other")
    assert list(walk(engine, dataset_id)) == ALL


def test_walking_starts_behind_a_person_and_goes_either_way(engine: Engine) -> None:
    dataset_id = imported(engine)
    assert ids(engine, dataset_id, beyond=11) == [12, 10]
    assert ids(engine, dataset_id, beyond=10, backward=True) == [12, 11]
    assert ids(engine, dataset_id, beyond=11, backward=True) == []


def test_crowds_are_left_out(engine: Engine) -> None:
    dataset_id = imported(engine, a_dataset(iscrowd=(False, True, False)))
    assert ids(engine, dataset_id) == [11, 10]


def test_who_is_reviewed_has_every_keypoint_decided(engine: Engine) -> None:
    dataset_id = imported(engine)
    for keypoint in range(3):
        decide(engine, dataset_id, 11, keypoint)
    for keypoint in range(2):
        decide(engine, dataset_id, 12, keypoint)
    assert ids(engine, dataset_id, reviewed=True) == [11]
    assert ids(engine, dataset_id, reviewed=False) == [12, 10]
    assert ids(engine, dataset_id, reviewed=True, label_set="Bo") == []


def test_an_unsure_keypoint_leaves_a_person_open(engine: Engine) -> None:
    dataset_id = imported(engine)
    for keypoint in range(3):
        decide(engine, dataset_id, 11, keypoint)
    doubt = an_edit(11, 2, base=1, kind=VerdictKind.UNSURE)
    verdicts.append(engine, dataset_id, MAIN, [doubt], annotator="Zoë", step="doubt")
    assert ids(engine, dataset_id, reviewed=True) == []


def test_many_photos_are_walked_in_several_reads(engine: Engine) -> None:
    dataset_id = imported(engine, many_people(200))
    assert ids(engine, dataset_id) == list(range(1, 201))
    assert ids(engine, dataset_id, beyond=150, backward=True) == list(range(149, 0, -1))


def test_an_unknown_person_is_said_to_be_missing(engine: Engine) -> None:
    dataset_id = imported(engine)
    with pytest.raises(UserError, match=r"There is no annotation 99 in this dataset"):
        next(walk(engine, dataset_id, beyond=99))
