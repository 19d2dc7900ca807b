"""What networks that learned persons by heart say of these persons, held against the labels."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from core.data.augment import LabelledPerson
from core.data.prediction import Prediction
from core.data.visibility import Visibility
from core.metrics.pck import crop_side_px, found_keypoints
from core.models.model_config import ModelConfig
from core.models.similarity import keypoint_similarity

# What each family says of visibility, the prediction's field, and what it stands for.
SAID = {
    "metamodel": "flags", "visaware": "visible", "oahpe": "presence", "hpcvnet": "presence",
    "hybridpose": "map",
}  # fmt: skip
ASKED_AS: Mapping[str, tuple[str, Callable[[NDArray[np.int8]], NDArray[np.bool_]]]] = {
    "flags": ("vis3", lambda flags: flags > 0),
    "presence": ("presence", lambda flags: flags > 0),
    "visible": ("visible", lambda flags: flags == Visibility.VISIBLE),
    "map": ("map_score", lambda flags: flags > 0),
}


def keypoints_right(answers: Sequence[Prediction], people: Sequence[LabelledPerson]) -> float:
    """The share of labelled keypoints within a tenth of the box side."""
    right, counted = found_keypoints(
        np.stack([answer.xy_image_px for answer in answers]),
        np.stack([person.xy_px for person in people]),
        visibility_of(people),
        crop_side_px(np.stack([p.box_xywh_px for p in people]), (1, 1)),
    )
    return float(right.sum() / counted.sum())


def said_right(
    model: ModelConfig, answers: Sequence[Prediction], people: Sequence[LabelledPerson]
) -> tuple[str, float | None]:
    """What a family says of visibility, and the share of keypoints it is right about."""
    flags = visibility_of(people)
    what = SAID.get(model.family, "")
    if not what:
        return "", None
    field, truth = ASKED_AS[what]
    said = np.stack([getattr(answer, field) for answer in answers])
    if what == "flags":
        right = said.argmax(-1) == flags
    elif what == "map":
        cuts = np.unique(np.nan_to_num(said))
        right = max(((np.nan_to_num(said) >= cut) == truth(flags) for cut in cuts), key=np.mean)
    else:
        right = (said >= 0.5) == truth(flags)
    return what, float(right.mean())


def similarity_error(
    model: ModelConfig, answers: Sequence[Prediction], people: Sequence[LabelledPerson]
) -> float | None:
    """Mean absolute error of the expected similarity of labelled keypoints."""
    if answers[0].keypoint_similarity is None:
        return None
    true = keypoint_similarity(
        torch.from_numpy(np.stack([answer.xy_image_px for answer in answers])),
        torch.from_numpy(np.stack([person.xy_px for person in people])),
        torch.tensor([person.oks_area_px2 for person in people]),
        torch.from_numpy(model.skeleton.sigmas),
    ).numpy()
    said = np.stack([answer.keypoint_similarity for answer in answers])
    labelled = visibility_of(people) > 0
    return float(np.abs(said - true)[labelled].mean())


def visibility_of(people: Sequence[LabelledPerson]) -> NDArray[np.int8]:
    """(N, K) the labels."""
    return np.stack([person.visibility for person in people])
