"""Hourglass-52 (Newell et al. 2016; Law and Deng 2018 made the blocks plain residual ones).

Paper 004's hourglass is 74.4 AP on true boxes; the public network that fits is the single
Hourglass-52 at 256x256 of the mmpose toolbox (72.6 AP on detected boxes; its ResNet-50 and
HRNet-W32 lie as far below the paper's rows). Sizes and names of layers are that one's.
"""

from collections.abc import Sequence

from torch import Tensor, nn

from core.models.bases.config import BaseConfig
from core.models.bases.layers import BasicBlock, channels, conv_norm, kaiming, stage
from core.models.bases.staged import StagedBase

WIDTHS = (256, 256, 384, 384, 384, 512)  # of strides 4, 8, 16, 32, 64, 128
BLOCKS = (2, 2, 2, 2, 2, 4)
STEM, OUT = 128, 256
FEATURE_LEVEL = 3  # of WIDTHS: stride 32, as other bases
INIT_STD = 0.001


class Level(nn.Module):
    """One size of the hourglass, with all smaller ones inside."""

    def __init__(self, widths: Sequence[int], blocks: Sequence[int]) -> None:
        super().__init__()
        (width, inner), (count, inner_count) = widths[:2], blocks[:2]
        self.up1 = stage(BasicBlock, width, width, count)
        self.low1 = stage(BasicBlock, width, inner, count, stride=2)
        self.low2: nn.Module = (
            Level(widths[1:], blocks[1:])
            if len(widths) > 2
            else stage(BasicBlock, inner, inner, inner_count)
        )
        # The last block changes the width, not the first.
        self.low3 = nn.Sequential(
            *(BasicBlock(inner, inner) for _ in range(count - 1)), BasicBlock(inner, width)
        )

    def forward(self, features: Tensor) -> list[Tensor]:
        """(B, width, h, w) to itself and all smaller sizes on the way up, this one first."""
        inner = self.low2(self.low1(features))
        levels: list[Tensor] = inner if isinstance(inner, list) else [inner]
        beside = self.up1(features)
        raised = nn.functional.interpolate(
            self.low3(levels[0]), size=beside.shape[-2:], mode="nearest"
        )
        return [beside + raised, *levels]


class Hourglass(nn.Module):
    """Stacked hourglasses.

    Gives the features of each stack's maps, and the last stack's features of stride 32 on the way
    up, which hold all that the smaller sizes found; papers' branches stand on them. The innermost
    ones (2x2 for a crop of 256x256) are too small to say where anything is.
    """

    def __init__(self, widths: Sequence[int], stem: int, out: int, stacks: int) -> None:
        super().__init__()
        width, between = widths[0], range(stacks - 1)
        self.stem = nn.Sequential(
            conv_norm(3, stem, 7, stride=2), stage(BasicBlock, stem, width, 1, stride=2)
        )
        self.hourglass_modules = nn.ModuleList(Level(widths, BLOCKS) for _ in range(stacks))
        self.out_convs = nn.ModuleList(conv_norm(width, out, 3) for _ in range(stacks))
        self.conv1x1s = nn.ModuleList(conv_norm(width, width, 1, relu=False) for _ in between)
        self.remap_convs = nn.ModuleList(conv_norm(out, width, 1, relu=False) for _ in between)
        self.inters = nn.ModuleList(BasicBlock(width, width) for _ in between)
        kaiming(self)

    def forward(self, crops: Tensor) -> list[Tensor]:
        """(B, 3, H, W) to (B, out, H / 4, W / 4) per stack and (B, C, H / 32, W / 32)."""
        features, made = self.stem(crops), []
        for place, hourglass in enumerate(self.hourglass_modules):
            levels = hourglass(features)
            made.append(self.out_convs[place](levels[0]))
            if place < len(self.inters):
                kept = self.conv1x1s[place](features) + self.remap_convs[place](made[-1])
                features = self.inters[place](kept.relu())
        return [*made, levels[FEATURE_LEVEL]]


class HourglassHead(nn.Module):
    """One 1x1 convolution per stack."""

    def __init__(self, out: int, num_keypoints: int, stacks: int) -> None:
        super().__init__()
        self.stacks = nn.ModuleList(nn.Conv2d(out, num_keypoints, 1) for _ in range(stacks))
        for layer in self.stacks:
            assert isinstance(layer, nn.Conv2d)
            assert layer.bias is not None
            nn.init.normal_(layer.weight, std=INIT_STD)
            nn.init.zeros_(layer.bias)

    def forward(self, levels: Sequence[Tensor]) -> list[Tensor]:
        """The levels of `Hourglass` to maps (B, K, h, w) per stack."""
        *made, _ = levels
        return [layer(features) for layer, features in zip(self.stacks, made, strict=True)]


def hourglass(config: BaseConfig, num_keypoints: int) -> StagedBase:
    """One stack (Hourglass-52)."""
    return _stacked(1, config, num_keypoints)


def hourglass2(config: BaseConfig, num_keypoints: int) -> StagedBase:
    """Two stacks (Hourglass-104); the first one's maps are supervised too."""
    return _stacked(2, config, num_keypoints)


def _stacked(stacks: int, config: BaseConfig, num_keypoints: int) -> StagedBase:
    widths = [channels(count, config.width) for count in WIDTHS]
    stem, out = channels(STEM, config.width), channels(OUT, config.width)
    return StagedBase(
        Hourglass(widths, stem, out, stacks),
        HourglassHead(out, num_keypoints, stacks),
        feature_channels=widths[FEATURE_LEVEL],
        feature_stride=32,
        map_stride=4,
    )
