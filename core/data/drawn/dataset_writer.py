"""Writes drawn pictures as a COCO dataset, with the truth beside it."""

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.random import SeedSequence
from pycocotools import mask as coco_mask

from core.data.drawn.annotator_model import (
    ANNOTATORS,
    MistakeKind,
    Mistakes,
    PlantedError,
    annotate,
    true_labels,
)
from core.data.drawn.scene import DrawnPerson, Scene, draw_scene
from core.data.progress import Cancelled, OnProgress, ignore, never
from core.data.review import Label
from core.data.skeleton import COCO17
from core.data.visibility import Visibility
from core.data.whole_file import write_whole
from core.errors import Cancelled as WasCancelled

JSON_NAME, TRUTH_NAME = "person_keypoints_drawn.json", "person_keypoints_drawn_truth.json"
ERRORS_NAME, IMAGES_NAME = "planted_errors.json", "images"
JPEG_QUALITY = 92
_INFO = {
    "description": "Drawn people: pictures made by a program, every flag known",
    "version": "1.0",
    "year": 2024,
    "contributor": "Halfseen",
    "date_created": "2024/01/01",
}
_LICENCE = {
    "id": 1,
    "name": "CC0 1.0: drawn pictures, no rights reserved",
    "url": "https://creativecommons.org/publicdomain/zero/1.0/",
}


@dataclass(frozen=True)
class DrawnDataset:
    """Where a drawn dataset lies.

    Attributes:
        json_file: COCO file with the labels an annotator would give.
        images_dir: its photos.
        truth_file: the same file with the true labels.
        planted_errors: every label of `json_file` that is wrong; also in `errors_file`.
    """

    json_file: Path
    images_dir: Path
    truth_file: Path
    errors_file: Path
    planted_errors: tuple[PlantedError, ...]


def write_drawn_dataset(
    folder: Path,
    *,
    count: int,
    seed: int,
    planted_errors: Mistakes | None,
    size_wh_px: tuple[int, int] = (640, 480),
    on_progress: OnProgress = ignore,
    cancelled: Cancelled = never,
) -> DrawnDataset:
    """Draw `count` pictures with at least one labelled keypoint each.

    Args:
        folder: made if it is not there; files of the same names are replaced.
        planted_errors: how labels go wrong; None writes the truth in both files.

    Raises:
        UserError: the folder cannot be written to.
        Cancelled: the caller asked to stop; what was written so far stays.
    """
    images_dir = folder / IMAGES_NAME
    with suppress(OSError):  # the first write says in words what is wrong with the folder
        images_dir.mkdir(parents=True, exist_ok=True)
    given, true, errors = _Records(), _Records(), []
    attempt = 0
    while len(given.images) < count:
        if cancelled():
            raise WasCancelled
        scene_seed, label_seed = SeedSequence([seed, attempt]).generate_state(2, np.uint64).tolist()
        attempt += 1
        scene = draw_scene(scene_seed, size_wh_px=size_wh_px)
        if not any(person.visibility.any() for person in scene.persons):
            continue
        image_id = len(given.images) + 1
        _write_photo(images_dir / _file_name(image_id), scene)
        errors += _label(scene, image_id, label_seed, planted_errors, (given, true))
        on_progress(image_id / count)
    result = DrawnDataset(
        folder / JSON_NAME, images_dir, folder / TRUTH_NAME, folder / ERRORS_NAME, tuple(errors)
    )
    write_whole(result.json_file, given.as_json())
    write_whole(result.truth_file, true.as_json())
    write_whole(result.errors_file, _errors_as_json(errors))
    return result


class _Records:
    """The images and annotations of one COCO file."""

    def __init__(self) -> None:
        self.images: list[dict[str, Any]] = []
        self.annotations: list[dict[str, Any]] = []

    def as_json(self) -> bytes:
        category = {
            "supercategory": "person",
            "id": 1,
            "name": "person",
            "keypoints": list(COCO17.names),
            "skeleton": [[a + 1, b + 1] for a, b in COCO17.edges],  # COCO counts from 1
        }
        file = {
            "info": _INFO,
            "licenses": [_LICENCE],
            "images": self.images,
            "annotations": self.annotations,
            "categories": [category],
        }
        return json.dumps(file, separators=(",", ":")).encode()


def _label(
    scene: Scene,
    image_id: int,
    label_seed: int,
    mistakes: Mistakes | None,
    files: tuple[_Records, _Records],
) -> list[PlantedError]:
    """Add one picture to both files; returns what is wrong in the first."""
    given_file, true_file = files
    height, width = scene.photo_bgr.shape[:2]
    image = {
        "license": 1,
        "file_name": _file_name(image_id),
        "coco_url": "",
        "height": height,
        "width": width,
        "date_captured": "2024-01-01 00:00:00",
        "flickr_url": "",
        "id": image_id,
    }
    given_file.images.append(image)
    true_file.images.append(image)
    rng = np.random.default_rng(label_seed)
    habits = list(ANNOTATORS.values())[int(rng.integers(len(ANNOTATORS)))]
    errors = []
    for person in scene.persons:
        annotation_id = len(given_file.annotations) + 1
        true = given = true_labels(person)
        wrong: dict[int, MistakeKind] = {}
        if mistakes is not None:
            given, wrong = annotate(rng, person, habits, mistakes)
        given_file.annotations.append(_annotation(person, given, annotation_id, image_id))
        true_file.annotations.append(_annotation(person, true, annotation_id, image_id))
        errors += [
            PlantedError(annotation_id, k, kind, given[k], true[k])
            for k, kind in sorted(wrong.items())
        ]
    return errors


def _annotation(
    person: DrawnPerson, labels: tuple[Label, ...], annotation_id: int, image_id: int
) -> dict[str, Any]:
    rle = coco_mask.encode(np.asfortranarray(person.mask.astype(np.uint8)))
    numbers = [
        number
        for label in labels
        for number in (int(label.x_image_px), int(label.y_image_px), int(label.visibility))
    ]
    return {
        "segmentation": {"size": list(rle["size"]), "counts": rle["counts"].decode("ascii")},
        "num_keypoints": sum(label.visibility != Visibility.UNLABELLED for label in labels),
        "area": person.area_px2,
        "iscrowd": 0,
        "keypoints": numbers,
        "image_id": image_id,
        "bbox": person.box_xywh_px.tolist(),
        "category_id": 1,
        "id": annotation_id,
    }


def _file_name(image_id: int) -> str:
    return f"{image_id:012d}.jpg"


def _write_photo(path: Path, scene: Scene) -> None:
    _, jpeg = cv2.imencode(".jpg", scene.photo_bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    write_whole(path, jpeg.tobytes())


def _errors_as_json(errors: list[PlantedError]) -> bytes:
    rows = [
        {
            "annotation_id": error.annotation_id,
            "keypoint": COCO17.names[error.keypoint],
            "kind": error.kind.value,
            "given": _triple(error.given),
            "true": _triple(error.true),
        }
        for error in errors
    ]
    return json.dumps(rows, indent=1).encode()


def _triple(label: Label) -> list[int]:
    return [int(label.x_image_px), int(label.y_image_px), int(label.visibility)]
