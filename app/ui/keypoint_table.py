"""The numbers of every keypoint on one photo, one row per keypoint."""

from collections.abc import Sequence

import pandas as pd

from app.ui.photo_overlay.shown_person import Said, ShownPerson
from core.data.review import Label

_PERSON = ["person", "annotation_id", "box_x", "box_y", "box_w", "box_h", "keypoint"]
_LABELS = ["given_v", "current_v", "x", "y"]
_SAID = ["model", "predicted_v", "predicted_x", "predicted_y"]
# Short name -> column.
_SCORES = {
    "p0": "p0",
    "p1": "p1",
    "p2": "p2",
    "presence": "presence",
    "visible": "visible",
    "heat": "heat_score",
    "similarity": "keypoint_similarity",
    "map": "map_score",
}
_WHOLE = ["annotation_id", "given_v", "current_v", "predicted_v"]


def keypoint_table(persons: Sequence[ShownPerson]) -> pd.DataFrame:
    """Box, labels and everything a model says; image pixels.

    Columns of labels or of a model are left out where nobody has any, and empty where one
    keypoint has none.
    """
    rows = [
        _person(person)
        | {"keypoint": name}
        | _labels(person.given, person.current, k)
        | _of_model(person.model, person.said[k])
        | _pose_scores(person)
        for person in persons
        for k, name in enumerate(person.names)
    ]
    found = {column for row in rows for column in row}
    whole_pose = dict.fromkeys(name for person in persons for name in _pose_scores(person))
    columns = [*_PERSON, *_LABELS, *_SAID, *_SCORES.values(), *whole_pose]
    table = pd.DataFrame(rows, columns=[c for c in columns if c in found or c in _PERSON])
    whole = {column: "Int64" for column in _WHOLE if column in table}
    return table.astype(whole)


def _person(person: ShownPerson) -> dict[str, object]:
    x, y, width, height = person.box_xywh_px or (None,) * 4
    return {
        "person": person.title,
        "annotation_id": person.annotation_id,
        "box_x": x,
        "box_y": y,
        "box_w": width,
        "box_h": height,
    }


def _pose_scores(person: ShownPerson) -> dict[str, float]:
    """Of the whole person, the same in each of their rows."""
    return {f"score_{name}": round(value, 4) for name, value in person.pose_scores.items()}


def _labels(given: Sequence[Label], current: Sequence[Label], k: int) -> dict[str, object]:
    if not given:
        return {}
    return {
        "given_v": int(given[k].visibility),
        "current_v": int(current[k].visibility),
        "x": current[k].x_image_px,
        "y": current[k].y_image_px,
    }


def _of_model(model: str, said: Said | None) -> dict[str, object]:
    if said is None:
        return {}
    p = [said[name] for name in ("p0", "p1", "p2") if name in said]
    columns: dict[str, object] = {
        "model": model,
        "predicted_x": said["x"],
        "predicted_y": said["y"],
    }
    if p:
        columns["predicted_v"] = p.index(max(p))
    return columns | {column: said[short] for short, column in _SCORES.items() if short in said}
