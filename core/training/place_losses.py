"""Losses of places by name, shared by every family. What has no known place carries none."""

import math
from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import Tensor

from core.models.codecs.codec import Codec
from core.models.codecs.heatmap import HeatmapCodec
from core.models.outputs import Places, PoseOutput
from core.training.batches import Batch
from core.training.cpn_loss import cpn
from core.training.mspn_loss import mspn
from core.training.simcc_loss import simcc

PlaceLoss = Callable[[PoseOutput, Batch, Codec], Tensor]


def cross_entropy(output: PoseOutput, batch: Batch, codec: Codec) -> Tensor:
    """Cross-entropy between softmax and targets made to sum to 1, mean over placed keypoints.

    Of heat maps over all pixels; of SimCC over columns and over rows, added. Deviation from paper
    000, whose base uses the squared error (`joint_mse`): a map is a distribution over places, and
    its gradient does not vanish while the map is still flat.
    """
    wanted = _distributions(codec.encode(batch.xy_px))
    said = _distributions(output.places)
    parts = [_cross_entropy(logits, target) for logits, target in zip(said, wanted, strict=True)]
    return _mean(torch.stack(parts).sum(dim=0), batch.placed)


def joint_mse(output: PoseOutput, batch: Batch, codec: Codec) -> Tensor:
    """SimpleBaseline's (Xiao et al. 2018): half the mean squared error over pixels and keypoints.

    In the units of the targets; keypoints without a place count as zeros. Of a base with coarse
    outputs (Hourglass) the sum over all of them: intermediate supervision.
    """
    heatmaps = _heatmap_codec(codec)
    wanted = heatmaps.encode(batch.xy_px) / heatmaps.height
    errors = [
        (heatmaps.read(maps) - wanted).square().mean((2, 3)) * batch.placed  # (B, K)
        for maps in (*output.coarse, output.places)
    ]
    return torch.stack(errors).sum(dim=0).mean() * heatmaps.height**2 / 2


def squared_error(output: PoseOutput, batch: Batch, codec: Codec) -> Tensor:
    """Squared error of the heat maps in units of a Gaussian's own square, mean of the placed.

    An empty map costs 1 whatever its size, sigma and height are: `joint_mse` up to a constant, so
    that a share of it beside another loss means the same everywhere.
    """
    heatmaps = _heatmap_codec(codec)
    wanted = heatmaps.encode(batch.xy_px)
    errors = [
        _mean(_error(maps, wanted, heatmaps), batch.placed)
        for maps in (*output.coarse, output.places)
    ]
    return torch.stack(errors).sum()


PLACE_LOSSES: Mapping[str, PlaceLoss] = {
    "cross_entropy": cross_entropy,
    "simcc_mean": partial(simcc, per_bin=True),
    "simcc_sum": partial(simcc, per_bin=False),
    "joint_mse": joint_mse,
    "squared_error": squared_error,
    "mspn": mspn,
    "cpn": cpn,
}


def _error(maps: Places, wanted: Tensor, codec: HeatmapCodec) -> Tensor:
    """(B, K) squared error over the map, over the squared sum of a target."""
    energy = math.pi * codec.sigma_px**2
    return (codec.read(maps) - wanted / codec.height).square().flatten(2).sum(-1) / energy


def _mean(per_keypoint: Tensor, counted: Tensor) -> Tensor:
    return (per_keypoint * counted).sum() / counted.sum().clamp_min(1)


def _cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """(B, K) of (B, K, bins)."""
    wanted = target / target.sum(-1, keepdim=True).clamp_min(1e-6)
    return -(wanted * logits.log_softmax(-1)).sum(-1)


def _distributions(places: Places) -> tuple[Tensor, ...]:
    """Heat maps as one (B, K, h * w), SimCC's two (B, K, bins) as they are; float32."""
    both = (places.flatten(2),) if isinstance(places, Tensor) else places
    return tuple(axis.float() for axis in both)


def _heatmap_codec(codec: Codec) -> HeatmapCodec:
    assert isinstance(codec, HeatmapCodec), "a squared error is of heat maps"
    return codec
