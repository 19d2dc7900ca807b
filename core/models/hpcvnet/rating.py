"""The nets that rate a pose: expected OPKS and presence of every keypoint."""

from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.models.bases.layers import BasicBlock, conv_norm
from core.models.hpcvnet.config import HpcvnetConfig


class JointRating(nn.Module):
    """Rates all keypoints of a pose together, from the base's features and heat maps.

    Features are brought down to few channels, laid over the maps, and both go through residual
    blocks of half the fineness each. Global means of these and the height of every map's peak,
    which is the score that is to be beaten, make one hidden layer, and that two answers: the
    branches of paper 004. Layers and sizes are ours.

    Args:
        channels: of the features.
        num_keypoints: K.
        config: sizes.
        bins: N, numbers per keypoint that similarity is said with.
    """

    def __init__(
        self, channels: int, num_keypoints: int, config: HpcvnetConfig, *, bins: int
    ) -> None:
        super().__init__()
        self.answer = (num_keypoints, bins)
        self.reduce = conv_norm(channels, config.reduced, 1)
        stages, before = [], config.reduced + num_keypoints
        for width in config.widths:
            stages.append(BasicBlock(before, width, stride=2))
            before = width
        self.stages = nn.Sequential(*stages)
        self.judge = nn.Sequential(
            nn.Linear(before + num_keypoints, config.hidden), nn.ReLU(inplace=True)
        )
        self.similarity = nn.Linear(config.hidden, num_keypoints * bins)
        self.presence = nn.Linear(config.hidden, num_keypoints)

    def forward(self, features: Tensor, maps: Tensor) -> tuple[Tensor, Tensor]:
        """Features (B, C, h', w'), maps (B, K, h, w) to logits (B, K, N) and (B, K)."""
        reduced = functional.interpolate(
            self.reduce(features), size=maps.shape[-2:], mode="bilinear", align_corners=False
        )
        seen: Tensor = self.stages(torch.cat([reduced, maps], dim=1))
        peaks = maps.flatten(2).amax(-1)  # (B, K)
        judged = self.judge(torch.cat([seen.mean((-2, -1)), peaks], dim=1))
        similarity: Tensor = self.similarity(judged)
        return similarity.view(-1, *self.answer), self.presence(judged)


class FeatureRating(nn.Module):
    """As ProbPose's heads: each answer from the features alone, by convolutions.

    Three times 3x3 convolution, batch norm, max-pool (4x3, 2x2, 2x2 of a 16x12 map) and ReLU, then
    a 1x1 convolution. Deviations: a pool is never larger than what is left, and what is left after
    three is averaged, so that features of any size will do; the first convolution brings the
    channels down to the config's.
    """

    def __init__(
        self, channels: int, num_keypoints: int, config: HpcvnetConfig, *, bins: int
    ) -> None:
        super().__init__()
        self.answer = (num_keypoints, bins)
        self.similarity = _FeatureHead(channels, config.reduced, num_keypoints * bins)
        self.presence = _FeatureHead(channels, config.reduced, num_keypoints)

    def forward(self, features: Tensor, maps: Tensor) -> tuple[Tensor, Tensor]:
        """As `JointRating.forward`; the maps are not looked at."""
        similarity: Tensor = self.similarity(features)
        return similarity.view(-1, *self.answer), self.presence(features)


class _FeatureHead(nn.Module):
    POOLS_HW = ((4, 3), (2, 2), (2, 2))

    def __init__(self, channels: int, reduced: int, wanted: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            conv_norm(before, reduced, 3, bias=True, relu=False)
            for before in (channels, reduced, reduced)
        )
        self.say = nn.Conv2d(reduced, wanted, 1)

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, h, w) to (B, wanted)."""
        for conv, (high, wide) in zip(self.convs, self.POOLS_HW, strict=True):
            features = conv(features)
            height, width = features.shape[-2:]
            pool = (min(high, height), min(wide, width))
            features = functional.max_pool2d(features, pool).relu()
        said: Tensor = self.say(features.mean((-2, -1), keepdim=True))
        return said.flatten(1)


def distribution(channels: int, num_keypoints: int, config: HpcvnetConfig) -> nn.Module:
    """Similarity as a distribution over `config.bins` values: it can say "near or far"."""
    return JointRating(channels, num_keypoints, config, bins=config.bins)


# By the words of `HpcvnetConfig.rating`, from the features' channels, K and the sizes.
RATINGS: Mapping[str, Callable[[int, int, HpcvnetConfig], nn.Module]] = {
    "distribution": distribution,
    "regression": partial(JointRating, bins=1),
    "soft_bce": partial(JointRating, bins=1),
    "expected_oks": partial(FeatureRating, bins=1),
}
