"""EfficientNet-B0 and -B6 (Tan and Le 2019) under SimpleBaseline's head, as paper 000 has them.

The paper does not say which features it takes. Here they are those after the last 1x1 convolution
(1280 channels for B0, 2304 for B6): transposed convolutions need rich features to start from.
"""

from torch import Tensor, nn

from core.models.bases.config import BaseConfig
from core.models.bases.layers import kaiming
from core.models.bases.pose_base import PoseBase
from core.models.bases.sbl import SblHead

LAST_CHANNELS = 1280  # before widening
BATCH_NORM_MOMENTUM = 0.01  # of the new batch; Keras' 0.99 is of the old average


class EfficientNet(nn.Module):
    """The blocks and the last 1x1 convolution, without pooling and classifier.

    Weights have the names that `transformers` gives them. Two deviations from its defaults: there
    a batch norm keeps 1 % of its running averages at every step, because Keras' momentum was taken
    for torch's, and starts with weights near 0. Here it keeps 99 % and starts with 1.

    Attributes:
        channels: of the features.
    """

    def __init__(self, widen: float, deepen: float, drop_connect: float) -> None:
        super().__init__()
        # Takes seconds: only who needs it waits.
        from transformers import EfficientNetConfig, EfficientNetModel
        from transformers.models.efficientnet.modeling_efficientnet import round_filters

        config = EfficientNetConfig(
            width_coefficient=widen,
            depth_coefficient=deepen,
            drop_connect_rate=drop_connect,
        )
        config.hidden_dim = self.channels = round_filters(config, LAST_CHANNELS)
        whole = EfficientNetModel(config)
        self.embeddings = whole.embeddings
        self.encoder = whole.encoder
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):  # the config's number does not reach all
                module.momentum = BATCH_NORM_MOMENTUM
        kaiming(self)

    def forward(self, crops: Tensor) -> list[Tensor]:
        """(B, 3, H, W) to one feature map of stride 32."""
        features = self.embeddings(crops)
        for block in self.encoder.blocks:
            features = block(features)
        last = self.encoder.top_bn(self.encoder.top_conv(features))
        return [self.encoder.top_activation(last)]


def sbl_efficientnet_b0(config: BaseConfig, num_keypoints: int) -> PoseBase:
    """On EfficientNet-B0."""
    return _on_efficientnet(1.0, 1.0, config, num_keypoints)


def sbl_efficientnet_b6(config: BaseConfig, num_keypoints: int) -> PoseBase:
    """On EfficientNet-B6."""
    return _on_efficientnet(1.8, 2.6, config, num_keypoints)


def _on_efficientnet(
    widen: float, deepen: float, config: BaseConfig, num_keypoints: int
) -> PoseBase:
    backbone = EfficientNet(widen * config.width, deepen, drop_connect=0.2)
    return PoseBase(
        backbone,
        SblHead(backbone.channels, num_keypoints, width=config.width),
        feature_channels=backbone.channels,
        feature_stride=32,
        map_stride=4,
    )
