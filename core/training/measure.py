"""Figures on persons that were not learned from, each looked at once and not mirrored."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from core.data.augment import plain_view
from core.data.progress import Cancelled, never
from core.data.visibility import Visibility
from core.errors import Cancelled as CancelledError
from core.metrics.intervals import Figure as FigureOfSums
from core.metrics.pck import found_keypoints
from core.metrics.visibility_scores import flag_confusion
from core.models.card_text import Figure
from core.models.checkpoint_config import CheckpointConfig
from core.models.codecs.build import codec_of
from core.models.model_config import ModelConfig
from core.models.outputs import PoseOutput
from core.models.preprocess import normalised
from core.models.similarity import expected_similarity, keypoint_similarity
from core.training.batches import Batch, to_batch
from core.training.counted_figures import (
    Counts,
    accuracy,
    every_class,
    f1_of,
    figure_of,
    per_photo,
    share,
    something,
)
from core.training.losses import IGNORED
from core.training.measure_pictures import measured_pictures
from core.training.people_data import ReadPeople

AT_ONCE = 64  # persons
FLAG_WORDS = ("not labelled", "hidden", "visible")  # by the numbers of `Visibility`


@dataclass(frozen=True)
class Seen:
    """A batch, what a network said of it, and the places it found, all on the CPU.

    Attributes:
        xy_px: (B, K, 2) crop frame.
    """

    config: ModelConfig
    batch: Batch
    output: PoseOutput
    xy_px: Tensor


@dataclass(frozen=True)
class Measure:
    """One thing to count of every person.

    Attributes:
        counts: what each person adds, (B, ...); None where the network does not say it.
        figures: what sums of them give, by name.
        enough: whether sums (...) suffice to say anything.
    """

    counts: Callable[[Seen], Counts | None]
    figures: Mapping[str, FigureOfSums]
    enough: Callable[[Counts], bool]


def measured(
    model: nn.Module,
    held_out: ReadPeople,
    checkpoint: CheckpointConfig,
    *,
    what: str,
    device: torch.device,
    cancelled: Cancelled = never,
) -> Sequence[Figure]:
    """Figures of everything a network says, as its family is measured.

    Args:
        model: in eval mode.
        checkpoint: what it says of itself.
        what: the persons in words.

    Raises:
        Cancelled: the caller asked to stop.
    """
    measure = MEASURED_BY_FAMILY.get(checkpoint.model.family, measured_crops)
    return measure(model, held_out, checkpoint, what=what, device=device, cancelled=cancelled)


@torch.inference_mode()
def measured_crops(
    model: nn.Module,
    held_out: ReadPeople,
    checkpoint: CheckpointConfig,
    *,
    what: str,
    device: torch.device,
    cancelled: Cancelled = never,
) -> Sequence[Figure]:
    """Figures of a network that looks at single persons, with intervals over photos.

    PCK@0.1 of the box side; F1 of each ternary flag where all three occur; F1 and accuracy of
    presence and accuracy of "visible" where both answers occur; mean absolute error of the expected
    similarity (0 = always right).

    Raises:
        Cancelled: the caller asked to stop.
    """
    model, config = model.to(device), checkpoint.model
    counted: list[list[Counts]] = [[] for _ in MEASURES]
    for start in range(0, len(held_out.people), AT_ONCE):
        if cancelled():
            raise CancelledError
        seen = _seen(model, _plain_batch(held_out, start, config), config, device)
        for measure, found in zip(MEASURES, counted, strict=True):
            counts = measure.counts(seen)
            found += [] if counts is None else [counts]
    return [
        figure
        for measure, found in zip(MEASURES, counted, strict=True)
        if found
        for figure in _figures(measure, per_photo(held_out, np.concatenate(found)), what)
    ]


def _figures(measure: Measure, sums: Counts, what: str) -> Sequence[Figure]:
    if not measure.enough(sums.sum(axis=0)):
        return []
    return [figure_of(name, what, sums, figure) for name, figure in measure.figures.items()]


def _plain_batch(held_out: ReadPeople, start: int, config: ModelConfig) -> Batch:
    views = [
        plain_view(
            person, config.crop_size_wh_px, padding=config.padding, alignment=config.alignment
        )
        for person in held_out.people[start : start + AT_ONCE]
    ]
    return to_batch(views, channel_order=config.channel_order)


def _seen(model: nn.Module, batch: Batch, config: ModelConfig, device: torch.device) -> Seen:
    codec = codec_of(config)
    output: PoseOutput = model(normalised(batch.crops.to(device), config))
    xy, _ = codec.decode(codec.read(output.places))
    return Seen(config, batch, output, xy.cpu())


def _hits(seen: Seen) -> Counts:
    """(B, 2) keypoints found and counted."""
    config, batch = seen.config, seen.batch
    side_px = np.full(len(batch.crops), config.crop_size_wh_px[1] / config.padding)
    labelled = batch.placed.numpy().astype(np.int64)
    right, counted = found_keypoints(seen.xy_px.numpy(), batch.xy_px.numpy(), labelled, side_px)
    return np.stack([right.sum(axis=1), counted.sum(axis=1)], axis=1).astype(np.float64)


def _flags(seen: Seen) -> Counts | None:
    """(B, 3, 3) labels against answers."""
    if seen.output.flag_logits is None:
        return None
    said = seen.output.flag_logits.argmax(-1).cpu().numpy()
    return flag_confusion(seen.batch.flags.numpy(), said)


def _presence(seen: Seen) -> Counts | None:
    return _two_way(seen.output.presence_logits, seen.batch, seen.batch.flags > 0)


def _visible(seen: Seen) -> Counts | None:
    return _two_way(seen.output.visible_logits, seen.batch, seen.batch.flags == Visibility.VISIBLE)


def _two_way(logits: Tensor | None, batch: Batch, true: Tensor) -> Counts | None:
    """(B, 2, 2) labels, no and yes, against answers; yes is a probability of a half or more."""
    if logits is None:
        return None
    known = (batch.flags != IGNORED).numpy()
    labels = np.where(known, true.numpy(), -1)
    return flag_confusion(labels, (logits >= 0).cpu().numpy().astype(np.int64))[..., :2, :2]


def _similarity(seen: Seen) -> Counts | None:
    """(B, 2) sum of absolute errors of the expected similarity, and keypoints counted."""
    logits = seen.output.similarity_logits
    if logits is None:
        return None
    batch = seen.batch
    sigmas = torch.from_numpy(seen.config.skeleton.sigmas).float()
    true = keypoint_similarity(seen.xy_px, batch.xy_px, batch.area_px, sigmas)
    off = (expected_similarity(logits).cpu() - true).abs().where(batch.placed, 0.0).sum(-1)
    return torch.stack([off, batch.placed.sum(-1)], dim=-1).double().numpy()


MEASURES: Sequence[Measure] = (
    Measure(_hits, {"PCK@0.1 of the box side": share}, something),
    Measure(_flags, {f"F1 of {FLAG_WORDS[v]}": f1_of(v) for v in Visibility}, every_class),
    Measure(_presence, {"F1 of presence": f1_of(1), "accuracy of presence": accuracy}, every_class),
    Measure(_visible, {"accuracy of visible": accuracy}, every_class),
    Measure(_similarity, {"mean error of the expected similarity": share}, something),
)

# How a family is measured; those not named here look at single persons.
MEASURED_BY_FAMILY: Mapping[str, Callable[..., Sequence[Figure]]] = {
    "hybridpose": measured_pictures,
}
