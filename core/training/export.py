"""From a training to a checkpoint folder with its card."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torch import nn

from core.models.card_text import Figure, write_card
from core.models.checkpoint import save_checkpoint
from core.models.checkpoint_config import CheckpointConfig
from core.models.config_bounds import LONGEST_TEXT
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
        start: the model it began with; None: fresh weights, or a backbone alone.
        backbone: the public file of a backbone it began with, in words; empty: none.
        taken: what of it was taken, in words, where not all was.
    """

    name: str
    recipe: str
    command: str = ""
    start: CheckpointConfig | None = None
    backbone: str = ""
    taken: str = ""


def export_model(
    average: nn.Module,
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
    model = stages[-1].model
    description = CheckpointConfig(
        name=about.name,
        model=model,
        what=f"{_says(model)} of {_keypoints(model)}; recipe {about.recipe}.",
        licence=_with_start(data.licence, _licence_of_start(about)),
        trained_on=_with_start(
            data.what, about.start.trained_on if about.start else about.backbone
        ),
        data_sha256=data_sha256,
        num_parameters=0,
        weights_sha256="",
        training=_training(about, stages),
    )
    written = save_checkpoint(average, description, folder)
    write_card(written, folder, figures)
    return written


def _with_start(own: str, of_start: str) -> str:
    """Weights that go on from others carry on their data and licence."""
    if not of_start or of_start == own:
        return own
    return f"{own}; and what it began with: {of_start}"[:LONGEST_TEXT]


def _licence_of_start(about: About) -> str:
    if about.start is not None:
        return about.start.licence
    return f"that of {about.backbone}, which is not known here" if about.backbone else ""


def _training(about: About, stages: Sequence[TrainConfig]) -> dict[str, Any]:
    found: dict[str, Any] = {"recipe": about.recipe, "command": about.command}
    found["stages"] = [
        {name: value for name, value in asdict(stage).items() if name != "model"}
        for stage in stages
    ]
    if about.start is not None:
        found["start"] = f"{about.start.name} (`{about.start.weights_sha256[:12]}`)"
        found["earlier"] = about.start.training
    elif about.backbone:
        found["start"] = about.backbone
    if about.taken and "start" in found:
        found["taken"] = about.taken
    return found


# What a family says, for lists of models.
SAYS: Mapping[str, str] = {
    "plain": "Places",
    "vitpose": "Places",
    "metamodel": "Places and three-way visibility",
    "visaware": "Places and p(visible)",
    "oahpe": "Places and presence",
    "hpcvnet": "Places, presence and expected similarity",
    "hybridpose": "People on whole pictures: places and visibility maps",
}


def _says(model: ModelConfig) -> str:
    rates = getattr(model.network, "similarity_net", "none") != "none"
    return SAYS[model.family] + (" and expected similarity" if rates else "")


def _keypoints(model: ModelConfig) -> str:
    count = len(model.keypoint_names)
    is_coco = model.keypoint_names == ModelConfig.keypoint_names
    return f"COCO's {count} keypoints" if is_coco else f"{count} keypoints"
