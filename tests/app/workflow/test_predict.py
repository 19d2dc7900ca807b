import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from app.workflow.browse import images_of, people_on, runs_of
from app.workflow.datasets import find_dataset, move_photos
from app.workflow.import_dataset import import_dataset
from app.workflow.predict import predict_dataset
from app.workflow.workspace import Workspace
from core.data.skeleton import COCO_NAMES
from core.errors import Cancelled, UserError
from db import runs
from tests.app.workflow.coco_files import a_person, imported, some_photos

MODEL = "metamodel_tiny"
FIVE = (*COCO_NAMES[:4], "tail")
PEOPLE = [
    a_person(1, 1, v=(2, 1, 0, 2, 2)),
    a_person(2, 1, v=(0, 0, 0, 0, 0)),
    a_person(3, 2, v=(2, 2, 2, 2, 2), iscrowd=1),
    a_person(4, 2, v=(2, 2, 2, 2, 2)),
    a_person(5, 3, v=(2, 2, 2, 2, 2)),
]


def a_dataset(ws: Workspace, folder: Path, *, photos: int = 2) -> None:
    some_photos(folder, images=photos)
    imported(ws, folder, images=3, annotations=PEOPLE, names=FIVE)


def test_everybody_with_a_photo_is_predicted_and_the_rest_is_said(
    ws: Workspace, tmp_path: Path
) -> None:
    a_dataset(ws, tmp_path)
    seen: list[float] = []
    report = predict_dataset(ws, "val", model=MODEL, on_progress=seen.append)
    assert (report.run.name, report.run.num_predictions) == (f"{MODEL}-1", 3)
    assert report.num_photos == 3
    assert report.missing == ("000003.png: the photo is missing",)
    assert report.unknown_keypoints == ("tail",)
    assert seen[-1] == 1.0
    one, two = people_on(ws, "val", 1, run=report.run.name)
    assert one.prediction is not None
    assert two.prediction is not None
    assert one.prediction.vis3 is not None
    assert one.prediction.vis3.shape == (17, 3)
    assert np.allclose(one.prediction.vis3.sum(1), 1, atol=1e-4)
    crowd, person = people_on(ws, "val", 2, run=report.run.name)
    assert crowd.prediction is None
    assert person.prediction is not None


def test_runs_have_names_of_their_own(ws: Workspace, tmp_path: Path) -> None:
    a_dataset(ws, tmp_path)
    predict_dataset(ws, "val", model=MODEL, run_name="mine")
    with pytest.raises(UserError, match="has a run 'mine' already"):
        predict_dataset(ws, "val", model=MODEL, run_name="mine")
    with pytest.raises(UserError, match="The run name is blank"):
        predict_dataset(ws, "val", model=MODEL, run_name=" ")
    assert [run.name for run in runs_of(ws, "val")] == ["mine"]


def test_a_cancelled_run_leaves_nothing(ws: Workspace, tmp_path: Path) -> None:
    a_dataset(ws, tmp_path)
    with pytest.raises(Cancelled):
        predict_dataset(ws, "val", model=MODEL, cancelled=lambda: True)
    assert runs_of(ws, "val") == []
    assert runs.unfinished_runs(ws.engine) == []
    assert list(ws.locks_dir.iterdir()) == []


def test_an_unknown_model_is_refused_with_the_known_ones(ws: Workspace, tmp_path: Path) -> None:
    a_dataset(ws, tmp_path)
    with pytest.raises(UserError, match=rf"no model called 'x'\. Known models: .*{MODEL}"):
        predict_dataset(ws, "val", model="x")


def test_keypoints_without_names_are_refused_with_advice(ws: Workspace, tmp_path: Path) -> None:
    some_photos(tmp_path)
    imported(ws, tmp_path, names=())
    with pytest.raises(UserError, match=r'have no names.*Add "keypoints"'):
        predict_dataset(ws, "val", model=MODEL)


def test_keypoints_the_model_does_not_know_are_refused(ws: Workspace, tmp_path: Path) -> None:
    some_photos(tmp_path)
    imported(ws, tmp_path, names=("snout", "tail", "paw", "wing"))
    with pytest.raises(UserError, match="knows none of these keypoints: snout, tail, paw, wing"):
        predict_dataset(ws, "val", model=MODEL)


def test_without_a_single_photo_nothing_is_predicted(ws: Workspace, tmp_path: Path) -> None:
    a_dataset(ws, tmp_path, photos=0)
    move_photos(ws, "val", tmp_path)
    with pytest.raises(UserError, match=r"Not one of the 3 photos .*`move-photos`") as refused:
        predict_dataset(ws, "val", model=MODEL)
    assert "000001.png: the photo is missing" in refused.value.problems
    assert runs_of(ws, "val") == []


def test_a_photo_folder_that_is_away_is_no_folder_of_missing_photos(
    ws: Workspace, tmp_path: Path
) -> None:
    a_dataset(ws, tmp_path, photos=0)
    with pytest.raises(UserError, match=r"^Dataset val has no photo folder\. Say where its photos"):
        predict_dataset(ws, "val", model=MODEL)
    move_photos(ws, "val", some_photos(tmp_path / "share"))
    shutil.rmtree(tmp_path / "share")
    with pytest.raises(UserError, match=r"share: The photo folder of dataset val is not there"):
        predict_dataset(ws, "val", model=MODEL)
    assert runs_of(ws, "val") == []


def test_without_a_person_there_is_nothing_to_predict(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path, annotations=[])
    with pytest.raises(UserError, match="has no person with a box or a labelled keypoint"):
        predict_dataset(ws, "val", model=MODEL)


def test_a_name_taken_meanwhile_costs_no_run(ws: Workspace, tmp_path: Path) -> None:
    a_dataset(ws, tmp_path)

    def other(fraction: float) -> None:
        if fraction == 1.0 and not runs_of(ws, "val"):
            dataset_id = find_dataset(ws, "val").id
            run_id = runs.begin_run(
                ws.engine, dataset_id, model="other", checkpoint_sha256="ab" * 32,
                keypoint_names=FIVE, box_source="annotated", lock_file="other.lock",
            )  # fmt: skip
            runs.finish_run(ws.engine, run_id, "mine")

    report = predict_dataset(ws, "val", model=MODEL, run_name="mine", on_progress=other)
    assert (report.run.name, report.asked_name) == (f"{MODEL}-1", "mine")
    assert [run.name for run in runs_of(ws, "val")] == ["mine", f"{MODEL}-1"]


@pytest.mark.shared_data
@pytest.mark.timeout(600)
def test_everybody_design_names_is_predicted_once_on_real_photos(
    ws: Workspace, shared_data: Path
) -> None:
    labels = shared_data / "coco_photos" / "person_keypoints_val2017.json"
    photos = shared_data / "coco_photos" / "val2017"
    import_dataset(ws, "val", labels, images_dir=photos)
    annotations = json.loads(labels.read_bytes())["annotations"]
    expected = sorted(each["id"] for each in annotations if not each["iscrowd"])
    assert any(each["num_keypoints"] == 0 for each in annotations if not each["iscrowd"])
    report = predict_dataset(ws, "val", model=MODEL)
    assert (report.run.num_predictions, report.missing) == (len(expected), ())
    _, images = images_of(ws, "val", limit=1000)
    found = [
        person.annotation_id
        for image in images
        for person in people_on(ws, "val", image.id, run=report.run.name)
        if person.prediction is not None
    ]
    assert sorted(found) == expected
