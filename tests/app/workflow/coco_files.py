"""Small COCO files for tests, and the workspace they are imported into."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.workflow.import_dataset import import_dataset
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo

NAMES = ("nose", "left_eye", "right_eye", "left_ear")
WIDTH_PX, HEIGHT_PX = 64, 48


def a_person(
    annotation_id: int = 1,
    image_id: int = 1,
    *,
    v: Sequence[int] = (2, 1, 0, 2),
    **more: Any,
) -> dict[str, Any]:
    """An annotation whose keypoint k lies at (10 + k, 20 + k), or (0, 0) where v is 0."""
    points = [(10 + k, 20 + k, flag) if flag else (0, 0, 0) for k, flag in enumerate(v)]
    return {
        "id": annotation_id,
        "image_id": image_id,
        "category_id": 1,
        "bbox": [5, 5, 30, 40],
        "area": 600.5,
        "iscrowd": 0,
        "keypoints": [value for point in points for value in point],
        "num_keypoints": sum(flag > 0 for flag in v),
    } | more


def a_coco(
    *,
    images: int = 2,
    annotations: Sequence[dict[str, Any]] | None = None,
    names: Sequence[str] = NAMES,
) -> dict[str, Any]:
    """A whole COCO dictionary: one person on each image unless said otherwise."""
    return {
        "info": {"description": "made for a test"},
        "images": [
            {"id": i, "file_name": f"{i:06}.png", "width": WIDTH_PX, "height": HEIGHT_PX}
            for i in range(1, images + 1)
        ],
        "annotations": list(annotations)
        if annotations is not None
        else [a_person(100 + i, i) for i in range(1, images + 1)],
        "categories": [{"id": 1, "name": "person", "keypoints": list(names), "skeleton": [[1, 2]]}],
    }


def a_file(folder: Path, content: dict[str, Any] | None = None, *, name: str = "val.json") -> Path:
    """The dictionary as a file."""
    path = folder / name
    path.write_text(json.dumps(a_coco() if content is None else content))
    return path


def some_photos(folder: Path, *, images: int = 2) -> Path:
    """A folder with the photos of `a_coco`, each of its own grey."""
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(1, images + 1):
        photo = np.full((HEIGHT_PX, WIDTH_PX, 3), 40 + i, np.uint8)
        cv2.imwrite(str(folder / f"{i:06}.png"), photo)
    return folder


def imported(ws: Workspace, folder: Path, *, name: str = "val", **coco: Any) -> DatasetInfo:
    """A dataset made of `a_coco`."""
    return import_dataset(ws, name, a_file(folder, a_coco(**coco), name=f"{name}.json"))
