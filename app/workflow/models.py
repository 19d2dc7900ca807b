"""The models one can predict with."""

from pathlib import Path

from app.workflow.workspace import Workspace
from core.models.cards import WEIGHTS_DIR, ModelCard, find_checkpoint, list_cards, read_card


def list_models(ws: Workspace) -> list[ModelCard]:
    """Every model of the program's own folder and of the data directory, by name."""
    return list_cards(_folders(ws))


def model_folder(ws: Workspace, model: str) -> Path:
    """Where a model is.

    Args:
        model: a name of `list_models`, or a checkpoint folder.

    Raises:
        UserError: there is no such model; the known ones are listed.
    """
    return find_checkpoint(model, _folders(ws))


def model_card(ws: Workspace, model: str) -> ModelCard:
    """What one model says of itself.

    Raises:
        UserError: there is no such model, or its folder is broken.
    """
    return read_card(model_folder(ws, model))


def _folders(ws: Workspace) -> list[Path]:
    return [WEIGHTS_DIR, ws.data_dir / "checkpoints"]
