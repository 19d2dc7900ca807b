"""One photo for somebody who waits at a screen: persons predicted, heat maps, the photo shown."""

import base64
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app.worker.loaded_models import LoadedModel
from app.worker.process import Worker
from app.worker.turns import Turns
from app.workflow import uploads
from app.workflow.finders import FindPeople
from app.workflow.interactive import PhotoRef
from app.workflow.prediction_json import prediction_json
from core.data.boxes import BoxXywh, checked_boxes
from core.data.prediction import FloatArray, Prediction
from core.errors import UserError

if TYPE_CHECKING:
    from core.inference.pose_predictor import PosePredictor


def predict(
    worker: Worker, ref: PhotoRef, boxes_xywh_px: Sequence[BoxXywh] | None, model: str
) -> dict[str, Any]:
    """The persons in these boxes, or one by the whole picture; what `interactive` reads.

    Raises:
        UserError: no such photo or model, or a box that holds nothing.
    """
    with worker.turns.visit():
        photo_bgr = worker.photos.read(ref)
        boxes = _boxes(photo_bgr, boxes_xywh_px)
        loaded = worker.models.get(model)
        found, seconds = in_turns(loaded, worker.turns, photo_bgr, boxes, ref.image_id or 0)
    return _said(loaded.predictor, found, seconds)


def find_people(worker: Worker, ref: PhotoRef, find: FindPeople, model: str) -> dict[str, Any]:
    """Everybody on a photo; what `interactive` reads.

    Raises:
        UserError: no such photo, model or detector.
    """
    with worker.turns.visit():
        photo_bgr = worker.photos.read(ref)
        lookout = worker.models.lookout(model, find)
        found, seconds = lookout.people_on(
            photo_bgr, turn=worker.turns.visitor_turn, image_id=ref.image_id or 0
        )
    return _said(lookout.predictor, found, seconds) | {"found_by": lookout.found_by.name}


def heat_maps(
    worker: Worker, ref: PhotoRef, boxes_xywh_px: Sequence[BoxXywh] | None, model: str
) -> dict[str, Any]:
    """The heat maps of the person in the first box, or of the whole picture.

    Raises:
        UserError: as `predict`.
    """
    with worker.turns.visit():
        photo_bgr = worker.photos.read(ref)
        boxes = _boxes(photo_bgr, boxes_xywh_px)
        if not boxes:
            raise UserError(
                "There is no box to look at.",
                remedy="Name one, or none at all for the whole picture.",
            )
        predictor = worker.models.get(model).predictor
        with worker.turns.visitor_turn():
            heat = predictor.heat_maps(photo_bgr, np.array(boxes[0]))
    _, height, width = heat.maps.shape
    return {
        "png": base64.b64encode(_stacked(heat.maps)).decode(),
        "size_wh_px": (width, height),
        "map_to_image": heat.map_to_image.tolist(),
        "maxima": [float(each.max()) for each in heat.maps],
        "keypoint_names": predictor.skeleton.names,
    }


def show_photo(worker: Worker, upload_id: str, max_side_px: int) -> dict[str, Any]:
    """Make the picture of an upload that browsers load; uploads whose time is over go.

    Raises:
        UserError: no such upload, or it cannot be read.
    """
    with worker.turns.visit():
        photo_bgr = worker.photos.read(PhotoRef(upload_id=upload_id))
        uploads.make_shown_photo(worker.ws, upload_id, max_side_px, photo_bgr)
    uploads.drop_expired(worker.ws)
    return {"size_wh_px": (photo_bgr.shape[1], photo_bgr.shape[0])}


def in_turns(
    loaded: LoadedModel,
    turns: Turns,
    photo_bgr: NDArray[np.uint8],
    boxes_xywh_px: Sequence[BoxXywh],
    image_id: int,
) -> tuple[list[Prediction], float]:
    """Predictions in the boxes' order, some at a time, and how long the model itself took."""
    from core.inference.pose_predictor import PersonCrop

    waiting = [
        PersonCrop(photo_bgr, np.array(box, np.float32), image_id, None, index)
        for index, box in enumerate(boxes_xywh_px)
    ]
    found: list[Prediction] = []
    seconds = 0.0
    while waiting:
        with turns.visitor_turn():
            few, waiting = waiting[: loaded.pace.persons], waiting[loaded.pace.persons :]
            began = time.perf_counter()
            found += loaded.predictor.predict_many(few)
            took = time.perf_counter() - began
            loaded.pace.took(took, len(few))
        seconds += took
    return found, seconds


def _said(
    predictor: "PosePredictor", found: Sequence[Prediction], seconds: float
) -> dict[str, Any]:
    return {
        "model": predictor.name,
        "keypoint_names": predictor.skeleton.names,
        "edges": predictor.skeleton.edges,
        "predictions": [prediction_json(each) for each in found],
        "seconds_model": seconds,
    }


def _boxes(
    photo_bgr: NDArray[np.uint8], boxes_xywh_px: Sequence[BoxXywh] | None
) -> Sequence[BoxXywh]:
    height, width = photo_bgr.shape[:2]
    if boxes_xywh_px is None:
        return [(0.0, 0.0, float(width), float(height))]
    checked_boxes(boxes_xywh_px, (width, height))
    return boxes_xywh_px


def _stacked(maps: FloatArray) -> bytes:
    """Maps (K, h, w) one below the other as a grey PNG; 255 is each one's own maximum."""
    highest = np.maximum(maps.max(axis=(1, 2), keepdims=True), 1e-6)
    grey = (np.clip(maps / highest, 0, 1) * 255).round().astype(np.uint8)
    done, packed = cv2.imencode(".png", grey.reshape(-1, grey.shape[2]))  # (K * h, w)
    assert done
    return packed.tobytes()
