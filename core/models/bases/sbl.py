"""SimpleBaseline (Xiao et al. 2018): three transposed convolutions on the last features."""

from collections.abc import Sequence

from torch import Tensor, nn

from core.models.bases.config import BaseConfig
from core.models.bases.layers import channels
from core.models.bases.pose_base import PoseBase
from core.models.bases.resnet import ResNet

DECONV_CHANNELS, DECONVS = 256, 3
INIT_STD = 0.001  # of transposed and last convolutions, as in the authors' code


class SblHead(nn.Module):
    """From stride 32 to maps at stride 4."""

    def __init__(self, channels_in: int, num_keypoints: int, *, width: float) -> None:
        super().__init__()
        inner = channels(DECONV_CHANNELS, width)
        layers: list[nn.Module] = []
        for place in range(DECONVS):
            before = inner if place else channels_in
            layers += [
                nn.ConvTranspose2d(before, inner, 4, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(inner),
                nn.ReLU(inplace=True),
            ]
        self.deconv_layers = nn.Sequential(*layers)
        self.final_layer = nn.Conv2d(inner, num_keypoints, 1)
        for module in self.modules():
            if isinstance(module, nn.ConvTranspose2d | nn.Conv2d):
                nn.init.normal_(module.weight, std=INIT_STD)
        assert self.final_layer.bias is not None
        nn.init.zeros_(self.final_layer.bias)

    def forward(self, levels: Sequence[Tensor]) -> Tensor:
        """Feature maps, the last (B, C, h, w), to maps (B, K, 8 h, 8 w)."""
        maps: Tensor = self.final_layer(self.deconv_layers(levels[-1]))
        return maps


def sbl_r50(config: BaseConfig, num_keypoints: int) -> PoseBase:
    """On ResNet-50: 33,999,697 parameters for 17 keypoints."""
    return _on_resnet(50, config, num_keypoints)


def sbl_r101(config: BaseConfig, num_keypoints: int) -> PoseBase:
    """On ResNet-101."""
    return _on_resnet(101, config, num_keypoints)


def sbl_r152(config: BaseConfig, num_keypoints: int) -> PoseBase:
    """On ResNet-152."""
    return _on_resnet(152, config, num_keypoints)


def _on_resnet(depth: int, config: BaseConfig, num_keypoints: int) -> PoseBase:
    backbone = ResNet(depth, config.width)
    return PoseBase(
        backbone,
        SblHead(backbone.widths[-1], num_keypoints, width=config.width),
        feature_channels=backbone.widths[-1],
        feature_stride=32,
        map_stride=4,
    )
