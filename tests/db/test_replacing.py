from sqlalchemy import Engine

from core.data.listing import DatasetInfo
from db import datasets, replacing, verdicts
from tests.db.builders import FACE, a_dataset, an_edit, begun, imported


def val(engine: Engine) -> DatasetInfo:
    imported(engine, name="val")
    return datasets.find(engine, "val")


def judged(engine: Engine, dataset_id: int, *places: tuple[int, int]) -> None:
    for annotation_id, keypoint in places:
        edit = an_edit(annotation_id, keypoint)
        verdicts.append(engine, dataset_id, "main", [edit], annotator="Zoë", step=f"s{keypoint}")


def test_chosen_verdicts_are_copied_as_they_are_and_the_name_moves(engine: Engine) -> None:
    old = val(engine)
    judged(engine, old.id, (11, 0), (11, 1), (12, 0))
    new_id = begun(engine, a_dataset())
    datasets.insert_contents(engine, new_id, a_dataset())
    last = replacing.last_verdict(engine, old.id)
    assert replacing.places_judged(engine, old.id, after=0, until=last) == {
        (11, 0): 1,
        (11, 1): 1,
        (12, 0): 1,
    }
    kept = {(11, 0): 1, (12, 0): 0}
    replacing.copy_verdicts(engine, old.id, new_id, kept, after=0, until=last)
    before = verdicts.history(engine, old.id, 12, 0)
    new = replacing.replace(engine, old, new_id, seen=last)
    assert new is not None
    assert (new.id, new.name) == (new_id, "val")
    assert datasets.list_all(engine) == [new]
    assert verdicts.history(engine, new_id, 12, 0) == before
    assert [v.keypoint for v in verdicts.history(engine, new_id, 11, 1)] == [1]
    assert verdicts.history(engine, new_id, 11, 0) == []
    assert [dataset_id for dataset_id, _ in datasets.unfinished(engine)] == [old.id]


def test_nothing_is_replaced_where_verdicts_came_later(engine: Engine) -> None:
    old = val(engine)
    new_id = begun(engine, a_dataset())
    judged(engine, old.id, (11, 0))
    assert replacing.replace(engine, old, new_id, seen=0) is None
    assert datasets.list_all(engine) == [old]


def test_skeletons_of_a_dataset_that_is_importing_are_known(engine: Engine) -> None:
    assert replacing.skeletons_of(engine, begun(engine, a_dataset())) == {1: FACE}


def test_without_verdicts_the_last_is_none(engine: Engine) -> None:
    assert replacing.last_verdict(engine, val(engine).id) == 0
