"""The visibility branch of paper 000: ternary flags from a base's last features."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from core.data.visibility import Visibility
from core.models.bases.layers import conv_norm

NUM_FLAGS = len(Visibility)


class VisibilityBranch(nn.Module):
    """Ternary flags from the base's last features (paper 000, section 3).

    Residual bottleneck 3x3, 1x1, 3x3; a 1x1 convolution, batch norm and 2x2 max-pool; fully
    connected layers to 3 K numbers, a softmax over each group of three.

    The paper does not say where batch norm and ReLU stand, nor how weights begin. Here both follow
    each convolution of the bottleneck, a ReLU each hidden layer; convolutions begin as He et al.
    (2015), fully connected layers normal with a deviation of 0.01.

    Args:
        channels: of the features.
        feature_size_wh: width, height of the features.
        num_keypoints: K.
        bottleneck: channels inside the residual block.
        reduced: channels before the fully connected layers.
        hidden: units of the fully connected layers before the last.
        dropout: share of the last hidden units that training leaves out.
    """

    def __init__(
        self,
        channels: int,
        feature_size_wh: tuple[int, int],
        num_keypoints: int,
        *,
        bottleneck: int,
        reduced: int,
        hidden: Sequence[int],
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.num_keypoints = num_keypoints
        self.bottleneck = nn.Sequential(
            conv_norm(channels, bottleneck, 3),
            conv_norm(bottleneck, bottleneck, 1),
            conv_norm(bottleneck, channels, 3),
        )
        self.reduce = nn.Sequential(
            nn.Conv2d(channels, reduced, 1, bias=False),
            nn.BatchNorm2d(reduced),
            nn.MaxPool2d(2, ceil_mode=True),
        )
        width, height = (-(-side // 2) for side in feature_size_wh)
        layers: list[nn.Module] = []
        units = reduced * width * height
        for wanted in hidden:
            layers += [nn.Linear(units, wanted), nn.ReLU(inplace=True)]
            units = wanted
        last = nn.Linear(units, num_keypoints * NUM_FLAGS)
        self.classify = nn.Sequential(*layers, nn.Dropout(dropout), last)
        self.apply(_begin)

    def forward(self, features: Tensor) -> Tensor:
        """(B, channels, h, w) to logits (B, K, 3): keypoint first, then flag 0, 1, 2."""
        reduced = self.reduce(features + self.bottleneck(features))
        flat: Tensor = self.classify(torch.flatten(reduced, 1))
        return flat.view(-1, self.num_keypoints, NUM_FLAGS)


def _begin(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.01)
        nn.init.zeros_(module.bias)
