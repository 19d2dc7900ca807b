"""A dataset, a person and a run in memory, for what pages show of them."""

from datetime import UTC, datetime

import numpy as np

from core.data.dataset import Category
from core.data.listing import DatasetInfo, ImageInfo, Person, RunInfo
from core.data.prediction import Prediction
from core.data.review import Label
from core.data.skeleton import Skeleton, unnamed_skeleton
from core.data.visibility import Visibility

IMAGE = ImageInfo(7, 0, "a.png", (40, 30), 1)
RUN = RunInfo("tiny-1", "tiny", "0" * 64, ("right_eye", "nose"), "annotated", datetime.now(UTC), 1)


def a_dataset(*, named=True, category_id=1):
    names = Skeleton(("nose", "left_eye", "right_eye"), ((0, 1),))
    skeleton = names if named else unnamed_skeleton(3)
    categories = (Category(category_id, "person", skeleton),)
    at = datetime.now(UTC)
    numbers = (1, 1, (), ())
    return DatasetInfo(
        1, "val", at, "labels.json", "s", "0" * 64, None, categories, True, "", (), *numbers
    )


def labels(*flags):
    return tuple(Label(10.0 + k, 20.0, Visibility(v)) for k, v in enumerate(flags))


def a_prediction(**fields):
    """In the run's order: right_eye, nose."""
    said = {
        "xy_image_px": np.array([[12.004, 21], [10, 22]], np.float32),
        "heat_score": np.array([0.9, np.nan], np.float32),
        "vis3": np.array([[0.7, 0.2, 0.1], [0.05, 0.15, 0.8]], np.float32),
    }
    return Prediction(7, 1, 0, np.array([5, 5, 20, 20], np.float32), **(said | fields))


def a_person(**fields):
    given = labels(2, 1, 0)
    whole = {
        "iscrowd": False,
        "given": given,
        "current": given,
        "revision": (0, 0, 0),
        "reviewed": (False,) * 3,
    }
    return Person(1, 7, 1, (5.0, 5.0, 20.0, 20.0), **(whole | fields))
