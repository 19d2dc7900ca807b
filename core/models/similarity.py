"""Keypoint similarity: how near a found place is to the true one, and heads that expect it.

KS_i = exp(-d_i^2 / (2 s^2 k_i^2)) with k_i = 2 sigma_i (COCO keypoint evaluation; paper 003,
eq. 2). OPKS_i is KS_i where v_i > 0 and 0 elsewhere (paper 004); OKS is the mean of KS over
v > 0 (eq. 1). All are in 0..1, higher = nearer. Scale cancels: any frame will do that distances and
area share.
"""

import torch
from torch import Tensor

SMALLEST_AREA_PX2 = 1e-6  # an annotation may have none


def keypoint_similarity(xy: Tensor, xy_true: Tensor, area: Tensor, sigmas: Tensor) -> Tensor:
    """KS (B, K) float32 of every keypoint, as if all were labelled.

    Args:
        xy, xy_true: (B, K, 2) places in one frame; NaN gives NaN.
        area: (B,) s^2, the annotation's area in that frame, squared pixels.
        sigmas: (K,) of `core.data.skeleton.Skeleton.sigmas`; the falloff is k = 2 sigma.

    >>> xy, true = torch.tensor([[[3.0, 4.0]]]), torch.zeros(1, 1, 2)
    >>> ks = keypoint_similarity(xy, true, torch.tensor([2500.0]), torch.tensor([0.05]))
    >>> round(float(ks), 4)  # exp(-25 / (2 * 2500 * 0.1^2)) = exp(-0.5)
    0.6065
    """
    squared = (xy.float() - xy_true.float()).square().sum(-1)  # (B, K)
    falloff = 2 * area.float().clamp_min(SMALLEST_AREA_PX2)[:, None] * (2 * sigmas.float()) ** 2
    return torch.exp(-squared / falloff)


def labelled_similarity(similarity: Tensor, labelled: Tensor) -> Tensor:
    """OPKS: KS (B, K) where a keypoint is labelled (B, K) bool, 0 elsewhere even if KS is NaN."""
    return torch.where(labelled, similarity, torch.zeros_like(similarity))


def object_similarity(similarity: Tensor, labelled: Tensor) -> Tensor:
    """OKS (B,): mean of KS (B, K) over labelled keypoints, NaN for a person without any."""
    return labelled_similarity(similarity, labelled).sum(-1) / labelled.sum(-1)


def expected_similarity(logits: Tensor) -> Tensor:
    """The similarity (B, K) float32 in 0..1 that a head expects; higher = nearer.

    Args:
        logits: (B, K, N). N = 1: of a sigmoid. Else of a softmax over N values that lie evenly
            from 0 to 1, both included.
    """
    if logits.shape[-1] == 1:
        return logits[..., 0].float().sigmoid()
    values = torch.linspace(0, 1, logits.shape[-1], device=logits.device)
    return (logits.float().softmax(-1) * values).sum(-1)


def two_hot(similarity: Tensor, bins: int) -> Tensor:
    """Targets (..., bins) for similarities (...) in 0..1: what the value lies between shares it.

    Rows sum to 1, and their expected value is the similarity itself.

    >>> two_hot(torch.tensor([0.0, 0.375, 1.0]), 3).tolist()
    [[1.0, 0.0, 0.0], [0.25, 0.75, 0.0], [0.0, 0.0, 1.0]]
    """
    assert bins > 1
    place = similarity.float() * (bins - 1)
    return (1 - (place[..., None] - torch.arange(bins, device=place.device)).abs()).clamp_min(0)
