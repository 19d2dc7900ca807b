"""What was predicted of photos of your own, for files: COCO results or a table."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.workflow.lookout import DETECTION
from app.workflow.prediction_json import prediction_json
from core.data.prediction import FloatArray, Prediction
from core.data.skeleton import Skeleton
from core.data.whole_file import write_whole
from core.errors import UserError

ENDINGS = (".json", ".csv")
PERSON = ("file", "person", "box_x", "box_y", "box_w", "box_h")
POINT = ("keypoint", "x", "y")
# Column -> where it stands in a prediction; only those that a model says are written.
SCORES: Mapping[str, Callable[[Prediction], FloatArray | None]] = {
    "p0": lambda p: None if p.vis3 is None else p.vis3[:, 0],
    "p1": lambda p: None if p.vis3 is None else p.vis3[:, 1],
    "p2": lambda p: None if p.vis3 is None else p.vis3[:, 2],
    "presence": lambda p: p.presence,
    "visible": lambda p: p.visible,
    "heat": lambda p: p.heat_score,
    "similarity": lambda p: p.keypoint_similarity,
    "map": lambda p: p.map_score,
}
_EXTRA = ("presence", "visible", "keypoint_similarity", "map_score")  # beside COCO's keys


@dataclass(frozen=True)
class PredictedFile:
    """One photo with the persons predicted on it, in the order of their boxes."""

    file: Path
    size_wh_px: tuple[int, int]
    predictions: tuple[Prediction, ...]


@dataclass(frozen=True)
class PredictedFiles:
    """Several photos, predicted by one model.

    Attributes:
        found_by: what found the people; empty where boxes or whole pictures were looked at.
    """

    model: str
    skeleton: Skeleton
    photos: tuple[PredictedFile, ...]
    found_by: str = ""


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

    The third value of a keypoint is its score: heat score, else map score; a keypoint that was not
    predicted is 0, 0, 0. `score` is the conventional one of the pose, else how sure the finder is
    of the person. Beside COCO's keys, where a model says them: `visibility`, rows of p(not
    labelled), p(hidden), p(visible); `presence`, p(labelled); `visible`, `keypoint_similarity`,
    `map_score`; `pose_scores`; and `file_name`. `image_id` is the place of the photo among those
    given, from 1.
    """
    return [
        _result(photo.file, prediction)
        for photo in found.photos
        for prediction in photo.predictions
    ]


def columns(found: PredictedFiles) -> tuple[str, ...]:
    """The columns of `rows`: of a score only where the model says it."""
    people = [p for photo in found.photos for p in photo.predictions]
    said = (name for name, of in SCORES.items() if any(of(p) is not None for p in people))
    whole = dict.fromkeys(f"score_{name}" for p in people for name in p.pose_scores)
    return (*PERSON, *whole, *POINT, *said)


def rows(found: PredictedFiles) -> list[tuple[Any, ...]]:
    """`columns` of every keypoint; None where nothing is said."""
    header = columns(found)
    return [
        tuple(row.get(name) for name in header)
        for photo in found.photos
        for prediction in photo.predictions
        for row in _rows_of(str(photo.file), prediction, found.skeleton.names)
    ]


def _rows_of(file: str, prediction: Prediction, names: Sequence[str]) -> list[dict[str, Any]]:
    x, y, width, height = (round(float(number), 2) for number in prediction.box_xywh_px)
    whole = {f"score_{name}": round(v, 4) for name, v in prediction.pose_scores.items()}
    person = dict(zip(PERSON, (file, prediction.index + 1, x, y, width, height), strict=True))
    scores = {name: of(prediction) for name, of in SCORES.items()}
    return [
        {
            **person,
            **whole,
            "keypoint": name,
            "x": _number(prediction.xy_image_px[k, 0], 2),
            "y": _number(prediction.xy_image_px[k, 1], 2),
            **{n: _number(said[k], 4) for n, said in scores.items() if said is not None},
        }
        for k, name in enumerate(names)
    ]


def _number(value: np.floating[Any], digits: int) -> float | None:
    return round(float(value), digits) if np.isfinite(value) else None


def _result(file: Path, prediction: Prediction) -> dict[str, Any]:
    said = prediction_json(prediction)
    scores = _point_scores(prediction)
    triples = np.column_stack([prediction.xy_image_px, scores])
    triples[~np.isfinite(prediction.xy_image_px).all(axis=1)] = 0.0
    result = {
        "image_id": prediction.image_id,
        "category_id": 1,
        "keypoints": [round(float(number), 4) for number in np.nan_to_num(triples).ravel()],
        "score": round(_score(prediction, scores), 6),
        "bbox": said["box_xywh_px"],
        "file_name": str(file),
    }
    extra = {"visibility": said["vis3"], **{name: said[name] for name in _EXTRA}}
    extra["pose_scores"] = said["pose_scores"] or None
    return result | {name: value for name, value in extra.items() if value is not None}


def _point_scores(prediction: Prediction) -> FloatArray:
    for scores in (prediction.heat_score, prediction.map_score):
        if scores is not None:
            return scores
    return np.ones(len(prediction.xy_image_px), np.float32)


def _score(prediction: Prediction, scores: FloatArray) -> float:
    for name in ("conventional", DETECTION):
        if name in prediction.pose_scores:
            return prediction.pose_scores[name]
    known = scores[np.isfinite(scores)]
    return float(known.mean()) if len(known) else 0.0


def _table(found: PredictedFiles) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns(found))
    writer.writerows(rows(found))
    return text.getvalue()
