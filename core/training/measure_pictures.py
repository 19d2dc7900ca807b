"""Figures of networks that find people by themselves: places of who is found in labelled boxes."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from core.data.progress import Cancelled, never
from core.errors import Cancelled as CancelledError
from core.inference.pose_predictor import PersonCrop
from core.inference.whole_picture import WholePicturePredictor
from core.metrics.pck import crop_side_px, found_keypoints
from core.models.card_text import Figure
from core.models.checkpoint_config import CheckpointConfig
from core.training.counted_figures import Counts, figure_of, per_photo, share
from core.training.people_data import ReadPeople

AT_ONCE = 16  # persons


def measured_pictures(
    model: nn.Module,
    held_out: ReadPeople,
    checkpoint: CheckpointConfig,
    *,
    what: str,
    device: torch.device,
    cancelled: Cancelled = never,
) -> Sequence[Figure]:
    """PCK@0.1 of the box side, with its interval over photos; who was not found has no place right.

    Looked at is the part of the photo around each person, one look. Visibility maps have no figure:
    their paper gives no threshold that would make a flag of one.

    Raises:
        Cancelled: the caller asked to stop.
    """
    predictor = WholePicturePredictor(model, checkpoint, device, flip_test=False)
    counted: list[Counts] = []
    for start in range(0, len(held_out.people), AT_ONCE):
        if cancelled():
            raise CancelledError
        people = held_out.people[start : start + AT_ONCE]
        found = predictor.predict_many([PersonCrop(p.photo_bgr, p.box_xywh_px) for p in people])
        right, labelled = found_keypoints(
            np.stack([prediction.xy_image_px for prediction in found]),
            np.stack([person.xy_px for person in people]),
            np.stack([person.visibility for person in people]),
            crop_side_px(np.stack([p.box_xywh_px for p in people]), (1, 1)),
        )
        counts = np.stack([right.sum(axis=1), labelled.sum(axis=1)], axis=1)
        counted.append(counts.astype(np.float64))
    sums = per_photo(held_out, np.concatenate(counted))
    return [figure_of("PCK@0.1 of the box side", what, sums, share)] if sums[:, 1].any() else []
