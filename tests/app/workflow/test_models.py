"""The models one can predict with, also those that are broken."""

import shutil
from pathlib import Path

import pytest

from app.workflow.models import DEFAULT_MODEL, model_card, model_folder, models_on_disk
from app.workflow.workspace import Workspace
from core.errors import UserError
from core.models.cards import WEIGHTS_DIR

SHIPPED = WEIGHTS_DIR / DEFAULT_MODEL


def a_trained_one(ws: Workspace, name: str = "mine") -> Path:
    folder = ws.data_dir / "checkpoints" / name
    shutil.copytree(SHIPPED, folder)
    config = folder / "config.json"
    config.write_text(config.read_text().replace(f'"name": "{DEFAULT_MODEL}"', f'"name": "{name}"'))
    return folder


def test_shipped_and_trained_models_are_listed_with_their_size(ws: Workspace) -> None:
    folder = a_trained_one(ws)
    size = (SHIPPED / "weights.safetensors").stat().st_size
    found = {each.card.name: each for each in models_on_disk(ws)}
    assert set(found) >= {"mine", DEFAULT_MODEL}
    mine, shipped = found["mine"], found[DEFAULT_MODEL]
    assert (mine.size_bytes, mine.is_shipped, mine.card.folder) == (size, False, folder)
    assert (shipped.size_bytes, shipped.is_shipped, shipped.card.present) == (size, True, True)
    assert model_card(ws, "mine") == mine.card
    assert model_folder(ws, str(folder)) == folder


def test_a_broken_folder_is_listed_with_its_problem(ws: Workspace) -> None:
    folder = a_trained_one(ws)
    (folder / "config.json").write_text("{")
    a_trained_one(ws, "empty").joinpath("weights.safetensors").unlink()
    found = {each.card.name: each for each in models_on_disk(ws)}
    assert not found["mine"].card.present
    assert "This is not readable JSON" in found["mine"].card.what
    assert (found["empty"].card.present, found["empty"].size_bytes) == (False, 0)
    with pytest.raises(UserError, match="This is not readable JSON"):
        model_card(ws, "mine")
