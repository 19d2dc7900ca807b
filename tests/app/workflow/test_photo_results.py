"""What was predicted of photos, as COCO results and as a table."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.workflow.photo_results import (
    PredictedFile,
    PredictedFiles,
    coco_results,
    columns,
    rows,
    write_predictions,
)
from core.data.prediction import Prediction
from core.data.skeleton import Skeleton
from core.errors import UserError

NAMES = ("nose", "left_hip")
NAN = float("nan")


def a_prediction(index: int = 0, image_id: int = 1, **said: Any) -> Prediction:
    arrays = {
        name: np.array(value, np.float32) if isinstance(value, list) else value
        for name, value in said.items()
    }
    box = np.array([1, 2, 30, 40], np.float32)
    xy = arrays.pop("xy", np.array([[5.125, 6], [7, 8]], np.float32))
    return Prediction(image_id, None, index, box, xy, **arrays)


def found(*people: Prediction) -> PredictedFiles:
    photo = PredictedFile(Path("a.png"), (64, 48), people)
    return PredictedFiles("tiny", Skeleton(NAMES), (photo,))


TERNARY = {
    "heat_score": [0.5, 0.25],
    "presence": [0.75, 1],
    "visible": [0.5, 0.25],
    "vis3": [[0.25, 0.25, 0.5], [0, 0.75, 0.25]],
    "pose_scores": {"conventional": 0.375, "detection": 0.9},
}


def test_a_result_is_cocos_with_what_the_model_says_beside() -> None:
    (result,) = coco_results(found(a_prediction(**TERNARY)))
    assert result == {
        "image_id": 1,
        "category_id": 1,
        "keypoints": [5.125, 6, 0.5, 7, 8, 0.25],
        "score": 0.375,
        "bbox": [1, 2, 30, 40],
        "file_name": "a.png",
        "visibility": [[0.25, 0.25, 0.5], [0, 0.75, 0.25]],
        "presence": [0.75, 1],
        "visible": [0.5, 0.25],
        "pose_scores": {"conventional": 0.375, "detection": 0.9},
    }


@pytest.mark.parametrize(
    ("said", "keypoints", "score"),
    [
        ({}, [5.125, 6, 1, 7, 8, 1], 1),
        ({"heat_score": [0.5, 0.25]}, [5.125, 6, 0.5, 7, 8, 0.25], 0.375),
        (
            {"map_score": [0.5, 0.25], "pose_scores": {"detection": 0.75}},
            [5.125, 6, 0.5, 7, 8, 0.25],
            0.75,
        ),
        (
            {"xy": [[NAN, NAN], [7, 8]], "heat_score": [NAN, 0.25]},
            [0, 0, 0, 7, 8, 0.25],
            0.25,
        ),
        ({"xy": [[NAN, NAN]] * 2, "map_score": [NAN, NAN]}, [0] * 6, 0),
    ],
    ids=["places alone", "heat", "whole picture", "one not predicted", "not found"],
)
def test_scores_are_the_best_there_are(
    said: dict[str, Any], keypoints: list[float], score: float
) -> None:
    (result,) = coco_results(found(a_prediction(**said)))
    assert (result["keypoints"], result["score"]) == (keypoints, score)
    assert "visibility" not in result
    json.dumps(result, allow_nan=False)


def test_the_table_has_a_row_for_every_keypoint_and_the_columns_that_are_said(
    tmp_path: Path,
) -> None:
    two = found(a_prediction(**TERNARY), a_prediction(1, keypoint_similarity=[0.5, NAN]))
    write_predictions(two, tmp_path / "out.CSV")
    header, *lines = csv.reader((tmp_path / "out.CSV").read_text().splitlines())
    assert tuple(header) == columns(two)
    assert header == [
        *("file", "person", "box_x", "box_y", "box_w", "box_h"),
        *("score_conventional", "score_detection", "keypoint", "x", "y"),
        *("p0", "p1", "p2", "presence", "visible", "heat", "similarity"),
    ]
    assert lines[0] == [
        *("a.png", "1", "1.0", "2.0", "30.0", "40.0", "0.375", "0.9", "nose", "5.12", "6.0"),
        *("0.25", "0.25", "0.5", "0.75", "0.5", "0.5", ""),
    ]
    assert [line[8] for line in lines] == ["nose", "left_hip"] * 2
    assert rows(two)[2][-1] == 0.5
    assert rows(two)[3][-1] is None
    assert columns(found()) == (
        *("file", "person", "box_x", "box_y", "box_w", "box_h", "keypoint", "x", "y"),
    )


def test_results_are_written_whole(tmp_path: Path) -> None:
    write_predictions(found(a_prediction(**TERNARY)), tmp_path / "out.json")
    written = json.loads((tmp_path / "out.json").read_text())
    assert written == coco_results(found(a_prediction(**TERNARY)))


def test_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused:
        write_predictions(found(), tmp_path / "out.txt")
    assert str(refused.value) == (
        f"{tmp_path / 'out.txt'}: The ending '.txt' says no format. "
        "Name it .json (COCO results) or .csv (a table)."
    )
