"""A HybridPose with random numbers that is sure of some people wherever it looks."""

from dataclasses import replace
from pathlib import Path

import torch

from core.models.catalog import build_model
from core.models.checkpoint import save_checkpoint
from core.models.checkpoint_config import CheckpointConfig
from core.models.codecs.config import GridConfig
from core.models.entries import model_of
from core.models.hybridpose.head import OBJECTNESS

SURE = 3.0  # logit of objectness: 0.95


def a_whole_picture_model(folder: Path, *, name: str = "finder", people: int = 2) -> Path:
    """A checkpoint folder.

    Args:
        people: it finds so many on every photo that is not smaller than some dozen pixels.
    """
    tiny = model_of("hybridpose_tiny")
    model = replace(
        tiny,
        network=replace(tiny.network, width=0.05, map_channels=4),
        codec=GridConfig(most_people=people, most_overlap=0.1),
    )
    torch.manual_seed(0)
    network = build_model(model)
    with torch.no_grad():  # at one level and anchor, whose boxes are no slivers at the edge
        level = network.pose_head.levels[1]
        level.weight.mul_(0.01)
        level.bias.view(3, -1)[2, OBJECTNESS] = SURE
    config = CheckpointConfig(name, model, "Finds people for tests.", "none", "", "", 0, "")
    save_checkpoint(network, config, folder)
    return folder
