"""KS-net of paper 003: from the heat maps of a pose to how near each keypoint is to the truth."""

from collections.abc import Callable, Mapping, Sequence

from torch import Tensor, nn

from core.models.bases.layers import BasicBlock, conv_norm, stage
from core.models.oahpe.presence_branch import fully_connected

RESNET18 = ((64, 128, 256, 512), (2, 2, 2, 2))  # widths and blocks of the four stages
TINY = ((16, 32, 64, 128), (1, 1, 1, 1))


class SimilarityNet(nn.Module):
    """KS of every keypoint from all heat maps of its pose (paper 003, section 4.2).

    A residual net whose stem takes K channels instead of three, global means, hidden fully
    connected layers. The output is read by a sigmoid, since KS lies in 0..1: ours, the paper names
    no activation. The size of the person, which KS depends on, is not told; the net has to infer
    it from the maps.
    """

    def __init__(
        self,
        num_keypoints: int,
        widths: Sequence[int],
        blocks: Sequence[int],
        hidden: Sequence[int],
    ) -> None:
        super().__init__()
        channels = widths[0]
        self.stem = nn.Sequential(
            conv_norm(num_keypoints, channels, 7, stride=2), nn.MaxPool2d(3, 2, 1)
        )
        stages = []
        for level, (width, count) in enumerate(zip(widths, blocks, strict=True)):
            stages.append(stage(BasicBlock, channels, width, count, stride=2 if level else 1))
            channels = width
        self.stages = nn.Sequential(*stages)
        self.rate = fully_connected(channels, hidden, num_keypoints)

    def forward(self, maps: Tensor) -> Tensor:
        """Heat maps (B, K, h, w), as the codec reads them, to logits (B, K, 1)."""
        features: Tensor = self.stages(self.stem(maps))
        rated: Tensor = self.rate(features.mean((-2, -1)))  # (B, K)
        return rated[..., None]


def resnet18(num_keypoints: int, hidden: Sequence[int]) -> SimilarityNet:
    """The paper's: deeper (ResNet-50) and flatter (two convolutions) rank poses worse, table 5."""
    return SimilarityNet(num_keypoints, *RESNET18, hidden)


def tiny(num_keypoints: int, hidden: Sequence[int]) -> SimilarityNet:
    """A tenth of a ResNet-18's layers' width, for two CPU cores."""
    return SimilarityNet(num_keypoints, *TINY, hidden)


def no_net(num_keypoints: int, hidden: Sequence[int]) -> None:
    """Places and presence alone."""


# By the words of `OahpeConfig.similarity_net`, from K and the hidden units.
SIMILARITY_NETS: Mapping[str, Callable[[int, Sequence[int]], SimilarityNet | None]] = {
    "none": no_net,
    "resnet18": resnet18,
    "tiny": tiny,
}
