"""The card of a checkpoint folder: its README.md, written from what the folder knows. No torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.data.whole_file import write_whole
from core.models.checkpoint_config import CheckpointConfig
from core.models.model_config import ModelConfig

CARD_FILE = "README.md"


@dataclass(frozen=True)
class Figure:
    """One measured number with its 95 % bootstrap interval.

    Attributes:
        what: e.g. "PCK@0.1 of the box side".
        measured_on: persons that were not trained on, in words.
    """

    what: str
    measured_on: str
    value: float
    low: float
    high: float


def write_card(config: CheckpointConfig, folder: Path, figures: Sequence[Figure] = ()) -> None:
    """Write the card of a checkpoint folder, whole or not at all.

    Raises:
        UserError: the disk is full, or the folder may not be written to.
    """
    write_whole(folder / CARD_FILE, card_text(config, figures).encode())


def card_text(config: CheckpointConfig, figures: Sequence[Figure] = ()) -> str:
    """The card in Markdown."""
    training = config.training
    parts = [
        f"# {config.name}\n\n{_in_short(config)}",
        f"## Trained on\n{config.trained_on or 'Nothing is known of its data.'}\n\n"
        f"SHA-256 of the labels: `{config.data_sha256 or 'not known'}`. "
        "Keypoints a set does not label carry no loss.",
        f"## How\n{_how(training)}",
        f"## Figures\n{_figures(figures)}",
        f"## Licence\n{config.licence or 'Not stated.'}",
    ]
    return "\n\n".join(parts) + "\n"


def _in_short(config: CheckpointConfig) -> str:
    model = config.model
    width, height = model.crop_size_wh_px
    return (
        f"{config.what}\n\n{config.num_parameters:,} parameters, {len(model.keypoint_names)} "
        f"keypoints, crops of {width}x{height}, {network_words(model)}. SHA-256 of the "
        f"weights: `{config.weights_sha256}`."
    )


def network_words(model: ModelConfig) -> str:
    """Family and base, e.g. "network `metamodel` on `tiny`"."""
    base = getattr(model.network, "base", None)
    return f"network `{model.family}`" + (f" on `{base.name}`" if base else "")


def _how(training: Mapping[str, Any]) -> str:
    lines = []
    if training.get("command"):
        lines.append(f"`{training['command']}`")
    if training.get("start"):
        taken = training.get("taken", "")
        lines.append(f"Begun with the weights of {training['start']}. {taken}".rstrip())
    stages = training.get("stages")
    if isinstance(stages, list) and stages:
        rows = [_stage_row(stage) for stage in stages]
        header = "| stage | trained | epochs | batch | learning rate | seed | threads |"
        lines.append("\n".join([header, "|---|---|---|---|---|---|---|", *rows]))
    return "\n\n".join(lines) or "Nothing is known of how it was trained."


def _stage_row(stage: Mapping[str, Any]) -> str:
    loop = stage.get("loop", {})
    cells = [stage.get("stage", ""), str(stage.get("trained", "")).replace("_", " ")]
    cells += [loop.get(n, "") for n in ("epochs", "batch_size", "learning_rate", "seed", "threads")]
    return f"| {' | '.join(map(str, cells))} |"


def _figures(figures: Sequence[Figure]) -> str:
    if not figures:
        return "Not measured yet."
    rows = [
        f"| {figure.what} | {figure.measured_on} | **{figure.value:.3f}** | "
        f"[{figure.low:.3f}, {figure.high:.3f}] |"
        for figure in figures
    ]
    return "\n".join(["| what | measured on | | 95 % |", "|---|---|---|---|", *rows])
