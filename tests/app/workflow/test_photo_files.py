"""Photos of your own, predicted in this process."""

from pathlib import Path

import numpy as np
import pytest

from app.workflow.finders import FindPeople
from app.workflow.photo_files import predict_files
from app.workflow.workspace import Workspace
from core.data.photos import read_photo
from core.data.skeleton import COCO_NAMES
from core.errors import Cancelled, UserError
from core.inference.predictor import load_predictor
from tests.app.workflow.packed_photos import a_photo
from tests.core.inference.small_detectors import a_detector
from tests.core.inference.small_whole_picture import a_whole_picture_model

MODEL = "metamodel_tiny"


@pytest.fixture
def two(tmp_path: Path) -> list[Path]:
    files = [tmp_path / "a.png", tmp_path / "b.jpg"]
    files[0].write_bytes(a_photo())
    files[1].write_bytes(a_photo("JPEG", size_wh_px=(90, 120)))
    return files


def test_without_boxes_each_whole_picture_is_one_person(ws: Workspace, two: list[Path]) -> None:
    seen: list[float] = []
    found = predict_files(ws, two, model=MODEL, on_progress=seen.append)
    assert (found.model, found.skeleton.names, seen) == (MODEL, COCO_NAMES, [0.5, 1.0])
    assert [(p.file, p.size_wh_px, len(p.predictions)) for p in found.photos] == [
        (two[0], (64, 48), 1),
        (two[1], (90, 120), 1),
    ]
    assert found.photos[1].predictions[0].box_xywh_px.tolist() == [0, 0, 90, 120]


def test_boxes_are_predicted_in_their_order(ws: Workspace, two: list[Path]) -> None:
    boxes = [(5.0, 5.0, 30.0, 40.0), (-3.0, 0.0, 20.0, 20.0)]
    (photo,) = predict_files(ws, two[:1], model=MODEL, boxes_xywh_px=boxes).photos
    alone = load_predictor(MODEL, device="cpu").predict(read_photo(two[0]), np.array(boxes))
    for one, other in zip(photo.predictions, alone, strict=True):
        np.testing.assert_allclose(one.xy_image_px, other.xy_image_px, atol=1e-3)


def test_people_are_found_by_a_detector_and_predicted_one_by_one(
    ws: Workspace, two: list[Path]
) -> None:
    a_detector(ws.data_dir / "detectors" / "tiny", queries=3)
    found = predict_files(ws, two, model=MODEL, find=FindPeople())
    assert (found.model, found.found_by) == (MODEL, "tiny")
    for place, photo in enumerate(found.photos, 1):
        people = photo.predictions
        assert [(p.image_id, p.annotation_id, p.index) for p in people] == [
            (place, None, n) for n in range(len(people))
        ]
        assert 1 <= len(people) <= 3
        alone = load_predictor(MODEL, device="cpu").predict(
            read_photo(photo.file), np.array([p.box_xywh_px for p in people])
        )
        for one, other in zip(people, alone, strict=True):
            np.testing.assert_allclose(one.xy_image_px, other.xy_image_px, atol=1e-3)
            assert one.pose_scores["detection"] == pytest.approx(0.8808, abs=1e-4)
            for name, score in other.pose_scores.items():
                assert one.pose_scores[name] == pytest.approx(score * 0.8808, abs=1e-3)


def test_who_is_found_with_less_is_left_out(ws: Workspace, two: list[Path]) -> None:
    a_detector(ws.data_dir / "detectors" / "tiny")
    found = predict_files(ws, two, model=MODEL, find=FindPeople("tiny", 0.9))
    assert [photo.predictions for photo in found.photos] == [(), ()]


def test_a_whole_picture_model_finds_and_poses_by_itself(ws: Workspace, two: list[Path]) -> None:
    a_whole_picture_model(ws.data_dir / "checkpoints" / "finder", people=2)
    found = predict_files(ws, two, model="finder", find=FindPeople())
    assert (found.model, found.found_by) == ("finder", "finder")
    assert [len(photo.predictions) for photo in found.photos] == [2, 2]
    person = found.photos[0].predictions[0]
    assert person.map_score is not None
    assert person.heat_score is None
    other = predict_files(ws, two, model=MODEL, find=FindPeople("finder"))
    assert (other.model, other.found_by) == (MODEL, "finder")
    assert other.photos[0].predictions[0].heat_score is not None


def test_where_nothing_finds_people_it_is_said_what_to_get(ws: Workspace, two: list[Path]) -> None:
    with pytest.raises(UserError) as refused:
        predict_files(ws, two, model=MODEL, find=FindPeople())
    assert str(refused.value) == (
        "Nothing here finds people on a photo. "
        "`add-model ustc-community/dfine-small-obj2coco` gets a detector (41.5 MB); "
        "`models` lists others."
    )


def test_every_file_that_is_no_photo_is_said(
    ws: Workspace, two: list[Path], tmp_path: Path
) -> None:
    text = tmp_path / "c.jpg"
    text.write_text("no photo")
    with pytest.raises(UserError) as refused:
        predict_files(ws, [*two, text], model=MODEL)
    assert str(refused.value) == ("c.jpg: This is no photo. JPEG, PNG, WebP and BMP are read.")
    with pytest.raises(UserError) as refused:
        predict_files(ws, [two[0], text, tmp_path / "d.jpg"], model=MODEL)
    assert refused.value.what == "2 of the 3 files cannot be read."
    assert refused.value.problems == (
        "c.jpg: This is no photo. JPEG, PNG, WebP and BMP are read.",
        "There is no photo d.jpg. Check the photo folder.",
    )


def test_boxes_that_fit_no_photo_are_refused(ws: Workspace, two: list[Path]) -> None:
    with pytest.raises(UserError) as refused:
        predict_files(ws, two, model=MODEL, boxes_xywh_px=[(0, 0, 5, 5)])
    assert str(refused.value) == (
        "Boxes belong to one photo; these are 2. Give one file at a time, or leave the boxes out."
    )
    with pytest.raises(UserError, match=r"\(64, 0, 5, 5\) lies outside the picture"):
        predict_files(ws, two[:1], model=MODEL, boxes_xywh_px=[(64, 0, 5, 5)])


def test_it_stops_between_photos(ws: Workspace, two: list[Path]) -> None:
    with pytest.raises(Cancelled):
        predict_files(ws, two, model=MODEL, cancelled=lambda: True)
