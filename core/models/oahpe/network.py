"""Paper 003: places, presence, and how near each place is to the truth."""

from torch import Tensor, nn

from core.errors import UserError
from core.models.bases.build import build_base
from core.models.bases.pose_base import PoseBase
from core.models.codecs.build import codec_of
from core.models.codecs.codec import Codec
from core.models.codecs.config import HeatmapConfig
from core.models.model_config import ModelConfig
from core.models.oahpe.config import OahpeConfig
from core.models.oahpe.presence_branch import PresenceBranch
from core.models.oahpe.similarity_net import SIMILARITY_NETS, SimilarityNet
from core.models.outputs import BaseOutput, PoseOutput


class OcclusionAwarePose(nn.Module):
    """OA-HPE: a base and a presence branch on its last features; KS-net on its heat maps, if asked.

    The branch's loss reaches the base, as the paper trains both at once. KS-net's does not: it is
    trained on a network that is done, and reads its maps as they are.

    Deviation in flip tests: the paper averages the maps of both views and shows KS-net the mean;
    here each view's maps are rated, and the ratings averaged.
    """

    def __init__(
        self,
        base: PoseBase,
        presence_branch: PresenceBranch,
        similarity_net: SimilarityNet | None,
        *,
        codec: Codec,
    ) -> None:
        super().__init__()
        self.base = base
        self.presence_branch = presence_branch
        self.similarity_net = similarity_net
        self._codec = codec

    def forward(self, crops: Tensor) -> PoseOutput:
        """Normalised crops (B, 3, H, W) to keypoint maps, presence logits and similarity logits."""
        said: BaseOutput = self.base(crops)
        return PoseOutput(
            said.maps,
            said.coarse,
            presence_logits=self.presence_branch(said.features),
            similarity_logits=self._rated(said.maps.detach()),
        )

    def _rated(self, maps: Tensor) -> Tensor | None:
        if self.similarity_net is None:
            return None
        rated: Tensor = self.similarity_net(self._codec.read(maps))
        return rated


def oahpe(config: ModelConfig) -> OcclusionAwarePose:
    """The network of a config, with fresh weights.

    Raises:
        UserError: a codec without heat maps.
    """
    network = config.network
    assert isinstance(network, OahpeConfig)
    if not isinstance(config.codec, HeatmapConfig):
        raise UserError(
            f"OA-HPE reads heat maps, and a codec of kind {config.codec.kind!r} has none.",
            remedy='Choose a codec of kind "heatmap".',
        )
    num_keypoints = len(config.keypoint_names)
    base = build_base(network.base, num_keypoints=num_keypoints)
    branch = PresenceBranch(
        base.feature_channels,
        base.feature_size_wh(config.crop_size_wh_px),
        num_keypoints,
        reduced=network.reduced,
        hidden=network.hidden,
    )
    rating = SIMILARITY_NETS[network.similarity_net](num_keypoints, network.similarity_hidden)
    return OcclusionAwarePose(base, branch, rating, codec=codec_of(config))
