"""Paper 004: what a trained pose network says, rated: expected OPKS, and presence."""

import torch
from torch import Tensor, nn

from core.errors import UserError
from core.models.bases.build import build_base
from core.models.bases.pose_base import PoseBase
from core.models.codecs.build import codec_of
from core.models.codecs.codec import Codec
from core.models.codecs.config import HeatmapConfig
from core.models.hpcvnet.config import HpcvnetConfig
from core.models.hpcvnet.rating import RATINGS
from core.models.model_config import ModelConfig
from core.models.outputs import BaseOutput, PoseOutput


class Hpcvnet(nn.Module):
    """A frozen base, and a net that rates its answers; `rating` alone can learn.

    The base's weights get no gradient and its batch norms keep their statistics, also in `train()`:
    places stay bit for bit what they were.
    """

    def __init__(self, base: PoseBase, rating: nn.Module, *, codec: Codec) -> None:
        super().__init__()
        self.base = base.requires_grad_(False)
        self.rating = rating
        self._codec = codec
        self.train()

    def train(self, mode: bool = True) -> "Hpcvnet":
        """As `nn.Module.train`, but the base stays in eval mode."""
        super().train(mode)
        self.base.eval()
        return self

    def forward(self, crops: Tensor) -> PoseOutput:
        """Normalised crops (B, 3, H, W) to the base's maps, presence and similarity logits."""
        with torch.no_grad():
            said: BaseOutput = self.base(crops)
            maps = self._codec.read(said.maps)
        similarity, presence = self.rating(said.features, maps)
        return PoseOutput(
            said.maps, said.coarse, presence_logits=presence, similarity_logits=similarity
        )


def hpcvnet(config: ModelConfig) -> Hpcvnet:
    """The network of a config, with fresh weights.

    Raises:
        UserError: a codec without heat maps.
    """
    network = config.network
    assert isinstance(network, HpcvnetConfig)
    if not isinstance(config.codec, HeatmapConfig):
        raise UserError(
            f"HPCVNet reads heat maps, and a codec of kind {config.codec.kind!r} has none.",
            remedy='Choose a codec of kind "heatmap".',
        )
    num_keypoints = len(config.keypoint_names)
    base = build_base(network.base, num_keypoints=num_keypoints)
    rating = RATINGS[network.rating](base.feature_channels, num_keypoints, network)
    return Hpcvnet(base, rating, codec=codec_of(config))
