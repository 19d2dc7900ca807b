"""Paper 000: one base, two answers. Features to heat maps; the same features to ternary flags."""

from typing import NamedTuple

from torch import Tensor, nn

from core.models.backbones import TinyResNet
from core.models.heads import PyramidHead, VisibilityBranch
from core.models.model_config import ModelConfig


class PoseOutput(NamedTuple):
    """What a network says before any codec reads it.

    Attributes:
        heat_logits: (B, K, h, w).
        flag_logits: (B, K, 3), softmax over the last axis gives p(v = 0, 1, 2).
    """

    heat_logits: Tensor
    flag_logits: Tensor


class Metamodel(nn.Module):
    """A base with a heat-map head and a visibility branch on the same features."""

    def __init__(self, base: nn.Module, pose_head: nn.Module, flag_branch: nn.Module) -> None:
        super().__init__()
        self.base = base
        self.pose_head = pose_head
        self.flag_branch = flag_branch

    def forward(self, crops: Tensor) -> PoseOutput:
        """Normalised crops (B, 3, H, W) to heat-map and flag logits."""
        levels = self.base(crops)
        return PoseOutput(self.pose_head(levels), self.flag_branch(levels[-1]))


def metamodel_tiny(config: ModelConfig) -> Metamodel:
    """The smallest of the family, ≤ 2.5 M parameters: trains on two CPU cores in an hour."""
    widths = (32, 64, 128, 256)
    width, height = config.crop_size_wh_px
    num_keypoints = len(config.keypoint_names)
    return Metamodel(
        TinyResNet(widths, blocks=(2, 2, 2, 1)),
        PyramidHead(widths, channels=64, num_keypoints=num_keypoints),
        VisibilityBranch(
            widths[-1],
            (-(-width // 32), -(-height // 32)),
            num_keypoints,
            bottleneck=64,
            reduced=32,
            hidden=256,
        ),
    )
