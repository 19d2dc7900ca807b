"""The numbers of every keypoint on one photo, one row per keypoint."""

from collections.abc import Sequence

import pandas as pd

from app.ui.photo_overlay.scene import keypoint_names, predictions
from core.data.listing import DatasetInfo, Person, RunInfo

_LABELS = ["annotation_id", "keypoint", "given_v", "current_v", "x", "y"]
_OF_RUN = ["predicted_v", "predicted_x", "predicted_y", "p0", "p1", "p2", "presence", "heat_score"]


def keypoint_table(
    dataset: DatasetInfo, persons: Sequence[Person], run: RunInfo | None
) -> pd.DataFrame:
    """Given, current and predicted flag, class probabilities and scores; image pixels.

    Columns of the run are left out without one, and empty where it says nothing.
    """
    rows = []
    for person in persons:
        names = keypoint_names(dataset, person)
        said = predictions(dataset, person, run)
        for k, name in enumerate(names):
            given, current = person.given[k], person.current[k]
            row: dict[str, object] = {
                "annotation_id": person.annotation_id,
                "keypoint": name,
                "given_v": int(given.visibility),
                "current_v": int(current.visibility),
                "x": current.x_image_px,
                "y": current.y_image_px,
            }
            rows.append(row if run is None else row | _of_run(said[k]))
    return pd.DataFrame(rows, columns=_LABELS if run is None else _LABELS + _OF_RUN)


def _of_run(said: dict[str, object] | None) -> dict[str, object]:
    p = said["p"] if said else None
    p0, p1, p2 = p if isinstance(p, list) else (None, None, None)
    return {
        "predicted_v": max(range(3), key=p.__getitem__) if isinstance(p, list) else None,
        "predicted_x": said["x"] if said else None,
        "predicted_y": said["y"] if said else None,
        "p0": p0,
        "p1": p1,
        "p2": p2,
        "presence": said["presence"] if said else None,
        "heat_score": said["heat"] if said else None,
    }
