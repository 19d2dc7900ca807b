"""A handful of noisy photos laid out like the real training data."""

import json
from pathlib import Path

import cv2
import numpy as np

from core.data.drawn import write_drawn_dataset
from core.data.skeleton import COCO17


def write_people_sets(data: Path) -> None:
    """Four persons of LSPET (number 9 is held out), one of COCO, two drawn."""
    a_set(data / "lspet", "lspet.json", "images", [1, 2, 9, 10])
    a_set(data / "coco_photos", "person_keypoints_train2017.json", "train2017", [1])
    a_set(data / "drawn", "person_keypoints_drawn.json", "images", [1, 2])


def write_drawn(folder: Path, *, count: int, seed: int = 0) -> Path:
    """A few pictures of drawn people; gives their JSON file."""
    return write_drawn_dataset(folder, count=count, seed=seed, planted_errors=None).json_file


def a_set(folder: Path, json_name: str, photos_name: str, image_ids: list[int]) -> None:
    """One person with all of COCO's keypoints on each of a few noisy photos."""
    photos = folder / photos_name
    photos.mkdir(parents=True)
    rng = np.random.default_rng(0)
    xy = rng.uniform(20, 80, (17, 2)).round(1)
    keypoints = np.concatenate([xy, np.full((17, 1), 2)], axis=1).ravel().tolist()
    found = {
        "images": [
            {"id": n, "file_name": f"{n}.png", "width": 100, "height": 100} for n in image_ids
        ],
        "categories": [
            {"id": 1, "name": "person", "keypoints": list(COCO17.names), "skeleton": []}
        ],
        "annotations": [
            {"id": n, "image_id": n, "category_id": 1, "bbox": [15, 15, 70, 70], "area": 2500,
             "iscrowd": 0, "num_keypoints": 17, "keypoints": keypoints}
            for n in image_ids
        ],
    }  # fmt: skip
    (folder / json_name).write_text(json.dumps(found))
    for n in image_ids:
        cv2.imwrite(str(photos / f"{n}.png"), rng.integers(0, 255, (100, 100, 3), dtype=np.uint8))
