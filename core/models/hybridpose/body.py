"""The body: a backbone to stride 64 and a pyramid down and up again, four levels of features."""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.models.hybridpose.config import HybridPoseConfig
from core.models.hybridpose.layers import C3, ConvUnit, Focus, PyramidPool

STEM_CHANNELS = (64, 128)  # at strides 2 and 4, times the width
BACKBONE_BLOCKS = (9, 9, 3, 3)  # of P3 to P6; 3 at stride 4 and in every block of the pyramid
POOL_WINDOWS = (3, 5, 7)  # cells of P6


class _Widths(NamedTuple):
    """Channels at strides 2 and 4, and of P3 to P6."""

    stem: int
    stride4: int
    levels: tuple[int, ...]


class Body(nn.Module):
    """YOLOv5-P6's body with the SPP at P6, as KAPAO and HybridPose have it.

    Attributes:
        channels: of P3 to P6.
    """

    def __init__(self, config: HybridPoseConfig) -> None:
        super().__init__()
        widths = _widths(config)
        self.channels = widths.levels
        self.backbone = _Backbone(widths, config.depth)
        self.pyramid = _Pyramid(widths.levels, config.depth)

    def forward(self, pictures: Tensor) -> tuple[Tensor, ...]:
        """(B, 3, H, W), sides multiples of 64, to features (B, C, H / s, W / s), s = 8 .. 64."""
        found: tuple[Tensor, ...] = self.pyramid(self.backbone(pictures))
        return found


class _Backbone(nn.Module):
    """Features at strides 8, 16, 32 and 64."""

    def __init__(self, widths: _Widths, depth: float) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            Focus(widths.stem),
            ConvUnit(widths.stem, widths.stride4, 3, stride=2),
            C3(widths.stride4, widths.stride4, _blocks(3, depth), shortcut=True),
        )
        stages: list[nn.Module] = []
        ins = (widths.stride4, *widths.levels)
        for inputs, outputs, most in zip(ins, widths.levels, BACKBONE_BLOCKS, strict=False):
            blocks = _blocks(most, depth)
            down = ConvUnit(inputs, outputs, 3, stride=2)
            if len(stages) < len(widths.levels) - 1:
                stages.append(nn.Sequential(down, C3(outputs, outputs, blocks, shortcut=True)))
            else:  # P6
                pool = PyramidPool(outputs, POOL_WINDOWS)
                last = C3(outputs, outputs, blocks, shortcut=False)
                stages.append(nn.Sequential(down, pool, last))
        self.stages = nn.ModuleList(stages)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        features = self.stem(pictures)
        levels = []
        for stage in self.stages:
            features = stage(features)
            levels.append(features)
        return levels


class _Pyramid(nn.Module):
    """FPN from coarse to fine, then PAN back."""

    def __init__(self, channels: tuple[int, ...], depth: float) -> None:
        super().__init__()
        blocks = _blocks(3, depth)
        finer, coarser = channels[:-1], channels[1:]
        # Lists run from fine to coarse; the way down is gone through backwards.
        self.narrow = nn.ModuleList(ConvUnit(c, f) for f, c in zip(finer, coarser, strict=True))
        self.down = nn.ModuleList(C3(2 * f, f, blocks, shortcut=False) for f in finer)
        self.shrink = nn.ModuleList(ConvUnit(f, f, 3, stride=2) for f in finer)
        self.up = nn.ModuleList(
            C3(2 * f, c, blocks, shortcut=False) for f, c in zip(finer, coarser, strict=True)
        )

    def forward(self, levels: list[Tensor]) -> tuple[Tensor, ...]:
        features, narrowed = levels[-1], []
        for n in reversed(range(len(self.down))):
            small = self.narrow[n](features)
            narrowed.append(small)
            larger = functional.interpolate(small, scale_factor=2.0, mode="nearest")
            features = self.down[n](torch.cat([larger, levels[n]], dim=1))
        found = [features]
        for shrink, up in zip(self.shrink, self.up, strict=True):
            features = up(torch.cat([shrink(features), narrowed.pop()], dim=1))
            found.append(features)
        return tuple(found)


def _widths(config: HybridPoseConfig) -> _Widths:
    stem, stride4 = (_channels(count, config.width) for count in STEM_CHANNELS)
    return _Widths(stem, stride4, tuple(_channels(c, config.width) for c in config.channels))


def _channels(count: int, width: float) -> int:
    return max(8, math.ceil(count * width / 8) * 8)


def _blocks(count: int, depth: float) -> int:
    return max(1, round(count * depth))
