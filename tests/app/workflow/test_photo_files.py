"""Photos of your own: predicted in this process, written as COCO results or a table."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from app.workflow.photo_files import COLUMNS, coco_results, predict_files, rows, write_predictions
from app.workflow.workspace import Workspace
from core.data.photos import read_photo
from core.data.skeleton import COCO_NAMES
from core.errors import Cancelled, UserError
from core.inference.predictor import load_predictor
from tests.app.workflow.packed_photos import a_photo

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


def test_results_are_cocos_with_visibility_beside(
    ws: Workspace, two: list[Path], tmp_path: Path
) -> None:
    found = predict_files(ws, two, model=MODEL)
    write_predictions(found, tmp_path / "out.json")
    first, second = json.loads((tmp_path / "out.json").read_text())
    prediction = found.photos[1].predictions[0]
    assert [first["image_id"], second["image_id"]] == [1, 2]
    assert (second["category_id"], second["file_name"]) == (1, str(two[1]))
    triples = np.array(second["keypoints"]).reshape(17, 3)
    np.testing.assert_allclose(triples[:, :2], prediction.xy_image_px, atol=1e-3)
    np.testing.assert_allclose(triples[:, 2], prediction.heat_score, atol=1e-3)
    assert second["score"] == pytest.approx(float(prediction.heat_score.mean()), abs=1e-5)
    np.testing.assert_allclose(second["visibility"], prediction.vis3, atol=1e-6)
    np.testing.assert_allclose(second["presence"], prediction.presence, atol=1e-6)
    assert coco_results(found) == [first, second]


def test_the_table_has_a_row_for_every_keypoint(
    ws: Workspace, two: list[Path], tmp_path: Path
) -> None:
    found = predict_files(ws, two, model=MODEL)
    write_predictions(found, tmp_path / "out.CSV")
    header, *lines = csv.reader((tmp_path / "out.CSV").read_text().splitlines())
    assert header == list(COLUMNS)
    assert [line[:3] for line in lines] == [
        [str(file), "1", name] for file in two for name in COCO_NAMES
    ]
    assert [[float(n) for n in line[3:]] for line in lines] == [list(r[3:]) for r in rows(found)]


def test_another_format_is_refused(ws: Workspace, two: list[Path], tmp_path: Path) -> None:
    found = predict_files(ws, two[:1], model=MODEL)
    with pytest.raises(UserError) as refused:
        write_predictions(found, tmp_path / "out.txt")
    assert str(refused.value) == (
        f"{tmp_path / 'out.txt'}: The ending '.txt' says no format. "
        "Name it .json (COCO results) or .csv (a table)."
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
