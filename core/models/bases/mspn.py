"""MSPN of two stages (Li et al. 2019): two ResNet-50s with pyramids, the second on the first.

Sizes as in the authors' configuration `mspn.2xstg.coco`: every convolution has a bias although
batch norm follows, 256 channels on the way up, heads of a 1x1 and a 3x3 convolution.
"""

from collections.abc import Sequence

from torch import Tensor, nn

from core.models.bases.config import BaseConfig
from core.models.bases.layers import Bottleneck, channels, conv_norm, kaiming, resized, stage
from core.models.bases.staged import StagedBase

STEM, PYRAMID = 64, 256
BLOCKS = (3, 4, 6, 3)
STAGES, LEVELS = 2, len(BLOCKS)


class DownPath(nn.Module):
    """The body of a ResNet-50; what the stage before found is added after each layer."""

    def __init__(self, stem: int) -> None:
        super().__init__()
        width = stem
        for place, count in enumerate(BLOCKS):
            inner, stride = stem * 2**place, 1 if place == 0 else 2
            layer = stage(Bottleneck, width, inner, count, stride=stride, bias=True)
            setattr(self, f"layer{place + 1}", layer)
            width = inner * Bottleneck.expansion

    def forward(self, features: Tensor, skips: Sequence[Tensor]) -> list[Tensor]:
        """To four levels, finest first. `skips`: as many levels, or none."""
        levels = []
        for place in range(LEVELS):
            features = getattr(self, f"layer{place + 1}")(features)
            if skips:
                features = features + skips[place]
            levels.append(features)
        return levels


class UpUnit(nn.Module):
    """One level of the way up.

    Args:
        width: channels of the level on the way down.
        pyramid: channels on the way up.
        coarsest: nothing comes from below.
        hands_on: the next stage gets skips from here.
    """

    def __init__(self, width: int, pyramid: int, *, coarsest: bool, hands_on: bool) -> None:
        super().__init__()
        self.u_skip = conv_norm(width, pyramid, 1, bias=True, relu=False)
        if not coarsest:
            self.up_conv = conv_norm(pyramid, pyramid, 1, bias=True, relu=False)
        if hands_on:
            self.skip1 = conv_norm(width, width, 1, bias=True)
            self.skip2 = conv_norm(pyramid, width, 1, bias=True)

    def forward(self, level: Tensor, below: Tensor | None) -> Tensor:
        """The level (B, C, h, w) and the unit below to (B, pyramid, h, w)."""
        features: Tensor = self.u_skip(level)
        if below is not None:
            features = features + self.up_conv(resized(below, level))
        return features.relu()

    def skip(self, level: Tensor, features: Tensor) -> Tensor:
        """What the next stage adds to its own level of this size."""
        total: Tensor = self.skip1(level) + self.skip2(features)
        return total


class Stage(nn.Module):
    """Down and up once."""

    def __init__(self, stem: int, pyramid: int, *, hands_on: bool) -> None:
        super().__init__()
        self.downsample = DownPath(stem)
        widths = [stem * Bottleneck.expansion * 2**place for place in range(LEVELS)]
        self.upsample = nn.ModuleList(
            UpUnit(width, pyramid, coarsest=place == 0, hands_on=hands_on)
            for place, width in enumerate(reversed(widths))
        )
        if hands_on:
            self.cross_conv = conv_norm(pyramid, stem, 1, bias=True)

    def forward(
        self, features: Tensor, skips: Sequence[Tensor]
    ) -> tuple[list[Tensor], list[Tensor]]:
        """To the levels of the way down, finest first, and of the way up, coarsest first."""
        levels = self.downsample(features, skips)
        units: list[Tensor] = []
        for unit, level in zip(self.upsample, reversed(levels), strict=True):
            units.append(unit(level, units[-1] if units else None))
        return levels, units

    def handed_on(
        self, levels: Sequence[Tensor], units: Sequence[Tensor]
    ) -> tuple[Tensor, list[Tensor]]:
        """What the next stage starts from, and its skips, finest first."""
        skips = []
        up = reversed(self.upsample)
        for unit, level, features in zip(up, levels, reversed(units), strict=True):
            assert isinstance(unit, UpUnit)
            skips.append(unit.skip(level, features))
        return self.cross_conv(units[-1]), skips


class Mspn(nn.Module):
    """All stages; gives every level of every way up, and the last features of the last way down."""

    def __init__(self, stem: int, pyramid: int) -> None:
        super().__init__()
        self.top = conv_norm(3, stem, 7, stride=2, bias=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.stages = nn.ModuleList(
            Stage(stem, pyramid, hands_on=place < STAGES - 1) for place in range(STAGES)
        )
        kaiming(self)

    def forward(self, crops: Tensor) -> list[Tensor]:
        """(B, 3, H, W) to STAGES x LEVELS maps (B, pyramid, ., .) and (B, C, H / 32, W / 32)."""
        features = self.maxpool(self.top(crops))
        skips: list[Tensor] = []
        made: list[Tensor] = []
        for place, part in enumerate(self.stages):
            assert isinstance(part, Stage)
            levels, units = part(features, skips)
            made += units
            if place < STAGES - 1:
                features, skips = part.handed_on(levels, units)
        return [*made, levels[-1]]


class MspnHead(nn.Module):
    """Maps of every level of every stage, all enlarged to the finest level's size."""

    def __init__(self, pyramid: int, num_keypoints: int) -> None:
        super().__init__()
        self.levels = nn.ModuleList(
            nn.Sequential(
                conv_norm(pyramid, pyramid, 1, bias=True),
                conv_norm(pyramid, num_keypoints, 3, bias=True, relu=False),
            )
            for _ in range(STAGES * LEVELS)
        )
        kaiming(self)

    def forward(self, levels: Sequence[Tensor]) -> list[Tensor]:
        """The levels of `Mspn` to maps (B, K, h, w), in their order."""
        *units, _ = levels
        return [
            resized(layer(features), units[-1])
            for layer, features in zip(self.levels, units, strict=True)
        ]


def mspn2(config: BaseConfig, num_keypoints: int) -> StagedBase:
    """Two stages; 7 earlier maps: 4 levels of the first stage, coarsest first, 3 of the second."""
    stem, pyramid = channels(STEM, config.width), channels(PYRAMID, config.width)
    return StagedBase(
        Mspn(stem, pyramid),
        MspnHead(pyramid, num_keypoints),
        feature_channels=stem * Bottleneck.expansion * 2 ** (LEVELS - 1),
        feature_stride=32,
        map_stride=4,
    )
