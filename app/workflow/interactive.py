"""One photo at once: predictions and heat maps of a dataset's photo or an upload, by the worker."""

import base64
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.workflow.finders import FindPeople
from app.workflow.prediction_json import prediction_from_json
from app.workflow.worker_client import ask_worker
from app.workflow.workspace import Workspace
from core.data.boxes import BoxXywh
from core.data.prediction import Prediction
from core.data.skeleton import Skeleton


@dataclass(frozen=True)
class PhotoRef:
    """One photo: an image of a dataset, or an upload."""

    dataset: str | None = None
    image_id: int | None = None
    upload_id: str | None = None

    def __post_init__(self) -> None:
        of_dataset = self.dataset is not None and self.image_id is not None
        assert of_dataset != (self.upload_id is not None), "exactly one kind of photo"


@dataclass(frozen=True)
class PhotoPredictions:
    """What a model says of persons on a photo.

    Attributes:
        model: its name.
        skeleton: the keypoints of the predictions, in their order, and how they are joined.
        predictions: one per box, in the boxes' order; one of the whole picture without boxes; of
            people found, the surest first.
        seconds_model: that the networks themselves were at work.
        found_by: what found the people; empty where boxes were looked at.
    """

    model: str
    skeleton: Skeleton
    predictions: tuple[Prediction, ...]
    seconds_model: float
    found_by: str = ""


@dataclass(frozen=True)
class HeatMapImage:
    """The heat maps of one person as a picture, for display.

    Attributes:
        png: K maps one below the other in one grey picture; 255 is each map's own maximum.
        size_wh_px: of one map.
        map_to_image: (2, 3), from map pixels to image pixels; pixel centres are whole numbers.
        maxima: K, what 255 stands for in each map; 1 = as sure as the model can be.
        keypoint_names: K.
    """

    png: bytes
    size_wh_px: tuple[int, int]
    map_to_image: NDArray[np.float64]
    maxima: tuple[float, ...]
    keypoint_names: tuple[str, ...]


def predict_boxes(
    ws: Workspace,
    photo: PhotoRef,
    boxes_xywh_px: Sequence[BoxXywh] | None,
    *,
    model: str,
) -> PhotoPredictions:
    """Predict the persons in these boxes.

    Args:
        boxes_xywh_px: in the photo's own pixels, after the turn EXIF asks for; None: one person,
            cut out by the whole picture.
        model: a name of `list_models`.

    Raises:
        UserError: no worker is running; no such photo or model; a box that holds nothing.
    """
    asked = {"photo": asdict(photo), "boxes": _plain(boxes_xywh_px), "model": model}
    return _predictions(ask_worker(ws, "/predict", asked))


def find_people(
    ws: Workspace, photo: PhotoRef, find: FindPeople, *, model: str
) -> PhotoPredictions:
    """Find everybody on a photo and predict them.

    Args:
        find: how they are found.
        model: a name of `list_models`.

    Raises:
        UserError: no worker is running; no such photo, model or detector.
    """
    asked = {"photo": asdict(photo), "find": asdict(find), "model": model}
    return _predictions(ask_worker(ws, "/people", asked))


def _predictions(said: dict[str, Any]) -> PhotoPredictions:
    edges = tuple((a, b) for a, b in said["edges"])
    return PhotoPredictions(
        said["model"],
        Skeleton(tuple(said["keypoint_names"]), edges),
        tuple(prediction_from_json(each) for each in said["predictions"]),
        said["seconds_model"],
        said.get("found_by", ""),
    )


def heat_maps(
    ws: Workspace, photo: PhotoRef, box_xywh_px: BoxXywh | None, *, model: str
) -> HeatMapImage:
    """The heat maps of the person in a box; None is the whole picture.

    Raises:
        UserError: as `predict_boxes`.
    """
    boxes = None if box_xywh_px is None else [box_xywh_px]
    asked = {"photo": asdict(photo), "boxes": _plain(boxes), "model": model}
    said = ask_worker(ws, "/heat-maps", asked)
    width, height = said["size_wh_px"]
    return HeatMapImage(
        base64.b64decode(said["png"]),
        (width, height),
        np.array(said["map_to_image"], np.float64),
        tuple(said["maxima"]),
        tuple(said["keypoint_names"]),
    )


def _plain(boxes_xywh_px: Sequence[BoxXywh] | None) -> list[list[float]] | None:
    if boxes_xywh_px is None:
        return None
    return [[float(number) for number in box] for box in boxes_xywh_px]
