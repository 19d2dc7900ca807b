"""Paper 001: a base, VisNet on its maps, and reasoning that listens less to hidden keypoints."""

import torch
from torch import Tensor, nn

from core.errors import UserError
from core.models.bases.build import build_base
from core.models.bases.pose_base import PoseBase
from core.models.codecs.config import GridConfig, SimccConfig
from core.models.model_config import ModelConfig
from core.models.outputs import BaseOutput, Places, PoseOutput
from core.models.plain.network import SimccHead
from core.models.visaware.config import VisawareConfig
from core.models.visaware.reasoning import KeypointReasoning, reasoning_of
from core.models.visaware.visnet import VisNet, seen, soft_mask


class Visaware(nn.Module):
    """Maps of a base as tokens, one per keypoint: who is visible, what that tells of the others.

    Attributes:
        base: of keypoint maps; for SimCC latent ones.
        visnet: learns from the maps, gives them no gradient.
        reasoning: None leaves places to the base alone.
        head: SimCC's layers; None where places are heat maps.
    """

    def __init__(
        self,
        base: PoseBase,
        visnet: VisNet,
        reasoning: KeypointReasoning | None,
        head: SimccHead | None,
        *,
        threshold: float,
        softness: float,
    ) -> None:
        super().__init__()
        self.base = base
        self.visnet = visnet
        self.reasoning = reasoning
        self.head = head
        self.threshold = threshold
        self.softness = softness

    def forward(self, crops: Tensor, visible_mask: Tensor | None = None) -> PoseOutput:
        """Normalised crops (B, 3, H, W) to places and p(v = 2).

        Args:
            crops: single persons.
            visible_mask: (B, K) bool, which keypoints to take as visible instead of what VisNet
                says (the paper's table 6, first row).
        """
        said: BaseOutput = self.base(crops)
        tokens, visible_logits, _ = self._reasoned(said.maps, visible_mask)
        maps = tokens.view_as(said.maps)
        places: Places = maps if self.head is None else self.head(maps)
        return PoseOutput(places, said.coarse, visible_logits=visible_logits)

    def attention(self, crops: Tensor, visible_mask: Tensor | None = None) -> Tensor:
        """Which keypoint listens to which (the paper's figure 2), (B, blocks, heads, K, K).

        A row per listening keypoint; rows sum to 1. Arguments as of `forward`.

        Raises:
            UserError: this network does not reason.
        """
        _, _, attention = self._reasoned(self.base(crops).maps, visible_mask)
        if attention is None:
            raise UserError(
                "In this network keypoints do not listen to each other.",
                remedy="Choose one whose reasoning is not none.",
            )
        return attention

    def _reasoned(
        self, maps: Tensor, visible_mask: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """Tokens (B, K, h * w), logits (B, K) of v = 2, and attention."""
        tokens = torch.flatten(maps, 2).contiguous()  # of channels-last maps products are slow
        visible_logits = self.visnet(tokens)
        if self.reasoning is None:
            return tokens, visible_logits, None
        # A threshold has no gradient: VisNet learns from its own loss alone.
        visible = seen(visible_logits, self.threshold) if visible_mask is None else visible_mask
        reasoned, attention = self.reasoning(tokens, soft_mask(visible, self.softness))
        return reasoned, visible_logits, attention


def visaware(config: ModelConfig) -> Visaware:
    """The network of a config, with fresh weights.

    Raises:
        UserError: a codec for whole pictures, or a transformer whose sizes do not go together.
    """
    network, codec = config.network, config.codec
    assert isinstance(network, VisawareConfig)
    if isinstance(codec, GridConfig):
        raise UserError(
            "A visibility-aware network looks at crops of single persons, its codec at whole "
            "pictures.",
            remedy='Choose a codec of kind "heatmap" or "simcc".',
        )
    num_keypoints = len(config.keypoint_names)
    base = build_base(network.base, num_keypoints=num_keypoints)
    width, height = (side // base.map_stride for side in config.crop_size_wh_px)
    head = None
    if isinstance(codec, SimccConfig):
        head = SimccHead((width, height), config.crop_size_wh_px, codec.split)
    return Visaware(
        base,
        VisNet(width * height, network.visnet),
        reasoning_of(network, num_keypoints, width * height),
        head,
        threshold=network.threshold,
        softness=network.softness,
    )
