"""Paper 002, HybridPose: one look at the whole picture, persons with keypoints and maps.

Kim et al. 2023, "Hybrid model for Single-Stage Multi-Person Pose Estimation": KAPAO's YOLOv5-P6
body, 5 + 2K channels per anchor for boxes and keypoints, K visibility maps per anchor beside them.
"""

from torch import Tensor, nn

from core.errors import UserError
from core.models.codecs.config import GridConfig
from core.models.hybridpose.body import Body
from core.models.hybridpose.config import LARGEST_STRIDE, HybridPoseConfig
from core.models.hybridpose.head import MapHead, PoseHead
from core.models.hybridpose.outputs import GridOutput, LevelOutput
from core.models.model_config import ModelConfig


class HybridPose(nn.Module):
    """A body and its two heads.

    Attributes:
        body, pose_head, map_head: each may be trained alone.
    """

    def __init__(self, config: HybridPoseConfig, num_keypoints: int) -> None:
        super().__init__()
        self.body = Body(config)
        self.pose_head = PoseHead(self.body.channels, num_keypoints)
        self.map_head = MapHead(self.body.channels, num_keypoints, config)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.momentum = config.norm_momentum

    def forward(self, crops: Tensor) -> GridOutput:
        """Normalised pictures (B, 3, H, W), both sides multiples of 64, to four levels."""
        features = self.body(crops)
        levels = zip(self.pose_head(features), self.map_head(features), strict=True)
        return GridOutput(tuple(LevelOutput(cells, maps) for cells, maps in levels))


def build_hybridpose(config: ModelConfig) -> HybridPose:
    """A HybridPose with fresh weights.

    Raises:
        UserError: a picture size its strides do not divide, or a codec or alignment of crops.
    """
    network = config.network
    assert isinstance(network, HybridPoseConfig)
    if not isinstance(config.codec, GridConfig):
        raise UserError(
            f"HybridPose has no codec {config.codec.kind!r}.", remedy='Its codec is "grid".'
        )
    if any(side % LARGEST_STRIDE for side in config.crop_size_wh_px):
        width, height = config.crop_size_wh_px
        raise UserError(
            f"HybridPose cannot look at pictures of {width} x {height} pixels.",
            remedy=f"Both sides have to be multiples of {LARGEST_STRIDE}.",
        )
    if config.alignment != "centres":
        raise UserError(
            f"HybridPose does not know the alignment {config.alignment!r}.",
            remedy='It looks at whole pictures and lays its maps by "centres".',
        )
    return HybridPose(network, len(config.keypoint_names))
