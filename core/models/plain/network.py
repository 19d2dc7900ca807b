"""A base alone, or with SimCC's two layers on its maps."""

import torch
from torch import Tensor, nn

from core.errors import UserError
from core.models.bases.build import build_base
from core.models.bases.pose_base import PoseBase
from core.models.codecs.config import GridConfig, SimccConfig
from core.models.model_config import ModelConfig
from core.models.outputs import BaseOutput, Places, PoseOutput
from core.models.plain.config import PlainConfig


class SimccHead(nn.Module):
    """SimCC (Li et al. 2022): a keypoint's map, flattened, to its column and its row.

    Two layers, shared by all keypoints, named as in the authors' code.
    """

    def __init__(
        self, map_size_wh: tuple[int, int], crop_size_wh_px: tuple[int, int], split: float
    ) -> None:
        super().__init__()
        width, height = map_size_wh
        columns, rows = (int(side * split) for side in crop_size_wh_px)
        self.mlp_head_x = nn.Linear(width * height, columns)
        self.mlp_head_y = nn.Linear(width * height, rows)

    def forward(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        """(B, K, h, w) to logits of columns (B, K, W split) and rows (B, K, H split)."""
        # (B, K, h * w), row after row; of channels-last maps products are slow.
        flat = torch.flatten(maps, 2).contiguous()
        return self.mlp_head_x(flat), self.mlp_head_y(flat)


class PlainPose(nn.Module):
    """A base, and what makes places of its maps where these are not heat maps."""

    def __init__(self, base: PoseBase, head: SimccHead | None) -> None:
        super().__init__()
        self.base = base
        self.head = head

    def forward(self, crops: Tensor) -> PoseOutput:
        """Normalised crops (B, 3, H, W) to places as the codec reads them."""
        said: BaseOutput = self.base(crops)
        places: Places = said.maps if self.head is None else self.head(said.maps)
        return PoseOutput(places, said.coarse)


def plain(config: ModelConfig) -> PlainPose:
    """The network of a config, with fresh weights.

    Raises:
        UserError: a codec for whole pictures.
    """
    network, codec = config.network, config.codec
    assert isinstance(network, PlainConfig)
    if isinstance(codec, GridConfig):
        raise UserError(
            "A plain network looks at crops of single persons, its codec at whole pictures.",
            remedy='Choose a codec of kind "heatmap" or "simcc".',
        )
    base = build_base(network.base, num_keypoints=len(config.keypoint_names))
    head = None
    if isinstance(codec, SimccConfig):
        width, height = (side // base.map_stride for side in config.crop_size_wh_px)
        head = SimccHead((width, height), config.crop_size_wh_px, codec.split)
    return PlainPose(base, head)
