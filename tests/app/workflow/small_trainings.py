"""Trainings small enough for tests, and what is asked of them."""

from pathlib import Path

import pytest

from app.workflow import train as training
from app.workflow.train_settings import Asked
from app.workflow.workspace import Workspace
from core.errors import UserError
from tests.app.workflow.coco_files import some_photos

ASKED = Asked("tiny/metamodel", epochs=1, threads=1)


def refusal(ws: Workspace, asked: Asked, out: Path | None = None) -> UserError:
    """What is said of a training that cannot be."""
    with pytest.raises(UserError) as refused:
        training.train(ws, asked, out=out)
    return refused.value


def four_photos(folder: Path) -> Path:
    return some_photos(folder / "photos", images=4)
