"""Figures on persons that were not learned from, each looked at once and not mirrored."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from core.data.augment import plain_view
from core.data.progress import Cancelled, never
from core.data.visibility import Visibility
from core.errors import Cancelled as CancelledError
from core.metrics.intervals import Figure as FigureOfSums
from core.metrics.intervals import bootstrap_interval
from core.metrics.pck import found_keypoints
from core.metrics.visibility_scores import f1_per_class, flag_confusion
from core.models.card_text import Figure
from core.models.codecs.build import codec_of
from core.models.model_config import ModelConfig
from core.models.preprocess import normalised
from core.training.batches import Batch, to_batch
from core.training.people_data import ReadPeople

AT_ONCE = 64  # persons
FLAG_WORDS = ("not labelled", "hidden", "visible")  # by the numbers of `Visibility`


@torch.inference_mode()
def measured(
    model: nn.Module,
    held_out: ReadPeople,
    config: ModelConfig,
    *,
    what: str,
    cancelled: Cancelled = never,
) -> list[Figure]:
    """PCK@0.1 of the box side, and F1 of each flag where all three occur; intervals over photos.

    Args:
        model: in eval mode.
        what: the persons in words.

    Raises:
        Cancelled: the caller asked to stop.
    """
    codec = codec_of(config)
    hits, confusions = [], []
    for start in range(0, len(held_out.people), AT_ONCE):
        if cancelled():
            raise CancelledError
        batch = _plain_batch(held_out, start, config)
        output = model(normalised(batch.crops, config))
        xy, _ = codec.decode(codec.read(output.places))
        hits.append(_hits(xy.numpy(), batch, config))
        said = output.flag_logits.argmax(-1).numpy()
        confusions.append(flag_confusion(batch.flags.numpy(), said))  # (B, 3, 3)
    found = _per_photo(held_out, np.concatenate(hits))
    flags = _per_photo(held_out, np.concatenate(confusions))
    figures = [_figure("PCK@0.1 of the box side", what, found, _share)] if found[:, 1].any() else []
    if flags.sum(axis=(0, 2)).all():  # else 0 may mean that nobody looked
        figures += [_figure(f"F1 of {FLAG_WORDS[v]}", what, flags, _f1_of(v)) for v in Visibility]
    return figures


def _plain_batch(held_out: ReadPeople, start: int, config: ModelConfig) -> Batch:
    views = [
        plain_view(
            person, config.crop_size_wh_px, padding=config.padding, alignment=config.alignment
        )
        for person in held_out.people[start : start + AT_ONCE]
    ]
    return to_batch(views, channel_order=config.channel_order)


def _hits(xy_crop_px: NDArray[np.float32], batch: Batch, config: ModelConfig) -> NDArray[np.int64]:
    """(B, 2) keypoints found and counted, of each person."""
    side_px = np.full(len(xy_crop_px), config.crop_size_wh_px[1] / config.padding)
    labelled = batch.placed.numpy().astype(np.int64)
    right, counted = found_keypoints(xy_crop_px, batch.xy_px.numpy(), labelled, side_px)
    return np.stack([right.sum(axis=1), counted.sum(axis=1)], axis=1)


def _per_photo(held_out: ReadPeople, counts: NDArray[np.number]) -> NDArray[np.float64]:
    """Counts (N, ...) of persons summed over photos (G, ...): persons of one photo are alike."""
    groups = np.unique(held_out.image_ids, return_inverse=True)[1]
    sums = np.zeros((groups.max() + 1, *counts.shape[1:]))
    np.add.at(sums, groups, counts)
    return sums


def _figure(what: str, on: str, sums: NDArray[np.float64], figure: FigureOfSums) -> Figure:
    low, high = bootstrap_interval(sums, figure)
    return Figure(what, on, float(figure(sums.sum(axis=0))), float(low), float(high))


def _share(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    share: NDArray[np.float64] = sums[..., 0] / np.maximum(sums[..., 1], 1)
    return share


def _f1_of(flag: Visibility) -> FigureOfSums:
    return lambda sums: f1_per_class(sums)[..., flag]
