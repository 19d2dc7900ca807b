"""Runs are invisible until they are whole; predictions come back as they were."""

from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import Engine

from core.data.listing import FoundBy
from core.data.prediction import Prediction
from core.errors import UserError
from db import datasets, people, runs
from tests.db.builders import imported

NAMES = ("nose", "left_eye")
FINDER = FoundBy("finder", "ab" * 32, 0.25)


def a_prediction(
    annotation_id: int | None = 11, image_id: int = 7, *, index: int = 0
) -> Prediction:
    """A person with places only."""
    return Prediction(
        image_id,
        annotation_id,
        index,
        np.array([1, 2, 3, 4], np.float32),
        np.array([[1.5, 2.5], [np.nan, np.nan]], np.float32),
    )


def begun(
    engine: Engine,
    dataset_id: int,
    *,
    model: str = "tiny",
    box_source: str = "annotated",
    job_id: str | None = None,
) -> int:
    """A run in the state predicting."""
    return runs.begin_run(
        engine,
        dataset_id,
        model=model,
        checkpoint_sha256="cd" * 32,
        keypoint_names=NAMES,
        box_source=box_source,
        found_by=None if box_source == "annotated" else FINDER,
        lock_file="" if job_id else "run.lock",
        job_id=job_id,
    )


def _fields(prediction: Prediction) -> dict[str, object]:
    """The prediction in values that can be compared, NaN included."""
    return {
        name: value.tolist().__repr__() if isinstance(value, np.ndarray) else value
        for name, value in vars(prediction).items()
    }


def test_a_run_is_invisible_until_it_is_finished(engine: Engine) -> None:
    dataset_id = imported(engine)
    run_id = begun(engine, dataset_id)
    runs.insert_predictions(engine, run_id, [a_prediction()])
    assert runs.list_runs(engine, dataset_id) == []
    assert runs.unfinished_runs(engine) == [(run_id, "run.lock", None)]
    with pytest.raises(UserError, match=r"no run 'tiny-1' .* No model has been run on it yet"):
        runs.run_id_of(engine, dataset_id, "tiny-1")
    info = runs.finish_run(engine, run_id, None)
    assert runs.list_runs(engine, dataset_id) == [info]
    assert (info.name, info.model, info.checkpoint_sha256) == ("tiny-1", "tiny", "cd" * 32)
    assert (info.keypoint_names, info.box_source) == (NAMES, "annotated")
    assert (info.num_predictions, info.created_at.tzinfo is not None) == (1, True)
    assert runs.run_id_of(engine, dataset_id, "tiny-1") == run_id
    assert runs.unfinished_runs(engine) == []


def test_every_quantity_of_a_prediction_comes_back_or_stays_missing(engine: Engine) -> None:
    dataset_id = imported(engine)
    full = Prediction(
        image_id=7,
        annotation_id=None,
        index=3,
        box_xywh_px=np.array([0.5, 1, 2, 3], np.float32),
        xy_image_px=np.array([[1, 2], [3, 4]], np.float32),
        heat_score=np.array([0.1, 0.2], np.float32),
        presence=np.array([0.3, np.nan], np.float32),
        visible=np.array([0.4, 0.5], np.float32),
        vis3=np.array([[0.1, 0.2, 0.7], [1, 0, 0]], np.float32),
        keypoint_similarity=np.array([0.6, 0.7], np.float32),
        map_score=np.array([0.8, 0.9], np.float32),
        pose_scores={"oaks": 0.25, "conventional": 0.5},
        matched_annotation_id=12,
        likeness=0.875,
    )
    bare = a_prediction()
    run_id = begun(engine, dataset_id)
    runs.insert_predictions(engine, run_id, [full, bare], fold=2)
    runs.finish_run(engine, run_id, "mine")
    found = runs.predictions_of_image(engine, dataset_id, 7, "mine")
    assert [_fields(p) for p in found] == [_fields(full), _fields(bare)]
    assert runs.predictions_of_image(engine, dataset_id, 3, "mine") == []
    with pytest.raises(UserError, match=r"There is no run 'x' of this dataset. Known: 'mine'."):
        runs.predictions_of_image(engine, dataset_id, 7, "x")


def test_people_carry_the_prediction_of_the_run_looked_at(engine: Engine) -> None:
    dataset_id = imported(engine)
    run_id = begun(engine, dataset_id)
    runs.insert_predictions(engine, run_id, [a_prediction(12), a_prediction(None, index=1)])
    runs.finish_run(engine, run_id, None)
    said = {p.annotation_id: p.prediction for p in people.people(engine, dataset_id, 7)}
    assert said == {11: None, 12: None}
    first, second = people.people(engine, dataset_id, 7, run="tiny-1")
    assert first.prediction is None
    assert second.prediction is not None
    assert _fields(second.prediction) == _fields(a_prediction(12))
    with pytest.raises(UserError, match=r"There is no run 'tiny-2'"):
        people.people(engine, dataset_id, 7, run="tiny-2")


