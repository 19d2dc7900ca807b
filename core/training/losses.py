"""Losses. Keypoints without a known place or flag carry none."""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from core.models.heatmap_codec import HeatmapCodec
from core.models.metamodel import PoseOutput

IGNORED = -1  # flag of a keypoint that is not to be learned from
HeatLoss = Callable[[Tensor, Tensor, Tensor, HeatmapCodec], Tensor]


def heat_cross_entropy(
    logits: Tensor, target: Tensor, placed: Tensor, codec: HeatmapCodec
) -> Tensor:
    """Cross-entropy between softmax maps and targets made to sum to 1, mean over keypoints.

    Deviation from paper 000, whose base uses the mean squared error (`heat_mse`): a map is a
    distribution over places, and its gradient does not vanish while the map is still flat.

    Args:
        logits: (B, K, h, w).
        target: (B, K, h, w), Gaussians of height 1.
        placed: (B, K) bool, keypoints with a known place inside the crop.
        codec: knows nothing that is needed here.
    """
    wanted = target.flatten(2)
    wanted = wanted / wanted.sum(-1, keepdim=True).clamp_min(1e-6)
    per_keypoint = -(wanted * logits.float().flatten(2).log_softmax(-1)).sum(-1)  # (B, K)
    return (per_keypoint * placed).sum() / placed.sum().clamp_min(1)


def heat_mse(logits: Tensor, target: Tensor, placed: Tensor, codec: HeatmapCodec) -> Tensor:
    """Squared error of the heat maps in units of one Gaussian's own square, mean over keypoints.

    SimpleBaseline's loss (0.5 MSE over pixels) up to a constant: an empty map costs 1.
    """
    energy = torch.pi * codec.sigma_px**2  # sum over the map of a squared Gaussian
    error = ((codec.maps_of(logits) - target) ** 2).flatten(2).sum(-1) / energy  # (B, K)
    return (error * placed).sum() / placed.sum().clamp_min(1)


HEAT_LOSSES: Mapping[str, HeatLoss] = {
    "cross_entropy": heat_cross_entropy,
    "mse": heat_mse,
}


def flag_cross_entropy(logits: Tensor, flags: Tensor, weights: Tensor) -> Tensor:
    """Class-weighted cross-entropy of the ternary flags, 0 where no flag is known.

    As PyTorch's weighted mean: the sum is divided by the sum of the weights.

    Args:
        logits: (B, K, 3).
        flags: (B, K) int64, 0, 1, 2 or `IGNORED`.
        weights: (3,) of v = 0, 1, 2.
    """
    if not (flags != IGNORED).any():
        return logits.sum() * 0
    return functional.cross_entropy(
        logits.float().flatten(0, 1), flags.flatten(), weights, ignore_index=IGNORED
    )


def flag_weights(counts: Sequence[int]) -> tuple[float, ...]:
    """weight_c = N_max / N_c (paper 000); 0 for a class that never occurs.

    >>> flag_weights((355, 73, 572))
    (1.611267605633803, 7.835616438356165, 1.0)
    """
    most = max(counts)
    return tuple(most / count if count else 0.0 for count in counts)


def pose_loss(
    output: PoseOutput,
    target: Tensor,
    placed: Tensor,
    flags: Tensor,
    *,
    codec: HeatmapCodec,
    heat: HeatLoss,
    alpha: float,
    weights: Tensor,
) -> dict[str, Tensor]:
    """`loss` = (1 - alpha) `heat` + alpha `flag` (paper 000, eq. 1), and both parts."""
    heat_part = heat(output.heat_logits, target, placed, codec)
    flag_part = flag_cross_entropy(output.flag_logits, flags, weights)
    return {
        "loss": (1 - alpha) * heat_part + alpha * flag_part,
        "heat": heat_part.detach(),
        "flag": flag_part.detach(),
    }
