"""The subnet for occlusion judgement of paper 003: is a keypoint labelled at all?"""

from collections.abc import Sequence

from torch import Tensor, nn

from core.models.bases.layers import conv_norm


class PresenceBranch(nn.Module):
    """p(v > 0) of every keypoint from the last features, C5 (paper 003, section 4.1).

    A 1x1 convolution, hidden fully connected layers, K numbers. Ours, where the paper says nothing:
    batch norm and ReLU after the convolution, 2x2 means before the features are laid flat (else the
    first layer alone would have 28 M weights at 384x288), ReLU between the layers.

    Args:
        channels: of the features.
        feature_size_wh: width, height of the features.
        num_keypoints: K.
        reduced: channels of the 1x1 convolution.
        hidden: units of the fully connected layers before the last.
    """

    def __init__(
        self,
        channels: int,
        feature_size_wh: tuple[int, int],
        num_keypoints: int,
        *,
        reduced: int,
        hidden: Sequence[int],
    ) -> None:
        super().__init__()
        self.reduce = nn.Sequential(
            conv_norm(channels, reduced, 1), nn.AvgPool2d(2, ceil_mode=True)
        )
        width, height = (-(-side // 2) for side in feature_size_wh)
        self.judge = fully_connected(reduced * width * height, hidden, num_keypoints)

    def forward(self, features: Tensor) -> Tensor:
        """(B, channels, h, w) to logits (B, K); their sigmoid is p(v > 0)."""
        flat: Tensor = self.judge(self.reduce(features).flatten(1))
        return flat


def fully_connected(units: int, hidden: Sequence[int], wanted: int) -> nn.Sequential:
    """Hidden layers with ReLU after each, and a last one without, (B, units) to (B, wanted)."""
    layers: list[nn.Module] = []
    for width in hidden:
        layers += [nn.Linear(units, width), nn.ReLU(inplace=True)]
        units = width
    return nn.Sequential(*layers, nn.Linear(units, wanted))
