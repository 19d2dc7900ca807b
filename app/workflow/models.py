"""The models one can predict with."""

from dataclasses import dataclass
from pathlib import Path

from app.workflow.workspace import Workspace
from core.models.cards import WEIGHTS_DIR, ModelCard, find_checkpoint, list_cards, read_card

DEFAULT_MODEL = "metamodel_tiny"  # ships with the program
_WEIGHTS = "*.safetensors"


@dataclass(frozen=True)
class ModelOnDisk:
    """A model and its files.

    Attributes:
        size_bytes: of its weights; 0 where they are missing.
        is_shipped: whether it came with the program; else it was trained or put here.
    """

    card: ModelCard
    size_bytes: int
    is_shipped: bool


def list_models(ws: Workspace) -> list[ModelCard]:
    """Every model of the program's own folder and of the data directory, by name."""
    return list_cards(_folders(ws))


def models_on_disk(ws: Workspace) -> list[ModelOnDisk]:
    """`list_models` with what is known of their files."""
    return [
        ModelOnDisk(
            card,
            sum(file.stat().st_size for file in card.folder.glob(_WEIGHTS)),
            card.folder.is_relative_to(WEIGHTS_DIR),
        )
        for card in list_models(ws)
    ]


def model_card(ws: Workspace, model: str) -> ModelCard:
    """What one model says of itself.

    Raises:
        UserError: there is no such model, or its folder is broken.
    """
    return read_card(model_folder(ws, model))


def model_folder(ws: Workspace, model: str) -> Path:
    """Where a model is.

    Args:
        model: a name of `list_models`, or a checkpoint folder.

    Raises:
        UserError: there is no such model; the known ones are listed.
    """
    return find_checkpoint(model, _folders(ws))


def _folders(ws: Workspace) -> list[Path]:
    return [WEIGHTS_DIR, ws.data_dir / "checkpoints"]
