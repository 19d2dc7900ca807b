import shutil
from pathlib import Path

import pytest

from app.settings import Settings
from app.workflow.workspace import Workspace, open_workspace


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
