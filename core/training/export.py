"""From a training to a checkpoint folder with its card."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from torch import nn

from core.models.card_text import Figure, write_card
from core.models.checkpoint import save_checkpoint
from core.models.checkpoint_config import CheckpointConfig
from core.models.model_config import ModelConfig
from core.training.config import TrainConfig
from core.training.sources import TrainingData


@dataclass(frozen=True)
class About:
    """What a checkpoint says of how it came about.

    Attributes:
        name: how people ask for the model.
        recipe: a name of `RECIPES`.
        command: what was typed, for the card; empty: nothing.
        start: what it began with, in words; empty: fresh weights.
        earlier: the training configuration of that.
    """

    name: str
    recipe: str
    command: str = ""
    start: str = ""
    earlier: Mapping[str, Any] = field(default_factory=dict)


def export_model(
    average: nn.Module,
    model: ModelConfig,
    stages: Sequence[TrainConfig],
    folder: Path,
    *,
    about: About,
    data: TrainingData,
    data_sha256: str,
    figures: Sequence[Figure] = (),
) -> CheckpointConfig:
    """Write the mean weights of a run as a checkpoint folder; the old one stays until it is done.

    Args:
        average: the network to ship.
        stages: those that made it so far, for the record.
        figures: for the card; none while the training goes on.

    Raises:
        UserError: the disk is full, or the folder may not be written to.
    """
    training: dict[str, Any] = {"recipe": about.recipe, "command": about.command}
    training["stages"] = [
        {name: value for name, value in asdict(stage).items() if name != "model"}
        for stage in stages
    ]
    if about.start:
        training["start"] = about.start
        training["earlier"] = dict(about.earlier)
    description = CheckpointConfig(
        name=about.name,
        model=model,
        what=f"Places and three-way visibility of {_keypoints(model)}; recipe {about.recipe}.",
        licence=data.licence,
        trained_on=data.what,
        data_sha256=data_sha256,
        num_parameters=0,
        weights_sha256="",
        training=training,
    )
    written = save_checkpoint(average, description, folder)
    write_card(written, folder, figures)
    return written


def _keypoints(model: ModelConfig) -> str:
    count = len(model.keypoint_names)
    is_coco = model.keypoint_names == ModelConfig.keypoint_names
    return f"COCO's {count} keypoints" if is_coco else f"{count} keypoints"
