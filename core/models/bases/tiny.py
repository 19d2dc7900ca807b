"""The base for two CPU cores: a small residual net and a pyramid on its features."""

from collections.abc import Sequence

from torch import Tensor, nn

from core.models.bases.config import BaseConfig
from core.models.bases.pose_base import PoseBase

WIDTHS, BLOCKS = (32, 64, 128, 256), (2, 2, 2, 1)  # of the four stages
STEM, PYRAMID = 24, 64  # channels


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut (He et al. 2016, basic block)."""

    def __init__(self, channels_in: int, channels_out: int, *, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels_out)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels_out)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or channels_in != channels_out:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels_in, channels_out, 1, stride, bias=False),
                nn.BatchNorm2d(channels_out),
            )

    def forward(self, features: Tensor) -> Tensor:
        """(B, in, h, w) to (B, out, h / stride, w / stride)."""
        inner = self.norm1(self.conv1(features)).relu()
        kept: Tensor = self.norm2(self.conv2(inner)) + self.shortcut(features)
        return kept.relu()


class TinyResNet(nn.Module):
    """A residual net of four stages with strides 4, 8, 16, 32."""

    def __init__(self, stem: int, widths: Sequence[int], blocks: Sequence[int]) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, stem, 3, 2, 1, bias=False),
            nn.BatchNorm2d(stem),
            nn.ReLU(inplace=True),
            nn.Conv2d(stem, widths[0], 3, 2, 1, bias=False),
            nn.BatchNorm2d(widths[0]),
            nn.ReLU(inplace=True),
        )
        stages, channels = [], widths[0]
        for level, (width, count) in enumerate(zip(widths, blocks, strict=True)):
            stage: list[nn.Module] = []
            for place in range(count):
                stride = 2 if level > 0 and place == 0 else 1
                stage.append(ResidualBlock(channels, width, stride=stride))
                channels = width
            stages.append(nn.Sequential(*stage))
        self.stages = nn.ModuleList(stages)

    def forward(self, crops: Tensor) -> list[Tensor]:
        """(B, 3, H, W) to four feature maps, finest first."""
        features, levels = self.stem(crops), []
        for stage in self.stages:
            features = stage(features)
            levels.append(features)
        return levels


class PyramidHead(nn.Module):
    """Keypoint maps at stride 4 from a top-down pyramid.

    Paper 000's base uses three transposed convolutions on the last features; a pyramid with
    lateral 1x1 convolutions does the same work with a third of the parameters.
    """

    def __init__(self, widths: Sequence[int], channels: int, num_keypoints: int) -> None:
        super().__init__()
        self.laterals = nn.ModuleList(nn.Conv2d(width, channels, 1) for width in widths)
        self.smooths = nn.ModuleList(_smooth(channels) for _ in widths[:-1])
        self.to_maps = nn.Conv2d(channels, num_keypoints, 1)

    def forward(self, levels: Sequence[Tensor]) -> Tensor:
        """Feature maps, finest first, to maps (B, K, h, w) of the finest."""
        merged: Tensor = self.laterals[-1](levels[-1])
        for place in range(len(levels) - 2, -1, -1):
            lateral: Tensor = self.laterals[place](levels[place])
            raised = nn.functional.interpolate(merged, size=lateral.shape[-2:], mode="nearest")
            merged = self.smooths[place](raised + lateral)
        maps: Tensor = self.to_maps(merged)
        return maps


def tiny(config: BaseConfig, num_keypoints: int) -> PoseBase:
    """2.2 M parameters with a visibility branch: trains on two CPU cores in an hour."""
    stem, pyramid, *widths = (max(1, round(c * config.width)) for c in (STEM, PYRAMID, *WIDTHS))
    return PoseBase(
        TinyResNet(stem, widths, BLOCKS),
        PyramidHead(widths, pyramid, num_keypoints),
        feature_channels=widths[-1],
        feature_stride=32,
        map_stride=4,
    )


def _smooth(channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, channels, 3, padding=1, bias=False),
        nn.BatchNorm2d(channels),
        nn.ReLU(inplace=True),
    )
