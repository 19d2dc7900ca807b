"""What stands on the features: heat maps and the visibility branch."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from core.data.visibility import Visibility

NUM_FLAGS = len(Visibility)


class PyramidHead(nn.Module):
    """Heat-map logits at stride 4 from a top-down pyramid.

    Paper 000's base uses three transposed convolutions on the last features; a pyramid with
    lateral 1x1 convolutions does the same work with a third of the parameters.
    """

    def __init__(self, widths: Sequence[int], channels: int, num_keypoints: int) -> None:
        super().__init__()
        self.laterals = nn.ModuleList(nn.Conv2d(width, channels, 1) for width in widths)
        self.smooths = nn.ModuleList(_conv_norm_relu(channels, channels, 3) for _ in widths[:-1])
        self.to_maps = nn.Conv2d(channels, num_keypoints, 1)

    def forward(self, levels: Sequence[Tensor]) -> Tensor:
        """Feature maps, finest first, to logits (B, K, h, w) of the finest."""
        merged: Tensor = self.laterals[-1](levels[-1])
        for place in range(len(levels) - 2, -1, -1):
            lateral: Tensor = self.laterals[place](levels[place])
            raised = nn.functional.interpolate(merged, size=lateral.shape[-2:], mode="nearest")
            merged = self.smooths[place](raised + lateral)
        logits: Tensor = self.to_maps(merged)
        return logits


class VisibilityBranch(nn.Module):
    """Ternary flags from the base's last features (paper 000, section 3).

    Residual bottleneck 3x3, 1x1, 3x3; a 1x1 convolution, batch norm and 2x2 max-pool; fully
    connected layers to 3 K numbers, a softmax over each group of three. The paper's
    4096, 2048, 1024 units become one layer of `hidden`, with dropout.
    """

    def __init__(
        self,
        channels: int,
        feature_size_wh: tuple[int, int],
        num_keypoints: int,
        *,
        bottleneck: int,
        reduced: int,
        hidden: int,
    ) -> None:
        super().__init__()
        self.num_keypoints = num_keypoints
        self.bottleneck = nn.Sequential(
            _conv_norm_relu(channels, bottleneck, 3),
            _conv_norm_relu(bottleneck, bottleneck, 1),
            _conv_norm_relu(bottleneck, channels, 3),
        )
        self.reduce = nn.Sequential(
            nn.Conv2d(channels, reduced, 1, bias=False),
            nn.BatchNorm2d(reduced),
            nn.MaxPool2d(2, ceil_mode=True),
        )
        width, height = (-(-side // 2) for side in feature_size_wh)
        self.classify = nn.Sequential(
            nn.Linear(reduced * width * height, hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(0.2),
            nn.Linear(hidden, num_keypoints * NUM_FLAGS),
        )

    def forward(self, features: Tensor) -> Tensor:
        """(B, channels, h, w) to logits (B, K, 3): keypoint first, then flag 0, 1, 2."""
        reduced = self.reduce(features + self.bottleneck(features))
        flat: Tensor = self.classify(torch.flatten(reduced, 1))
        return flat.view(-1, self.num_keypoints, NUM_FLAGS)


def _conv_norm_relu(channels_in: int, channels_out: int, kernel: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, kernel, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(inplace=True),
    )
