"""The models one can predict with."""

from pathlib import Path

from app.workflow.workspace import Workspace
from core.models.cards import ModelCard, list_cards

WEIGHTS_DIR = Path(__file__).parents[2] / "weights"


def list_models(ws: Workspace) -> list[ModelCard]:
    """Every model with weights in the program's own folder or in the data directory."""
    return list_cards([WEIGHTS_DIR, ws.data_dir / "checkpoints"])
