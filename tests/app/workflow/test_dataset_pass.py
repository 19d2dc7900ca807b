"""A model's way through a dataset: every person once, from any place on, in steps of a moment."""

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.workflow import dataset_pass, photos_ahead
from app.workflow.dataset_pass import START, Cursor, DatasetPass, PhotosSeen, StepDone
from app.workflow.datasets import find_dataset
from app.workflow.pace import Pace
from app.workflow.predict import begin
from app.workflow.workspace import Workspace
from core.data.prediction import Prediction
from core.data.skeleton import COCO17
from core.errors import UserError
from core.inference.pose_predictor import PersonCrop
from db import runs
from tests.app.workflow.coco_files import a_person, imported, some_photos

# Persons per image; the fourth photo is missing.
ON_EACH = (3, 0, 1, 2, 5, 1)
MISSING = 4
EVERYBODY = [
    (image, 10 * image + n) for image, count in enumerate(ON_EACH, 1) for n in range(count)
]
PREDICTED = [(image, annotation) for image, annotation in EVERYBODY if image != MISSING]


class Copier:
    """Stands in for a model: sees every person at the corner of the box, slowly if told."""

    name, checkpoint_sha256, skeleton = "copier", "ab" * 32, COCO17

    def __init__(self, *, seconds_each: float = 0.0) -> None:
        self.seconds_each = seconds_each
        self.calls: list[int] = []
        self.annotations: list[tuple[int, int | None]] = []

    def predict_many(self, people: Sequence[PersonCrop]) -> list[Prediction]:
        time.sleep(self.seconds_each * len(people))
        self.calls.append(len(people))
        self.annotations += [(each.image_id, each.annotation_id) for each in people]
        xy = np.zeros((17, 2), np.float32)
        return [
            Prediction(p.image_id, p.annotation_id, p.index, np.asarray(p.box_xywh_px), xy)
            for p in people
        ]


@pytest.fixture
def val(ws: Workspace, tmp_path: Path) -> Workspace:
    some_photos(tmp_path, images=len(ON_EACH))
    (tmp_path / f"{MISSING:06}.png").unlink()
    people = [a_person(annotation, image) for image, annotation in EVERYBODY]
    imported(ws, tmp_path, images=len(ON_EACH), annotations=people)
    return ws


def a_way(ws: Workspace, model: Copier, *, run_id: int | None = None) -> DatasetPass:
    dataset = find_dataset(ws, "val")
    run_id = begin(ws, dataset, model) if run_id is None else run_id
    return DatasetPass(ws, dataset, run_id, model)


def written(ws: Workspace) -> list[tuple[int, int | None]]:
    (run, *_) = runs.unfinished_runs(ws.engine)
    info = runs.finish_run(ws.engine, run.run_id, None)
    dataset_id = find_dataset(ws, "val").id
    return [
        (found.image_id, found.annotation_id)
        for image in range(1, len(ON_EACH) + 1)
        for found in runs.predictions_of_image(ws.engine, dataset_id, image, info.name)
    ]


def all_steps(way: DatasetPass, cursor: Cursor | None = START) -> list[StepDone]:
    done: list[StepDone] = []
    while cursor is not None:
        done.append(way.step(cursor))
        cursor = done[-1].next
    way.close()
    return done


def test_a_fast_model_sees_everybody_in_one_step(val: Workspace) -> None:
    model = Copier()
    (done,) = all_steps(a_way(val, model))
    assert done == StepDone(None, len(PREDICTED), 5, 1, ("000004.png: the photo is missing",), 1.0)
    assert model.annotations == PREDICTED
    assert written(val) == PREDICTED


def test_a_slow_model_takes_many_short_steps(
    val: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset_pass, "STEP_S", 0.02)
    model = Copier(seconds_each=0.03)  # one person takes longer than a step should
    done = all_steps(a_way(val, model))
    assert model.calls == [1] * len(PREDICTED)
    assert [each.next for each in done[:3]] == [(0, 1), (0, 2), (1, 0)]
    assert [each.fraction for each in done] == sorted(each.fraction for each in done)
    assert sum(each.persons for each in done) == len(PREDICTED)
    assert written(val) == PREDICTED


@given(breaks=st.lists(st.integers(0, len(EVERYBODY) + 2), max_size=4), pace=st.integers(1, 8))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_way_broken_off_anywhere_sees_everybody_once(
    val: Workspace, breaks: list[int], pace: int
) -> None:
    """At each break the last step is done again by a new pass, as after a crash."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dataset_pass, "STEP_S", 0.0)
        model = Copier()
        run_id = begin(val, find_dataset(val, "val"), model)
        seen, cursor, place = PhotosSeen(), START, 0
        way = a_way(val, model, run_id=run_id)
        while cursor is not None:
            way._pace.persons = pace
            if place in breaks:
                way.step(cursor)
                way.close()
                way = a_way(val, model, run_id=run_id)
            done = way.step(cursor)
            seen, cursor, place = seen.and_these(done), done.next, place + 1
        way.close()
    assert (seen.photos, seen.missing) == (5, 1)
    assert seen.examples == ("000004.png: the photo is missing",)
    assert written(val) == PREDICTED


def test_a_step_that_failed_is_begun_anew(val: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Copier()
    way = a_way(val, model)

    def full(*_: object) -> None:
        raise UserError("The disk is full; nothing was written.")

    with monkeypatch.context() as patch:
        patch.setattr(runs, "insert_predictions", full)
        with pytest.raises(UserError, match="The disk is full"):
            way.step(START)
    all_steps(way)
    assert model.annotations == PREDICTED * 2
    assert written(val) == PREDICTED


def test_photos_are_read_on_between_steps(val: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset_pass, "STEP_S", 0.0)
    read = []

    def reads(path: Path, _: object) -> np.ndarray:
        read.append(path.stem)
        return np.zeros((48, 64, 3), np.uint8)

    monkeypatch.setattr(photos_ahead, "read_dataset_photo", reads)
    way = a_way(val, Copier())
    first = way.step(START)
    give_up_at = time.monotonic() + 10
    while len(read) < 4:
        assert time.monotonic() < give_up_at
        time.sleep(0.01)
    assert first.next is not None
    all_steps(way, first.next)
    assert sorted(read) == ["000001", "000003", "000005", "000006"]  # each one once


def test_every_call_of_the_model_is_a_turn_of_its_own(val: Workspace) -> None:
    class Counted:
        turns = passes = 0

        @contextmanager
        def turn(self) -> Iterator[None]:
            self.turns += 1
            yield

        def let_pass(self) -> None:
            self.passes += 1

    turns, model, dataset = Counted(), Copier(), find_dataset(val, "val")
    run_id = begin(val, dataset, model)
    all_steps(DatasetPass(val, dataset, run_id, model, pace=Pace(0.5), turns=turns))
    assert turns.turns == len(model.calls) > 1
    assert turns.passes == 5  # photos with somebody on them


def test_a_photo_folder_that_goes_away_is_no_folder_of_missing_photos(
    val: Workspace, tmp_path: Path
) -> None:
    way = a_way(val, Copier())
    images_dir = find_dataset(val, "val").images_dir
    assert images_dir is not None
    shutil.rmtree(images_dir)
    with pytest.raises(UserError, match="The photo folder of dataset val is not there"):
        way.step(START)
    assert written(val) == []


def test_of_very_many_unread_photos_the_first_are_named() -> None:
    many = StepDone(None, 0, 90, 90, tuple(map(str, range(90))), 1.0)
    seen = PhotosSeen().and_these(many).and_these(many)
    assert (seen.photos, seen.missing, len(seen.examples)) == (180, 180, 100)
