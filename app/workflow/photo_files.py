"""Photos of your own, as files: predicted in this process, written as COCO results or a table."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.workflow.models import model_folder
from app.workflow.prediction_json import prediction_json
from app.workflow.workspace import Workspace
from core.data.boxes import BoxXywh, checked_boxes
from core.data.photos import read_photo, upright_size
from core.data.prediction import FloatArray, Prediction
from core.data.progress import Cancelled, OnProgress, ignore, never
from core.data.skeleton import Skeleton
from core.data.whole_file import write_whole
from core.errors import Cancelled as CancelledError
from core.errors import UserError

COLUMNS = ("file", "person", "keypoint", "x", "y", "p0", "p1", "p2", "presence", "heat")
ENDINGS = (".json", ".csv")


@dataclass(frozen=True)
class PredictedFile:
    """One photo with the persons predicted on it, in the order of their boxes."""

    file: Path
    size_wh_px: tuple[int, int]
    predictions: tuple[Prediction, ...]


@dataclass(frozen=True)
class PredictedFiles:
    """Several photos, predicted by one model."""

    model: str
    skeleton: Skeleton
    photos: tuple[PredictedFile, ...]


def predict_files(
    ws: Workspace,
    files: Sequence[Path],
    *,
    model: str,
    boxes_xywh_px: Sequence[BoxXywh] = (),
    on_progress: OnProgress = ignore,
    cancelled: Cancelled = never,
) -> PredictedFiles:
    """Predict the persons in these boxes, or on each photo one by the whole picture.

    Raises:
        UserError: a file that is no photo, boxes for several photos or outside of it, no such
            model.
        Cancelled: asked to stop.
    """
    if boxes_xywh_px and len(files) > 1:
        raise UserError(
            f"Boxes belong to one photo; these are {len(files)}.",
            remedy="Give one file at a time, or leave the boxes out.",
        )
    for size_wh_px in _sizes(files):
        checked_boxes(boxes_xywh_px, size_wh_px)
    from core.inference.predictor import load_predictor  # torch: once everything else is right

    predictor = load_predictor(str(model_folder(ws, model)), device=ws.settings.device)
    photos = []
    for place, file in enumerate(files):
        if cancelled():
            raise CancelledError
        photo_bgr = read_photo(file)
        height, width = photo_bgr.shape[:2]
        boxes = np.array(boxes_xywh_px or [(0, 0, width, height)], np.float32)
        found = predictor.predict(photo_bgr, boxes, image_id=place + 1)
        photos.append(PredictedFile(file, (width, height), tuple(found)))
        on_progress((place + 1) / len(files))
    return PredictedFiles(predictor.name, predictor.skeleton, tuple(photos))


def require_ending(out: Path) -> None:
    """Pass when predictions can be written in the format the name asks for.

    Raises:
        UserError: another ending.
    """
    if out.suffix.lower() not in ENDINGS:
        raise UserError(
            f"The ending {out.suffix!r} says no format.",
            where=str(out),
            remedy="Name it .json (COCO results) or .csv (a table).",
        )


def write_predictions(found: PredictedFiles, out: Path) -> None:
    """Write them as COCO results (.json) or as a table (.csv).

    Raises:
        UserError: another ending, or `out` cannot be written.
    """
    require_ending(out)
    if out.suffix.lower() == ".json":
        text = json.dumps(coco_results(found), indent=1)
    else:
        text = _table(found)
    write_whole(out, text.encode())


def coco_results(found: PredictedFiles) -> list[dict[str, Any]]:
    """One entry per person, as COCO writes results.

    The third value of a keypoint is its score. Beside COCO's keys: `visibility`, rows of p(not
    labelled), p(hidden), p(visible); `presence`, p(labelled); `file_name`. `image_id` is the
    place of the photo among those given, from 1.
    """
    return [
        _result(photo.file, prediction)
        for photo in found.photos
        for prediction in photo.predictions
    ]


def rows(found: PredictedFiles) -> list[tuple[Any, ...]]:
    """`COLUMNS` of every keypoint; None where the model says nothing."""
    return [
        (str(photo.file), prediction.index + 1, name, *_numbers(prediction, k))
        for photo in found.photos
        for prediction in photo.predictions
        for k, name in enumerate(found.skeleton.names)
    ]


def _result(file: Path, prediction: Prediction) -> dict[str, Any]:
    said = prediction_json(prediction)
    score = prediction.heat_score
    scores = np.ones(len(prediction.xy_image_px)) if score is None else score
    triples = np.column_stack([prediction.xy_image_px, scores])
    result = {
        "image_id": prediction.image_id,
        "category_id": 1,
        "keypoints": [round(float(number), 4) for number in triples.ravel()],
        "score": round(float(np.nanmean(scores)), 6),
        "bbox": said["box_xywh_px"],
        "file_name": str(file),
    }
    extra = {"visibility": said["vis3"], "presence": said["presence"]}
    return result | {name: value for name, value in extra.items() if value is not None}


def _numbers(prediction: Prediction, k: int) -> tuple[float | None, ...]:
    x, y = (round(float(number), 2) for number in prediction.xy_image_px[k])
    flags = (None, None, None) if prediction.vis3 is None else prediction.vis3[k]
    p0, p1, p2 = (None if p is None else round(float(p), 4) for p in flags)
    return x, y, p0, p1, p2, _at(prediction.presence, k), _at(prediction.heat_score, k)


def _at(values: FloatArray | None, k: int) -> float | None:
    return None if values is None else round(float(values[k]), 4)


def _sizes(files: Sequence[Path]) -> list[tuple[int, int]]:
    """Width and height of every file; all that are no photo are said at once."""
    sizes, refused = [], []
    for file in files:
        try:
            sizes.append(upright_size(file))
        except UserError as error:
            refused.append(error)
    if len(refused) == 1:
        raise refused[0]
    if refused:
        raise UserError(
            f"{len(refused)} of the {len(files)} files cannot be read.",
            problems=[str(error) for error in refused],
        )
    return sizes


def _table(found: PredictedFiles) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows(found))
    return text.getvalue()
