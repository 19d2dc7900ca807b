"""Paper 000: one base, two answers. Features to keypoint maps; the same features to flags."""

from torch import Tensor, nn

from core.errors import UserError
from core.models.bases.build import build_base
from core.models.bases.pose_base import PoseBase
from core.models.codecs.config import HeatmapConfig
from core.models.metamodel.branch import VisibilityBranch
from core.models.metamodel.config import MetamodelConfig
from core.models.model_config import ModelConfig
from core.models.outputs import BaseOutput, PoseOutput


class Metamodel(nn.Module):
    """A base and a visibility branch on its last features."""

    def __init__(self, base: PoseBase, flag_branch: nn.Module) -> None:
        super().__init__()
        self.base = base
        self.flag_branch = flag_branch

    def forward(self, crops: Tensor) -> PoseOutput:
        """Normalised crops (B, 3, H, W) to keypoint maps and flag logits."""
        said: BaseOutput = self.base(crops)
        return PoseOutput(said.maps, said.coarse, flag_logits=self.flag_branch(said.features))


def metamodel(config: ModelConfig) -> Metamodel:
    """The network of a config, with fresh weights.

    Raises:
        UserError: a codec without heat maps.
    """
    network = config.network
    assert isinstance(network, MetamodelConfig)
    if not isinstance(config.codec, HeatmapConfig):
        raise UserError(
            f"A metamodel says heat maps, and a codec of kind {config.codec.kind!r} has none.",
            remedy='Choose a codec of kind "heatmap".',
        )
    num_keypoints = len(config.keypoint_names)
    base = build_base(network.base, num_keypoints=num_keypoints)
    branch = VisibilityBranch(
        base.feature_channels,
        base.feature_size_wh(config.crop_size_wh_px),
        num_keypoints,
        bottleneck=network.bottleneck,
        reduced=network.reduced,
        hidden=network.hidden,
        dropout=network.dropout,
    )
    return Metamodel(base, branch)
