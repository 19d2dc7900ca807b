"""A small dataset of plain pictures with a run, for the tests of the editor."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.workflow.browse import people_on
from app.workflow.import_dataset import import_dataset
from app.workflow.workspace import Workspace
from core.data.listing import Person
from core.data.prediction import Prediction
from core.data.skeleton import COCO17
from db import runs

SIZE_WH_PX = (320, 240)
PHOTOS = 3
GIVEN = [2, 2, 1, 0, 2, 2, 2, 1, 1, 2, 0, 2, 2, 2, 2, 1, 0]


@dataclass(frozen=True)
class People:
    """The dataset of one test, as the database has it."""

    ws: Workspace
    name: str

    @property
    def page(self) -> str:
        """The editor's address."""
        return f"relabel?dataset={self.name}"

    def person(self, annotation_id: int) -> Person:
        on_photo = people_on(self.ws, self.name, 1 + (annotation_id - 100) // 2)
        return next(each for each in on_photo if each.annotation_id == annotation_id)

    def flags(self, annotation_id: int) -> list[int]:
        return [int(label.visibility) for label in self.person(annotation_id).current]


def given_keypoints(person: int) -> list[int]:
    """COCO's flat list; the second person of a photo stands to the right of the first."""
    flat: list[int] = []
    for k, v in enumerate(GIVEN):
        x, y = _place(person, k)
        flat += [x, y, v] if v else [0, 0, 0]
    return flat


def _place(person: int, k: int) -> tuple[int, int]:
    return 60 + 130 * (person % 2) + 12 * (k % 4), 30 + 11 * k


def write_people(folder: Path) -> tuple[Path, Path]:
    """A COCO file of two persons on each of three photos, annotations 100 to 105, and the photos.

    Returns:
        The file and the photo folder.
    """
    photos = folder / "photos"
    photos.mkdir(parents=True)
    for image_id in range(1, PHOTOS + 1):
        picture = np.full((SIZE_WH_PX[1], SIZE_WH_PX[0], 3), 90 + 30 * image_id, np.uint8)
        cv2.putText(picture, f"photo {image_id}", (10, 25), 0, 0.8, (20, 20, 20), 2)
        cv2.imwrite(str(photos / f"{image_id}.jpg"), picture)
    file = folder / "people.json"
    file.write_text(json.dumps(_coco()))
    return file, photos


def import_people(ws: Workspace, name: str, folder: Path) -> None:
    """Those people as a dataset, with a run `made-1`."""
    file, photos = write_people(folder)
    info = import_dataset(ws, name, file, images_dir=photos)
    run_id = runs.begin_run(
        ws.engine,
        info.id,
        model="made",
        checkpoint_sha256="0" * 64,
        keypoint_names=COCO17.names,
        box_source="annotated",
        lock_file="",
    )
    runs.insert_predictions(ws.engine, run_id, [_prediction(n) for n in range(2 * PHOTOS)])
    runs.finish_run(ws.engine, run_id, "made-1")


def _coco() -> dict[str, Any]:
    width, height = SIZE_WH_PX
    return {
        "images": [
            {"id": n, "file_name": f"{n}.jpg", "width": width, "height": height}
            for n in range(1, PHOTOS + 1)
        ],
        "annotations": [
            {
                "id": 100 + n,
                "image_id": 1 + n // 2,
                "category_id": 1,
                "iscrowd": 0,
                "bbox": [50 + 130 * (n % 2), 20, 60, 200],
                "area": 12000,
                "num_keypoints": sum(v > 0 for v in GIVEN),
                "keypoints": given_keypoints(n),
            }
            for n in range(2 * PHOTOS)
        ],
        "categories": [
            {
                "id": 1,
                "name": "person",
                "keypoints": list(COCO17.names),
                "skeleton": [[a + 1, b + 1] for a, b in COCO17.edges],
            }
        ],
    }


def _prediction(person: int) -> Prediction:
    """Sure that every keypoint is hidden, two pixels right of where it is."""
    xy = np.array([_place(person, k) for k in range(17)], np.float32)
    xy[:, 0] += 2
    return Prediction(
        image_id=1 + person // 2,
        annotation_id=100 + person,
        index=person % 2,
        box_xywh_px=np.array([50, 20, 60, 200], np.float32),
        xy_image_px=xy,
        vis3=np.tile(np.array([0.1, 0.8, 0.1], np.float32), (17, 1)),
    )
