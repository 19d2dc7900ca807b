"""CPN (Chen et al. 2018): a pyramid that predicts at every level, then a net that refines.

Paper 003 stands on this kind of network. Its text does not give sizes; those of Chen et al. are
taken. Blocks of the refining net that keep their width have a plain shortcut: with it the network
on ResNet-50 has the 27.0 M parameters that Sun et al. (2019, table 1) print for it.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from core.models.bases.config import BaseConfig
from core.models.bases.layers import Bottleneck, channels, conv_norm, kaiming, resized
from core.models.bases.resnet import ResNet
from core.models.bases.staged import StagedBase

PYRAMID = 256  # channels
EXPANSION = 2  # of the refining net's blocks, 128 channels inside


class GlobalNet(nn.Module):
    """The pyramid on C2 to C5, with maps at every level."""

    def __init__(self, widths: Sequence[int], pyramid: int, num_keypoints: int) -> None:
        super().__init__()
        self.laterals = nn.ModuleList(conv_norm(width, pyramid, 1) for width in widths)
        # Chen et al.: a 1x1 convolution before what comes from below is added.
        self.raises = nn.ModuleList(conv_norm(pyramid, pyramid, 1, relu=False) for _ in widths[:-1])
        self.predicts = nn.ModuleList(
            nn.Sequential(
                conv_norm(pyramid, pyramid, 1), conv_norm(pyramid, num_keypoints, 3, relu=False)
            )
            for _ in widths
        )

    def forward(self, levels: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """C2 to C5 to the pyramid and to maps, both coarsest first, the maps of C2's size."""
        pyramid: list[Tensor] = []
        maps: list[Tensor] = []
        for place in reversed(range(len(levels))):
            features = self.laterals[place](levels[place])
            if pyramid:
                features = features + self.raises[place](resized(pyramid[-1], features))
            pyramid.append(features)
            maps.append(resized(self.predicts[place](features), levels[0]))
        return pyramid, maps


class RefineNet(nn.Module):
    """Blocks on each level, the more the coarser; all levels side by side; the last maps."""

    def __init__(self, pyramid: int, levels: int, num_keypoints: int) -> None:
        super().__init__()
        inner = pyramid // EXPANSION
        self.cascades = nn.ModuleList(
            nn.Sequential(*(Bottleneck(pyramid, inner, expansion=EXPANSION) for _ in range(count)))
            for count in reversed(range(levels))
        )
        self.last = nn.Sequential(
            Bottleneck(levels * pyramid, inner, expansion=EXPANSION),
            conv_norm(pyramid, num_keypoints, 3, relu=False),
        )

    def forward(self, pyramid: Sequence[Tensor]) -> Tensor:
        """The pyramid, coarsest first, to maps (B, K, h, w) of its finest level."""
        side_by_side = torch.cat(
            [
                resized(cascade(features), pyramid[-1])
                for cascade, features in zip(self.cascades, pyramid, strict=True)
            ],
            dim=1,
        )
        maps: Tensor = self.last(side_by_side)
        return maps


class CpnHead(nn.Module):
    """The pyramid and the refining net."""

    def __init__(self, widths: Sequence[int], pyramid: int, num_keypoints: int) -> None:
        super().__init__()
        self.global_net = GlobalNet(widths, pyramid, num_keypoints)
        self.refine_net = RefineNet(pyramid, len(widths), num_keypoints)
        kaiming(self)

    def forward(self, levels: Sequence[Tensor]) -> list[Tensor]:
        """C2 to C5 to the pyramid's maps, coarsest first, and the refined ones."""
        pyramid, maps = self.global_net(levels)
        return [*maps, self.refine_net(pyramid)]


def cpn_r50(config: BaseConfig, num_keypoints: int) -> StagedBase:
    """On ResNet-50."""
    return _cpn(50, config, num_keypoints)


def cpn_r101(config: BaseConfig, num_keypoints: int) -> StagedBase:
    """On ResNet-101, as in paper 003."""
    return _cpn(101, config, num_keypoints)


def _cpn(depth: int, config: BaseConfig, num_keypoints: int) -> StagedBase:
    backbone = ResNet(depth, config.width)
    return StagedBase(
        backbone,
        CpnHead(backbone.widths, channels(PYRAMID, config.width), num_keypoints),
        feature_channels=backbone.widths[-1],
        feature_stride=32,
        map_stride=4,
    )
