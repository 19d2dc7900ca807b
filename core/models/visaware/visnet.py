"""VisNet and the mask: which keypoints are seen, and how much of the others is left."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class VisNet(nn.Module):
    """p(v = 2) of each keypoint from its own map (paper 001, section 4.2).

    One small fully connected net, the same for every keypoint, on the flattened map. The paper
    says less than 1 MB; 64 and 32 hidden units make 0.8 MB of float32 at maps of 64x48.
    """

    def __init__(self, map_px: int, hidden: Sequence[int]) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        units = map_px
        for wanted in hidden:
            layers += [nn.Linear(units, wanted), nn.ReLU(inplace=True)]
            units = wanted
        self.layers = nn.Sequential(*layers, nn.Linear(units, 1))

    def forward(self, tokens: Tensor) -> Tensor:
        """Flattened maps (B, K, h * w) to logits (B, K); no gradient goes back into the maps.

        "We detach the gradient from the VisNet branch so that it does not affect the training of
        the feature extractor" (section 5.1).
        """
        logits: Tensor = self.layers(tokens.detach())  # (B, K, 1)
        return logits[..., 0]


def seen(visible_logits: Tensor, threshold: float) -> Tensor:
    """Which keypoints count as visible: (B, K) logits to (B, K) bool, p(v = 2) >= threshold."""
    return visible_logits.sigmoid() >= threshold


def soft_mask(visible: Tensor, softness: float) -> Tensor:
    """How much each keypoint is listened to: 1 where visible (B, K), `softness` elsewhere.

    Paper 001's eq. 3 as printed has it the other way round: 1 below p = 0.5 and 0.01 from there
    on. Its text (1 is visible, invisible keypoints are masked out) and its figure 2 only make
    sense as here, so this deviates from the formula and not from the method.

    >>> soft_mask(torch.tensor([[True, False]]), 0.01)
    tensor([[1.0000, 0.0100]])
    """
    return torch.where(visible, 1.0, softness)
