"""Whole columns of flags and probabilities."""

from dataclasses import replace

import numpy as np
from sqlalchemy import Engine

from core.data.prediction import FloatArray, Prediction
from db import runs
from db.columns import _ROWS_AT_ONCE
from db.ranking import NO_KEYPOINT, flag_probabilities_of_run, flags_of_dataset
from tests.db.builders import a_dataset, imported, many_people

NAMES = ("right_eye", "nose")
TERNARY = np.array([[0.125, 0.25, 0.625], [1, 0, 0]], np.float32)


def a_prediction(annotation_id: int | None, index: int = 0, **said: FloatArray) -> Prediction:
    places = np.zeros(4, np.float32), np.zeros((2, 2), np.float32)
    return replace(Prediction(7, annotation_id, index, *places), **said)


def a_run(engine: Engine, dataset_id: int, *predictions: Prediction) -> int:
    run_id = runs.begin_run(
        engine,
        dataset_id,
        model="m",
        checkpoint_sha256="0" * 64,
        keypoint_names=NAMES,
        box_source="annotated",
    )
    runs.insert_predictions(engine, run_id, predictions)
    runs.finish_run(engine, run_id, None)
    return run_id


def test_people_come_photo_by_photo_in_file_order(engine: Engine) -> None:
    imported(engine, name="other")
    people = [(11, 7), (10, 3), (12, 7)]
    dataset_id = imported(engine, a_dataset(people=people, v=[[2, 1, 0], [0, 0, 1], [2, 2, 2]]))
    found = flags_of_dataset(engine, dataset_id)
    assert found.annotation_id.tolist() == [11, 12, 10]
    assert found.image_id.tolist() == [7, 7, 3]
    assert found.category_id.tolist() == [1, 1, 1]
    assert found.size.tolist() == [3, 3, 3]
    assert found.flags.tolist() == [[2, 1, 0], [2, 2, 2], [0, 0, 1]]


def test_crowds_and_people_without_a_list_are_left_out_and_short_lists_filled(
    engine: Engine,
) -> None:
    dataset = a_dataset(
        people=[(1, 7), (2, 7), (3, 7), (4, 3)], iscrowd=[False, True, False, False]
    )
    dataset.annotations.size[:] = [2, 3, 0, 1]
    dataset_id = imported(engine, dataset)
    found = flags_of_dataset(engine, dataset_id)
    assert found.annotation_id.tolist() == [1, 4]
    assert found.size.tolist() == [2, 1]
    assert found.flags.tolist() == [[2, 1], [2, NO_KEYPOINT]]


def test_more_people_than_are_read_at_once_are_all_there(engine: Engine) -> None:
    count = 2 * _ROWS_AT_ONCE + 3
    dataset_id = imported(engine, many_people(count))
    found = flags_of_dataset(engine, dataset_id)
    assert found.annotation_id.tolist() == list(range(1, count + 1))
    assert found.flags.tolist() == [[2, 1, 0]] * count


def test_nobody_is_there_without_people_dataset_or_run(engine: Engine) -> None:
    dataset_id = imported(engine, a_dataset(iscrowd=(True,)))
    for wanted in (dataset_id, 99):
        found = flags_of_dataset(engine, wanted)
        assert (found.annotation_id.shape, found.flags.shape) == ((0,), (0, 0))
    assert flag_probabilities_of_run(engine, 99).annotation_id.tolist() == []
    assert flag_probabilities_of_run(engine, a_run(engine, dataset_id)).p.shape == (0, 2, 3)


def test_probabilities_come_as_three_or_are_made_of_presence_and_visible(engine: Engine) -> None:
    dataset_id = imported(engine)
    apart = {"presence": np.array([0.75, 0.5], np.float32)}
    apart["visible"] = np.array([0.5, 0.625], np.float32)
    run_id = a_run(
        engine,
        dataset_id,
        a_prediction(11, 0, vis3=TERNARY),
        a_prediction(12, 1, **apart),
        a_prediction(10, 2),  # says nothing of flags
        a_prediction(None, 3, vis3=TERNARY),  # found, and nobody's annotation
        replace(a_prediction(None, 4, vis3=TERNARY[::-1].copy()), matched_annotation_id=13),
    )
    found = flag_probabilities_of_run(engine, run_id)
    assert found.keypoint_names == NAMES
    said = dict(zip(found.annotation_id.tolist(), found.p.tolist(), strict=True))
    assert said == {
        11: TERNARY.tolist(),
        12: [[0.25, 0.25, 0.5], [0.5, 0, 0.5]],
        13: TERNARY[::-1].tolist(),
    }
    assert found.p.dtype == np.float32
