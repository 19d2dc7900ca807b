"""Boxes by their edges: how much two of them overlap."""

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

_LEAST = 1e-9  # px2; boxes without area overlap nothing
Overlap = Callable[[Tensor, Tensor], Tensor]


def overlaps(a_xyxy_px: Tensor, b_xyxy_px: Tensor) -> Tensor:
    """IoU of boxes (..., 4), paired by broadcasting; 0 apart, 1 equal.

    All against all: `overlaps(a[:, None], b[None])`.
    """
    shared, either = _areas(a_xyxy_px, b_xyxy_px)
    return shared / either


def complete_overlaps(a_xyxy_px: Tensor, b_xyxy_px: Tensor) -> Tensor:
    """CIoU of boxes (..., 4) in pairs (Zheng et al. 2020): -1.5 worst, 1 equal.

    The IoU less the squared distance of the centres over the squared diagonal of the box around
    both, less the difference of the aspects. No gradient goes through the weight of the latter.
    """
    shared, either = _areas(a_xyxy_px, b_xyxy_px)
    iou = shared / either
    low = torch.minimum(a_xyxy_px[..., :2], b_xyxy_px[..., :2])
    high = torch.maximum(a_xyxy_px[..., 2:], b_xyxy_px[..., 2:])
    diagonal2 = ((high - low) ** 2).sum(-1).clamp_min(_LEAST)
    apart2 = ((_centre(a_xyxy_px) - _centre(b_xyxy_px)) ** 2).sum(-1)
    aspect = (4 / math.pi**2) * (_slope(a_xyxy_px) - _slope(b_xyxy_px)) ** 2
    with torch.no_grad():
        weight = aspect / (1 - iou + aspect).clamp_min(_LEAST)
    return iou - apart2 / diagonal2 - weight * aspect


OVERLAPS: Mapping[str, Overlap] = {"ciou": complete_overlaps, "iou": overlaps}


def _areas(a_xyxy_px: Tensor, b_xyxy_px: Tensor) -> tuple[Tensor, Tensor]:
    """(...) area of both, and of either."""
    # Side by side instead of (..., 2): all against all is large.
    width = torch.minimum(a_xyxy_px[..., 2], b_xyxy_px[..., 2]) - torch.maximum(
        a_xyxy_px[..., 0], b_xyxy_px[..., 0]
    )
    height = torch.minimum(a_xyxy_px[..., 3], b_xyxy_px[..., 3]) - torch.maximum(
        a_xyxy_px[..., 1], b_xyxy_px[..., 1]
    )
    shared = width.clamp_min(0) * height.clamp_min(0)
    either = _area(a_xyxy_px) + _area(b_xyxy_px) - shared
    return shared, either.clamp_min(_LEAST)


def _area(xyxy_px: Tensor) -> Tensor:
    return (xyxy_px[..., 2] - xyxy_px[..., 0]) * (xyxy_px[..., 3] - xyxy_px[..., 1])


def _centre(xyxy_px: Tensor) -> Tensor:
    return (xyxy_px[..., :2] + xyxy_px[..., 2:]) / 2


def _slope(xyxy_px: Tensor) -> Tensor:
    width, height = xyxy_px[..., 2] - xyxy_px[..., 0], xyxy_px[..., 3] - xyxy_px[..., 1]
    return torch.atan(width / height.clamp_min(_LEAST))
