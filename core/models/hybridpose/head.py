"""The two heads: boxes with keypoints, and visibility maps; both on every level of the body."""

import math

import torch
from torch import Tensor, nn

from core.models.hybridpose.config import ANCHORS, STRIDES, HybridPoseConfig
from core.models.hybridpose.layers import ConvUnit

OBJECTNESS = 4  # its channel; before it x, y, w, h of the box, after it the keypoints
# YOLOv5 starts as if 8 of the cells of a 640 x 640 picture held something.
EXPECTED_OBJECTS, EXPECTED_ON_SIDE_PX = 8, 640


class PoseHead(nn.Module):
    """One 1x1 convolution per level to 5 + 2K channels per anchor (section 3.1)."""

    def __init__(self, channels: tuple[int, ...], num_keypoints: int) -> None:
        super().__init__()
        self.num_channels = 5 + 2 * num_keypoints
        self.levels = nn.ModuleList(nn.Conv2d(c, ANCHORS * self.num_channels, 1) for c in channels)
        for conv, stride in zip(self.levels, STRIDES, strict=True):
            share = EXPECTED_OBJECTS / (EXPECTED_ON_SIDE_PX / stride) ** 2
            bias = conv.bias.detach().view(ANCHORS, -1)  # type: ignore[operator]
            bias[:, OBJECTNESS] = math.log(share / (1 - share))

    def forward(self, features: tuple[Tensor, ...]) -> list[Tensor]:
        """Features (B, C, h, w) of each level to (B, A, 5 + 2K, h, w), before the sigmoid."""
        return [
            conv(level).unflatten(1, (ANCHORS, self.num_channels))
            for conv, level in zip(self.levels, features, strict=True)
        ]


class MapHead(nn.Module):
    """Two 3x3 convolutions and a 1x1 per level to K maps per anchor.

    The paper's phi of eq. 4, "shallow convolutional layers"; how many and how wide is ours.
    """

    def __init__(
        self, channels: tuple[int, ...], num_keypoints: int, config: HybridPoseConfig
    ) -> None:
        super().__init__()
        self.num_keypoints = num_keypoints
        width = config.map_channels
        self.levels = nn.ModuleList(
            nn.Sequential(
                ConvUnit(c, width, 3),
                ConvUnit(width, width, 3),
                nn.Conv2d(width, ANCHORS * num_keypoints, 1),
            )
            for c in channels
        )
        prior = math.log(config.map_prior / (1 - config.map_prior))
        for level in self.levels:
            nn.init.constant_(level[-1].bias, prior)  # type: ignore[index]

    def forward(self, features: tuple[Tensor, ...]) -> list[Tensor]:
        """Features (B, C, h, w) of each level to (B, A, K, h, w), before the sigmoid."""
        return [
            torch.unflatten(convs(level), 1, (ANCHORS, self.num_keypoints))
            for convs, level in zip(self.levels, features, strict=True)
        ]
