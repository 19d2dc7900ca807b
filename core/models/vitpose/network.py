"""ViTPose (Xu et al. 2022) and ViTPose++ (2023), built by `transformers`."""

from typing import Any

import torch
from torch import Tensor, nn

from core.errors import UserError
from core.models.codecs.config import HeatmapConfig
from core.models.model_config import ModelConfig
from core.models.outputs import PoseOutput
from core.models.vitpose.config import VitposeConfig


class Vitpose(nn.Module):
    """A vision transformer over patches, and a decoder from its tokens to heat maps.

    Weights have the names that `transformers` gives them (`backbone.*`, `head.*`), so files of the
    Hub fit as they are.

    Args:
        backbone: of `transformers.VitPoseForPoseEstimation`.
        head: its decoder.
        grid_wh: patches beside and below each other.
        dataset: whose expert answers; None without experts.
    """

    def __init__(
        self, backbone: nn.Module, head: nn.Module, *, grid_wh: tuple[int, int], dataset: int | None
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = head
        self._grid_wh, self._dataset = grid_wh, dataset

    def forward(self, crops: Tensor) -> PoseOutput:
        """Crops (B, 3, H, W) to heat maps (B, K, h, w) as places."""
        expert = None
        if self._dataset is not None:
            expert = torch.full(crops.shape[:1], self._dataset, device=crops.device)
        tokens = self.backbone(crops, dataset_index=expert).feature_maps[-1]  # (B, patches, C)
        across, down = self._grid_wh
        features = tokens.transpose(1, 2).unflatten(2, (down, across))  # (B, C, down, across)
        return PoseOutput(self.head(features.contiguous()))


def vitpose(config: ModelConfig) -> nn.Module:
    """The network with fresh weights.

    Raises:
        UserError: numbers that do not go together.
    """
    network, codec = config.network, config.codec
    assert isinstance(network, VitposeConfig)
    if not isinstance(codec, HeatmapConfig):
        raise UserError(f"ViTPose answers with heat maps, not with {codec.kind}.")
    problems = network.problems(config.crop_size_wh_px, codec.size_wh_px)
    if problems:
        raise UserError("This ViTPose cannot be built.", problems=problems)
    from transformers import VitPoseForPoseEstimation  # takes seconds: only who needs it waits

    whole = VitPoseForPoseEstimation(hub_config(config))
    return Vitpose(
        whole.backbone,
        whole.head,
        grid_wh=network.grid_wh(config.crop_size_wh_px),
        dataset=network.dataset if network.experts > 1 else None,
    )


def hub_config(config: ModelConfig) -> Any:
    """The same as `transformers.VitPoseConfig`."""
    from transformers import VitPoseBackboneConfig, VitPoseConfig

    network = config.network
    assert isinstance(network, VitposeConfig)
    width, height = config.crop_size_wh_px
    backbone: dict[str, Any] = {
        "image_size": [height, width],
        "patch_size": [network.patch_px, network.patch_px],
        "hidden_size": network.hidden,
        "num_hidden_layers": network.layers,
        "num_attention_heads": network.heads,
        "mlp_ratio": network.mlp_ratio,
        "num_experts": network.experts,
        "part_features": network.part_features,
        "layer_norm_eps": network.layer_norm_eps,
        "qkv_bias": network.qkv_bias,
        "out_indices": [network.layers],
    }
    decoder: dict[str, Any] = {
        "scale_factor": network.scale,
        "use_simple_decoder": network.decoder == "simple",
        "num_labels": len(config.keypoint_names),
    }
    return VitPoseConfig(backbone_config=VitPoseBackboneConfig(**backbone), **decoder)
