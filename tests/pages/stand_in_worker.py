"""A worker that answers at once: everybody's nose is in the middle of their box, hidden."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from app.workflow.uploads import uploaded_photo
from core.errors import UserError
from tests.pages.builders import NAMES

SAID = {"x": 15, "y": 15, "p0": 0.1, "p1": 0.7, "p2": 0.2, "presence": 0.9, "heat": 0.5}


@dataclass
class StandIn:
    """What was asked, whom it finds on every photo, and the reason to refuse, if any."""

    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    refusal: UserError | None = None
    people: list[tuple[float, float, float, float]] = field(
        default_factory=lambda: [(1, 2, 10, 12), (15, 3, 8, 10)]
    )

    def ask(self, ws, path, body):
        self.asked.append((path, json.loads(json.dumps(body))))
        if self.refusal is not None:
            raise self.refusal
        boxes = self.people if path == "/people" else body["boxes"]
        if boxes is None:
            boxes = [(0, 0, *uploaded_photo(ws, body["photo"]["upload_id"]).size_wh_px)]
        if path == "/heat-maps":
            return _heat_maps()
        return {
            "model": body["model"],
            "keypoint_names": NAMES,
            "edges": [[0, 1]],
            "predictions": [_prediction(index, box) for index, box in enumerate(boxes)],
            "seconds_model": 0.01,
            **({"found_by": body["find"]["detector"]} if path == "/people" else {}),
        }

    @property
    def boxes(self) -> list[list[list[float]]]:
        """The boxes of every question for predictions."""
        return [body["boxes"] for path, body in self.asked if path == "/predict"]


def _prediction(index, box):
    x, y, width, height = box
    nothing = dict.fromkeys(("presence", "visible", "keypoint_similarity", "map_score"))
    return nothing | {
        "image_id": 0,
        "annotation_id": None,
        "index": index,
        "box_xywh_px": list(box),
        "xy_image_px": [[x + width / 2, y + height / 2]] * 3,
        "heat_score": [0.5] * 3,
        "vis3": [[0.1, 0.7, 0.2]] * 3,
        "pose_scores": {"conventional": 0.5, "expected_oks": 0.25},
    }


def _heat_maps():
    return {
        "png": base64.b64encode(b"png").decode(),
        "size_wh_px": [48, 64],
        "map_to_image": [[2, 0, 5], [0, 2, 6]],
        "maxima": [0.5, 0.25, 0.125],
        "keypoint_names": NAMES,
    }
