"""Losses of places, shared by every family. Keypoints without a known place carry none."""

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from core.data.visibility import Visibility
from core.models.codecs.codec import Codec
from core.models.codecs.heatmap import HeatmapCodec, opencv_sigma
from core.models.outputs import Places, PoseOutput
from core.training.batches import Batch
from core.training.losses import IGNORED
from core.training.mspn_loss import mspn

PlaceLoss = Callable[[PoseOutput, Batch, Codec], Tensor]
HARDEST = 8  # keypoints of a person whose errors count: Chen et al. 2018 (CPN), section 3.3
# Widths of the blurs that make CPN's targets, in pixels of the map, coarsest level first. RefineNet
# has the last.
CPN_KERNELS_PX = (15, 11, 9, 7)
CPN_COARSE_SHARE = 1 / 8  # of a level of GlobalNet


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


def simcc_mean(output: PoseOutput, batch: Batch, codec: Codec) -> Tensor:
    """SimCC's (Li et al. 2022): the Kullback-Leibler divergence as a mean over bins.

    As its authors' code has it, also a mean over all keypoints, those without a place as zeros.
    Deviation: targets are made to sum to 1; and the divergence leaves out the targets' own entropy,
    which no weight changes.
    """
    wanted = _distributions(codec.encode(batch.xy_px))
    said = _distributions(output.places)
    parts = [
        _cross_entropy(logits, target) / logits.shape[-1]
        for logits, target in zip(said, wanted, strict=True)
    ]
    return (torch.stack(parts).sum(dim=0) * batch.placed).mean()


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


def cpn(output: PoseOutput, batch: Batch, codec: Codec) -> Tensor:
    """CPN's (Chen et al. 2018): coarse levels (GlobalNet), and final maps (RefineNet).

    The final maps learn from each person's hardest keypoints. As its authors' code has it, GlobalNet is taught the place where v = 2 and an empty map
    elsewhere, with targets the wider the coarser. Deviation: there the widest target goes to the
    finest level, which they call a slip kept for the sake of their weights.

    Args:
        output: of a base whose `coarse` holds GlobalNet's four maps, coarsest first.
        batch, codec: as for every loss of places.
    """
    heatmaps = _heatmap_codec(codec)
    taught = batch.placed | (batch.flags != IGNORED)
    in_sight = batch.placed & (batch.flags != Visibility.OCCLUDED)
    final = _error(output.places, heatmaps.encode(batch.xy_px), heatmaps) * batch.placed
    total = final.topk(min(HARDEST, final.shape[1]), dim=1).values.mean()
    for maps, width in zip(output.coarse, CPN_KERNELS_PX, strict=True):
        # The final target is as wide as the codec says; the others by the same measure wider.
        wider = opencv_sigma(width) / opencv_sigma(CPN_KERNELS_PX[-1])
        wanted = heatmaps.encode(batch.xy_px, sigma_px=heatmaps.sigma_px * wider)
        error = _error(maps, wanted * in_sight[..., None, None], heatmaps)
        total = total + CPN_COARSE_SHARE * (error * taught).mean()
    return total


PLACE_LOSSES: Mapping[str, PlaceLoss] = {
    "cross_entropy": cross_entropy,
    "simcc_mean": simcc_mean,
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
