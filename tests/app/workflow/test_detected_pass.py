"""A way over photos on which people are found: everybody once, matched, from any place on."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.workflow import detected_pass
from app.workflow.dataset_pass import START, Cursor, StepDone
from app.workflow.datasets import find_dataset
from app.workflow.detected_pass import DetectedPass
from app.workflow.lookout import DETECTION, Lookout
from app.workflow.pace import Pace
from app.workflow.predict import begin, finish
from app.workflow.prediction_report import in_words
from app.workflow.workspace import Workspace
from core.data.prediction import Prediction
from core.data.skeleton import Skeleton
from core.errors import UserError
from core.inference.person_boxes import FoundPerson
from core.inference.pose_predictor import PersonCrop
from db import runs
from tests.app.workflow.coco_files import NAMES, a_person, imported, some_photos

IMAGES = 5
MISSING = 4
# Labels of `a_person` lie at (10 + k, 20 + k).
LABELLED = np.array([(10 + k, 20 + k) for k in range(len(NAMES))], np.float32)
SCORES = (0.9, 0.6, 0.2)


class Everywhere:
    """Finds three people on every photo, the last of whom it hardly believes in."""

    name, sha256 = "everywhere", "cd" * 32

    def find(self, photo_bgr: NDArray[np.uint8]) -> list[FoundPerson]:
        box = np.array([5, 5, 30, 40], np.float32)
        return [FoundPerson(box + n, score) for n, score in enumerate(SCORES)]


class Poser:
    """Sees the first person of a photo at the labels, everybody else elsewhere."""

    name, checkpoint_sha256, skeleton = "poser", "ab" * 32, Skeleton(NAMES)

    def predict_many(self, people: Sequence[PersonCrop]) -> list[Prediction]:
        return [replace(self._seen(p), pose_scores={"conventional": 0.5}) for p in people]

    def _seen(self, person: PersonCrop) -> Prediction:
        first = person.box_xywh_px[0] == 5
        xy = LABELLED if first else LABELLED + 500
        return Prediction(person.image_id, None, person.index, np.asarray(person.box_xywh_px), xy)


@pytest.fixture
def val(ws: Workspace, tmp_path: Path) -> Workspace:
    some_photos(tmp_path, images=IMAGES)
    (tmp_path / f"{MISSING:06}.png").unlink()
    # Nobody is annotated on photo 2, two people on photo 3, one of whom has no labels.
    people = [a_person(10, 1), a_person(30, 3), a_person(31, 3, v=(0, 0, 0, 0)), a_person(40, 4)]
    people[2]["bbox"] = [6, 6, 30, 40]
    people += [a_person(50, 5, iscrowd=1)]
    imported(ws, tmp_path, images=IMAGES, annotations=people)
    return ws


def a_way(ws: Workspace, *, run_id: int | None = None, **how: object) -> DetectedPass:
    lookout = Lookout(Poser(), Everywhere(), Pace(0.5))
    dataset = find_dataset(ws, "val")
    run_id = begin(ws, dataset, Poser(), lookout) if run_id is None else run_id
    return DetectedPass(ws, dataset, run_id, lookout, **how)


def all_steps(way: DetectedPass, cursor: Cursor | None = START) -> list[StepDone]:
    done: list[StepDone] = []
    while cursor is not None:
        done.append(way.step(cursor))
        cursor = done[-1].next
    way.close()
    return done


WRITTEN = [
    (1, 0, 10), (1, 1, None),
    (2, 0, None), (2, 1, None),
    (3, 0, 30), (3, 1, 31),
    (5, 0, None), (5, 1, None),
]  # fmt: skip


def written(ws: Workspace) -> list[tuple[int, int, int | None]]:
    (run, *_) = runs.unfinished_runs(ws.engine)
    info = runs.finish_run(ws.engine, run.run_id, None)
    assert (info.box_source, info.found_by and info.found_by.name) == ("detected", "everywhere")
    dataset_id = find_dataset(ws, "val").id
    return [
        (found.image_id, found.index, found.matched_annotation_id)
        for image in range(1, IMAGES + 1)
        for found in runs.predictions_of_image(ws.engine, dataset_id, image, info.name)
    ]


def test_everybody_found_is_written_and_matched(val: Workspace) -> None:
    (done,) = all_steps(a_way(val))
    assert done == StepDone(None, 8, 5, 1, ("000004.png: the photo is missing",), 1.0)
    assert written(val) == WRITTEN
    dataset_id = find_dataset(val, "val").id
    first, second = runs.predictions_of_image(val.engine, dataset_id, 1, "poser-1")
    assert first.likeness == 1.0
    assert first.annotation_id is None
    assert first.pose_scores == {DETECTION: 0.9, "conventional": pytest.approx(0.45)}
    assert (second.pose_scores[DETECTION], second.likeness) == (0.6, None)


def test_a_way_broken_off_at_every_photo_sees_everybody_once(
    val: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step is done twice, the second time by a new pass, as after a crash."""
    monkeypatch.setattr(detected_pass, "STEP_S", 0.0)
    way = a_way(val)
    run_id = way._run_id
    cursor: Cursor | None = START
    steps = []
    while cursor is not None:
        way.step(cursor)
        way.close()
        way = a_way(val, run_id=run_id)
        steps.append(way.step(cursor))
        cursor = steps[-1].next
    way.close()
    assert [each.next for each in steps] == [(1, 0), (2, 0), (3, 0), (4, 0), (5, 0), None]
    assert [each.persons for each in steps] == [2, 2, 2, 0, 2, 0]
    assert [each.fraction for each in steps] == [0.2, 0.4, 0.6, 0.8, 1.0, 1.0]
    assert written(val) == WRITTEN


def test_the_report_says_who_found_them_and_how_many_are_annotated(val: Workspace) -> None:
    way = a_way(val)
    (done,) = all_steps(way)
    from app.workflow.dataset_pass import PhotosSeen

    dataset = find_dataset(val, "val")
    seen = PhotosSeen().and_these(done)
    report = finish(val, dataset, way._run_id, seen, run_name=None, unknown=())
    assert in_words("val", report) == (
        "Run poser-1 of val: 8 persons on 4 photos. "
        "Found by everywhere; 3 of them are annotated.\n"
        "1 photo could not be read:\n"
        "  - 000004.png: the photo is missing"
    )


def test_every_call_of_a_network_is_a_turn_of_its_own(val: Workspace) -> None:
    class Counted:
        turns = 0

        @contextmanager
        def turn(self) -> Iterator[None]:
            self.turns += 1
            yield

        def let_pass(self) -> None:
            pass

    turns = Counted()
    all_steps(a_way(val, turns=turns))
    assert turns.turns >= 4 + 4  # the finder and the model on four photos


def test_a_photo_folder_that_goes_away_is_no_folder_of_missing_photos(
    val: Workspace, tmp_path: Path
) -> None:
    way = a_way(val)
    images_dir = find_dataset(val, "val").images_dir
    assert images_dir is not None
    images_dir.rename(tmp_path.parent / f"{tmp_path.name}-away")
    with pytest.raises(UserError, match="The photo folder of dataset val is not there"):
        way.step(START)
