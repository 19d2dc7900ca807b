"""From 8-bit crops to what a network eats."""

import torch
from torch import Tensor

from core.models.model_config import ModelConfig


def normalised(crops: Tensor, config: ModelConfig) -> Tensor:
    """Crops (B, H, W, 3) uint8 in the network's channel order to (B, 3, H, W) float32."""
    mean = torch.tensor(config.mean, device=crops.device)
    std = torch.tensor(config.std, device=crops.device)
    scaled = (crops.float() - mean) / std
    # A permuted view is channels-last memory already, the faster layout on CPUs.
    return scaled.permute(0, 3, 1, 2)
