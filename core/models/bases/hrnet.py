"""HRNet (Sun et al. 2019): branches of four resolutions side by side, mixed again and again.

Layers are named as in the authors' code (`stage2.0.fuse_layers.0.1.0`), the last convolution apart:
it is the head.
"""

from collections.abc import Sequence

from torch import Tensor, nn

from core.models.bases.config import BaseConfig
from core.models.bases.layers import BasicBlock, Bottleneck, channels, conv_norm, kaiming, stage
from core.models.bases.pose_base import PoseBase

STEM = 64
FIRST_BLOCKS, BRANCH_BLOCKS = 4, 4
MODULES = (1, 4, 3)  # of stages 2, 3, 4, which have 2, 3, 4 branches
INIT_STD = 0.001  # of the last convolution, as in the authors' code


class MixingModule(nn.Module):
    """Four blocks on each branch; then every branch gets the sum of all, brought to its size.

    Args:
        widths: channels of the branches, finest first.
        finest_only: mix for the finest branch alone. The others come out unmixed.
    """

    def __init__(self, widths: Sequence[int], *, finest_only: bool = False) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            stage(BasicBlock, width, width, BRANCH_BLOCKS) for width in widths
        )
        mixed = widths[:1] if finest_only else widths
        self.fuse_layers = nn.ModuleList(
            nn.ModuleList(_bridge(widths, start, end) for start in range(len(widths)))
            for end in range(len(mixed))
        )

    def forward(self, levels: Sequence[Tensor]) -> list[Tensor]:
        """Feature maps to feature maps of the same sizes, finest first."""
        own = [branch(features) for branch, features in zip(self.branches, levels, strict=True)]
        mixed = []
        for target, bridges in zip(own, self.fuse_layers, strict=False):
            assert isinstance(bridges, nn.ModuleList)
            total = None
            for bridge, features in zip(bridges, own, strict=True):
                arrived = _brought_to(bridge(features), target)
                total = arrived if total is None else total + arrived
            assert total is not None
            mixed.append(total.relu())
        return [*mixed, *own[len(mixed) :]]


class HrNet(nn.Module):
    """The four stages.

    Gives the finest branch, which the maps are made of, and the coarsest branch as it is before the
    last mixing (stride 32, 8 times as wide). Papers' branches stand on the latter: it has the size
    of a ResNet's last features, has seen every resolution in the six mixings before, and is
    computed anyway.
    """

    def __init__(self, width: int, stem: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, stem, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(stem)
        self.conv2 = nn.Conv2d(stem, stem, 3, 2, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(stem)
        self.layer1 = stage(Bottleneck, stem, stem, FIRST_BLOCKS)
        before = [stem * Bottleneck.expansion]
        for number, count in enumerate(MODULES, start=2):
            widths = [width * 2**place for place in range(number)]
            setattr(self, f"transition{number - 1}", _transition(before, widths))
            last = number == len(MODULES) + 1
            modules = (
                MixingModule(widths, finest_only=last and place == count - 1)
                for place in range(count)
            )
            setattr(self, f"stage{number}", nn.Sequential(*modules))
            before = widths
        kaiming(self)

    def forward(self, crops: Tensor) -> list[Tensor]:
        """(B, 3, H, W) to (B, width, H / 4, W / 4) and (B, 8 width, H / 32, W / 32)."""
        features = self.bn1(self.conv1(crops)).relu()
        features = self.bn2(self.conv2(features)).relu()
        levels = [self.layer1(features)]
        for number in range(2, len(MODULES) + 2):
            transition = getattr(self, f"transition{number - 1}")
            # A new branch starts from the coarsest one there is.
            sources = [*levels, levels[-1]]
            levels = [layer(source) for layer, source in zip(transition, sources, strict=True)]
            levels = getattr(self, f"stage{number}")(levels)
        return [levels[0], levels[-1]]


class HrNetHead(nn.Module):
    """One 1x1 convolution on the finest branch."""

    def __init__(self, width: int, num_keypoints: int) -> None:
        super().__init__()
        self.final_layer = nn.Conv2d(width, num_keypoints, 1)
        nn.init.normal_(self.final_layer.weight, std=INIT_STD)
        assert self.final_layer.bias is not None
        nn.init.zeros_(self.final_layer.bias)

    def forward(self, levels: Sequence[Tensor]) -> Tensor:
        """The finest of the feature maps to maps (B, K, h, w)."""
        maps: Tensor = self.final_layer(levels[0])
        return maps


def hrnet_w32(config: BaseConfig, num_keypoints: int) -> PoseBase:
    """With 32 channels on the finest branch."""
    return _hrnet(32, config, num_keypoints)


def hrnet_w48(config: BaseConfig, num_keypoints: int) -> PoseBase:
    """With 48 channels on the finest branch."""
    return _hrnet(48, config, num_keypoints)


def _hrnet(full_width: int, config: BaseConfig, num_keypoints: int) -> PoseBase:
    width = channels(full_width, config.width)
    return PoseBase(
        HrNet(width, channels(STEM, config.width)),
        HrNetHead(width, num_keypoints),
        feature_channels=8 * width,
        feature_stride=32,
        map_stride=4,
    )


def _transition(before: Sequence[int], after: Sequence[int]) -> nn.ModuleList:
    """To one branch more; branches that are there already keep their size."""
    layers: list[nn.Module] = []
    for old, new in zip(before, after, strict=False):
        layers.append(nn.Identity() if old == new else conv_norm(old, new, 3))
    # One more level of nesting, as in the authors' code.
    layers.append(nn.Sequential(conv_norm(before[-1], after[-1], 3, stride=2)))
    return nn.ModuleList(layers)


def _bridge(widths: Sequence[int], start: int, end: int) -> nn.Module:
    """From one branch to another: 1x1 upwards (enlarged later), 3x3 of stride 2 downwards."""
    if start == end:
        return nn.Identity()
    if start > end:
        return conv_norm(widths[start], widths[end], 1, relu=False)
    steps = [conv_norm(widths[start], widths[start], 3, stride=2) for _ in range(end - start - 1)]
    last = conv_norm(widths[start], widths[end], 3, stride=2, relu=False)
    return nn.Sequential(*steps, last)


def _brought_to(features: Tensor, target: Tensor) -> Tensor:
    if features.shape[-2:] == target.shape[-2:]:
        return features
    return nn.functional.interpolate(features, size=target.shape[-2:], mode="nearest")
