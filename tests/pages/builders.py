"""Small COCO files, models and runs for the pages' tests."""

from pathlib import Path
from typing import Any

import numpy as np

from app.ui.workspace import the_workspace
from core.data.listing import DatasetInfo, RunInfo
from core.data.prediction import Prediction
from core.models.cards import ModelCard
from db import runs

NAMES = ["nose", "left_eye", "right_eye"]


def a_file(**changes: Any) -> dict[str, Any]:
    """Two photos, three persons, three keypoints of COCO's names."""
    return {
        "licenses": [{"id": 1, "name": "CC BY 4.0"}],
        "images": [
            {"id": 7, "file_name": "a.png", "width": 40, "height": 30},
            {"id": 8, "file_name": "b.png", "width": 40, "height": 30},
        ],
        "annotations": [
            a_person(1, image_id=7, keypoints=[10, 10, 2, 12, 9, 1, 0, 0, 0]),
            a_person(2, image_id=7, keypoints=[20, 10, 2, 22, 9, 2, 18, 9, 2]),
            a_person(3, image_id=8, keypoints=[0, 0, 0, 0, 0, 0, 0, 0, 0]),
        ],
        "categories": [
            {"id": 1, "name": "person", "keypoints": NAMES, "skeleton": [[1, 2], [1, 3]]}
        ],
    } | changes


def a_person(annotation_id: int, **fields: Any) -> dict[str, Any]:
    """One annotation with a box."""
    person = {"id": annotation_id, "image_id": 7, "category_id": 1, "iscrowd": 0}
    person |= {"bbox": [5, 5, 20, 20], "area": 400.0, "keypoints": [0] * 9} | fields
    labelled = sum(v > 0 for v in person["keypoints"][2::3])
    return person | {"num_keypoints": labelled}


def a_card(
    name: str, folder: Path, *, present: bool = True, family: str = "metamodel"
) -> ModelCard:
    """A model as lists show it."""
    return ModelCard(
        name=name,
        what=f"What {name} is.",
        num_parameters=1,
        keypoint_names=tuple(NAMES),
        input_size_wh_px=(192, 256),
        licence="",
        trained_on="",
        folder=folder,
        present=present,
        family=family,
    )


def a_run_on(dataset: DatasetInfo, name: str) -> RunInfo:
    """A finished run of `tiny` that says 0.7 for hidden everywhere on annotation 1."""
    ws = the_workspace()
    run_id = runs.begin_run(
        ws.engine,
        dataset.id,
        model="tiny",
        checkpoint_sha256="0" * 64,
        keypoint_names=tuple(NAMES),
        box_source="annotated",
        lock_file="",
    )
    said: dict[str, Any] = {
        "box_xywh_px": np.array([5, 5, 20, 20], np.float32),
        "xy_image_px": np.full((3, 2), 9, np.float32),
        "heat_score": np.full(3, 0.5, np.float32),
        "vis3": np.tile(np.array([0.1, 0.7, 0.2], np.float32), (3, 1)),
    }
    runs.insert_predictions(ws.engine, run_id, [Prediction(7, 1, 0, **said)])
    return runs.finish_run(ws.engine, run_id, name)
