"""What heads that expect a keypoint's similarity are taught, and by which loss."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from core.models.outputs import PoseOutput
from core.models.similarity import (
    expected_similarity,
    keypoint_similarity,
    labelled_similarity,
    two_hot,
)
from core.training.batches import Batch
from core.training.objectives.setting import Setting

SimilarityLoss = Callable[[Tensor, Tensor], Tensor]


@torch.no_grad()
def similarity_target(
    output: PoseOutput, batch: Batch, setting: Setting[Any]
) -> tuple[Tensor, Tensor]:
    """KS of what the network finds right now, against the labels (003, eq. 2; 004's OPKS).

    Places come from the same decoder as in use. They, the labels and the area are in crop pixels:
    scale cancels. No gradient goes back through the maps.

    A network rates the maps of persons it learned from too well. To rate those of others, train the
    base on one part of the persons and what rates it on another, or in folds.

    Returns:
        (B, K) float32 in 0..1, 0 where not counted; (B, K) bool, the keypoints that count: those
        with a labelled place in the crop.
    """
    xy_crop_px, _ = setting.codec.decode(setting.codec.read(output.places))
    similarity = keypoint_similarity(xy_crop_px, batch.xy_px, batch.area_px, setting.sigmas)
    counted = batch.placed & similarity.isfinite()
    return labelled_similarity(similarity, counted), counted


def distribution(logits: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy of N values from 0 to 1 against two-hot targets, (B, K).

    Most similarities are near 0 or near 1 (poster of paper 004); a distribution can say "either",
    one number only the middle.
    """
    return -(two_hot(target, logits.shape[-1]) * logits.float().log_softmax(-1)).sum(-1)


def regression(logits: Tensor, target: Tensor) -> Tensor:
    """Absolute error of what is expected, (B, K): KS-net's loss (003, eq. 9 before its sum)."""
    return (expected_similarity(logits) - target).abs()


def soft_bce(logits: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy of one number against the similarity as a soft target, (B, K)."""
    return functional.binary_cross_entropy_with_logits(
        logits[..., 0].float(), target, reduction="none"
    )


def squared(logits: Tensor, target: Tensor) -> Tensor:
    """Squared error of what is expected, (B, K): ProbPose's loss of its expected OKS."""
    return (expected_similarity(logits) - target).square()


# From logits (B, K, N) and similarities (B, K) to losses (B, K).
SIMILARITY_LOSSES: Mapping[str, SimilarityLoss] = {
    "distribution": distribution,
    "regression": regression,
    "soft_bce": soft_bce,
    "expected_oks": squared,
}
