"""What every base is: a backbone, and a head that makes keypoint maps of its features."""

from collections.abc import Sequence

from torch import Tensor, nn

from core.models.outputs import BaseOutput


class PoseBase(nn.Module):
    """A backbone and a head. Checkpoints name both, so base weights travel between families.

    A base whose head says more than maps has its own `forward`.

    Attributes:
        backbone: (B, 3, H, W) to feature maps, finest first.
        head: those to maps (B, K, h, w).
        feature_channels: of the last feature map.
        feature_stride: crop pixels per pixel of the last feature map; sizes are rounded up.
        map_stride: crop pixels per pixel of the keypoint maps.
    """

    def __init__(
        self,
        backbone: nn.Module,
        head: nn.Module,
        *,
        feature_channels: int,
        feature_stride: int,
        map_stride: int,
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = head
        self.feature_channels = feature_channels
        self.feature_stride = feature_stride
        self.map_stride = map_stride

    def forward(self, crops: Tensor) -> BaseOutput:
        """Normalised crops (B, 3, H, W) to maps (B, K, h, w) and the last features."""
        levels: Sequence[Tensor] = self.backbone(crops)
        return BaseOutput(self.head(levels), levels[-1])

    def feature_size_wh(self, crop_size_wh_px: tuple[int, int]) -> tuple[int, int]:
        """Width and height of the last feature map of such crops."""
        width, height = (-(-side // self.feature_stride) for side in crop_size_wh_px)
        return width, height
