"""Bases that make maps more than once; the earlier ones are supervised too."""

from torch import Tensor

from core.models.bases.pose_base import PoseBase
from core.models.outputs import BaseOutput


class StagedBase(PoseBase):
    """A base whose head gives several maps, the best last."""

    def forward(self, crops: Tensor) -> BaseOutput:
        """Normalised crops (B, 3, H, W) to maps (B, K, h, w), last features and earlier maps."""
        levels = self.backbone(crops)
        *coarse, maps = self.head(levels)
        return BaseOutput(maps, levels[-1], tuple(coarse))