def test_who_was_found_and_matched_counts_as_their_annotation(engine: Engine) -> None:
    dataset_id = imported(engine)
    run_id = begun(engine, dataset_id, box_source="detected")
    matched = replace(a_prediction(None, index=0), matched_annotation_id=12, likeness=0.75)
    runs.insert_predictions(engine, run_id, [matched, a_prediction(None, index=1)])
    info = runs.finish_run(engine, run_id, None)
    assert (info.box_source, info.found_by, info.num_predictions) == ("detected", FINDER, 2)
    assert runs.count_matched(engine, run_id) == 1
    first, second = people.people(engine, dataset_id, 7, run="tiny-1")
    assert first.prediction is None
    assert second.prediction is not None
    assert (second.prediction.annotation_id, second.prediction.of_annotation) == (None, 12)
    found = runs.predictions_of_people(engine, run_id, [11, 12])
    assert {id_: p.likeness for id_, p in found.items()} == {12: 0.75}
    assert len(runs.predictions_of_image(engine, dataset_id, 7, "tiny-1")) == 2


def test_runs_are_numbered_per_model_and_listed_latest_first(engine: Engine) -> None:
    dataset_id = imported(engine)
    for model, name in (("a", None), ("b", None), ("a", None), ("a", "mine")):
        runs.finish_run(engine, begun(engine, dataset_id, model=model), name)
    assert [r.name for r in runs.list_runs(engine, dataset_id)] == ["mine", "a-2", "b-1", "a-1"]
    runs.remove_run(engine, runs.run_id_of(engine, dataset_id, "a-1"))
    assert runs.finish_run(engine, begun(engine, dataset_id, model="a"), None).name == "a-1"


def test_a_taken_name_is_refused_and_the_run_waits_for_another(engine: Engine) -> None:
    dataset_id = imported(engine)
    runs.finish_run(engine, begun(engine, dataset_id), "mine")
    run_id = begun(engine, dataset_id)
    with pytest.raises(UserError, match=r"There is already a run 'mine'. Choose another name"):
        runs.finish_run(engine, run_id, "mine")
    with pytest.raises(UserError, match=r"' ' cannot be the name of a run. Use one line of 1 to"):
        runs.finish_run(engine, run_id, " ")
    assert runs.finish_run(engine, run_id, "yours").name == "yours"


def test_a_run_is_removed_with_its_predictions_only(engine: Engine) -> None:
    dataset_id = imported(engine)
    one, two = begun(engine, dataset_id), begun(engine, dataset_id)
    for run_id in (one, two):
        both = [a_prediction(11), a_prediction(12, index=1)]
        runs.insert_predictions(engine, run_id, both)
        runs.finish_run(engine, run_id, None)
    runs.remove_run(engine, one)
    assert [r.name for r in runs.list_runs(engine, dataset_id)] == ["tiny-2"]
    assert len(runs.predictions_of_image(engine, dataset_id, 7, "tiny-2")) == 2
    runs.remove_run(engine, one)  # again: no error


def test_a_run_of_a_removed_dataset_is_refused_at_every_step(engine: Engine) -> None:
    dataset_id = imported(engine)
    run_id = begun(engine, dataset_id)
    datasets.remove(engine, dataset_id)
    gone = "This run, or its dataset, has been removed meanwhile"
    with pytest.raises(UserError, match=gone):
        runs.insert_predictions(engine, run_id, [a_prediction()])
    with pytest.raises(UserError, match=gone):
        runs.finish_run(engine, run_id, None)
    with pytest.raises(UserError, match=r"This dataset is not there any more"):
        begun(engine, dataset_id)


def test_a_step_written_twice_gives_the_same_rows(engine: Engine) -> None:
    dataset_id = imported(engine)
    run_id = begun(engine, dataset_id)
    again = replace(a_prediction(12, index=1), heat_score=np.array([0.5, 0.75], np.float32))
    runs.insert_predictions(engine, run_id, [a_prediction(11), a_prediction(12, index=1)])
    runs.insert_predictions(engine, run_id, [again, a_prediction(None, index=2)])
    assert runs.finish_run(engine, run_id, None).num_predictions == 3
    found = runs.predictions_of_image(engine, dataset_id, 7, "tiny-1")
    expected = [a_prediction(11), again, a_prediction(None, index=2)]
    assert [_fields(p) for p in found] == [_fields(p) for p in expected]


def test_a_job_that_begins_or_finishes_again_has_still_one_run(engine: Engine) -> None:
    dataset_id = imported(engine)
    run_id = begun(engine, dataset_id, job_id="job")
    assert begun(engine, dataset_id, job_id="job") == run_id
    assert begun(engine, dataset_id, job_id="other") != run_id
    assert runs.unfinished_runs(engine)[0] == (run_id, "", "job")
    assert runs.finish_run(engine, run_id, None) == runs.finish_run(engine, run_id, None)
    assert [run.name for run in runs.list_runs(engine, dataset_id)] == ["tiny-1"]


def test_the_half_made_run_of_a_job_is_removed_and_a_ready_one_stays(engine: Engine) -> None:
    dataset_id = imported(engine)
    ready, half = (begun(engine, dataset_id, job_id=job) for job in ("ready", "half"))
    runs.insert_predictions(engine, half, [a_prediction()])
    runs.finish_run(engine, ready, None)
    for job in ("half", "ready", "unknown"):
        runs.remove_run_of_job(engine, job)
    assert runs.unfinished_runs(engine) == []
    assert [run.name for run in runs.list_runs(engine, dataset_id)] == ["tiny-1"]
