"""From a training run to a checkpoint folder."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from torch import nn

from core.models.checkpoint import save_checkpoint
from core.models.checkpoint_config import CheckpointConfig
from core.training.config import TrainConfig
from core.training.people_data import data_hash

LICENCE = "research use only (Leeds Sports Pose Extended); COCO annotations CC BY 4.0"


def export_run(
    average: nn.Module,
    config: TrainConfig,
    files: list[Path],
    folder: Path,
    *,
    trained_on: str,
    earlier: Mapping[str, Any] | None = None,
) -> CheckpointConfig:
    """Write the mean weights of a run as a checkpoint folder.

    Args:
        average: the network to ship.
        config: what it was trained with, kept in the folder.
        files: the label files it was trained on, for the hash.
        trained_on: the same in words.
        earlier: the training configuration of the stage this one went on from.
    """
    training = {name: value for name, value in asdict(config).items() if name != "model"}
    if earlier is not None:
        training["earlier"] = dict(earlier)
    description = CheckpointConfig(
        name=config.model.architecture,
        model=config.model,
        what="Places and three-way visibility of COCO's 17 keypoints; small enough for a CPU.",
        licence=LICENCE,
        trained_on=trained_on,
        data_sha256=data_hash(files),
        num_parameters=0,
        weights_sha256="",
        training=training,
    )
    return save_checkpoint(average, description, folder)
