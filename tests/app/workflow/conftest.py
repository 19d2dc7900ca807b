import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from app.settings import Settings
from app.workflow import train as training
from app.workflow.import_dataset import import_dataset
from app.workflow.workspace import Workspace, open_workspace
from core.training import recipes
from tests.core.training.people_sets import write_drawn


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once and copied: migrating takes longer than most tests."""
    folder = tmp_path_factory.mktemp("migrated")
    open_workspace(Settings(data_dir=folder)).engine.dispose()
    return folder / "halfseen.db"


@pytest.fixture
def ws(own_data_dir: Path, migrated_database: Path) -> Workspace:
    own_data_dir.mkdir()
    shutil.copy(migrated_database, own_data_dir / "halfseen.db")
    return open_workspace()


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recipes of one epoch a stage, in batches of four, with three drawn pictures."""
    found = {}
    for name, recipe in recipes.RECIPES.items():
        stages = tuple(
            replace(
                stage,
                loop=replace(stage.loop, epochs=1, batch_size=4),
                sets=replace(stage.sets, drawn_pictures=3, coco_repeats=1),
            )
            for stage in recipe.stages
        )
        found[name] = replace(recipe, stages=stages, when_started=None)
    monkeypatch.setattr(recipes, "RECIPES", found)
    monkeypatch.setattr(training, "RECIPES", found)


@pytest.fixture
def drawn(ws: Workspace, tmp_path: Path) -> Path:
    """The file of a dataset `drawn` of drawn people."""
    file = write_drawn(tmp_path / "drawn", count=6)
    import_dataset(ws, "drawn", file, images_dir=file.parent / "images")
    return file
