"""Small datasets, and pages opened the way a browser does: through the navigation."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from streamlit import config
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from app.ui import inspected, prediction_choice, run_choice
from app.ui.workspace import the_workspace
from app.workflow import interactive
from app.workflow.finders import Finder
from app.workflow.import_dataset import import_dataset
from core.data.listing import DatasetInfo
from core.models.cards import ModelCard
from tests.pages.builders import a_card, a_file
from tests.pages.stand_in_worker import StandIn

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def a_browser(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """AppTest has no browser behind it: this is its cookies, and its time zone is UTC."""
    cookies: dict[str, str] = {}
    monkeypatch.setattr(ContextProxy, "cookies", property(lambda _: cookies))
    monkeypatch.setattr(ContextProxy, "timezone", property(lambda _: "UTC"))
    # No sign-in, whatever the secrets beside this checkout say.
    config.set_option("secrets.files", [])
    return cookies


@pytest.fixture
def imported(tmp_path: Path) -> Callable[..., DatasetInfo]:
    """Imports a file under a name; photo b.png is missing."""

    def do(name: str = "val", file: dict[str, Any] | None = None) -> DatasetInfo:
        folder = tmp_path / "photos"
        folder.mkdir(exist_ok=True)
        cv2.imwrite(str(folder / "a.png"), np.full((30, 40, 3), 90, np.uint8))
        path = tmp_path / "labels.json"
        path.write_text(json.dumps(a_file() if file is None else file), encoding="utf-8")
        return import_dataset(the_workspace(), name, path, images_dir=folder)

    return do


@pytest.fixture
def open_page() -> Callable[..., AppTest]:
    """Opens a page of the app with parameters in its address."""

    def do(page: str = "", **address: str) -> AppTest:
        at = AppTest.from_file(str(ROOT / "app" / "screens.py"), default_timeout=30)
        at.query_params.update(address)
        at.run()
        if page:
            at.switch_page(str(ROOT / "pages" / f"{page}.py"))
            at.query_params.update(address)
            at.run()
        assert not at.exception, at.exception
        return at

    return do


@pytest.fixture
def a_worker(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """Answers in the worker's place."""
    worker = StandIn()
    monkeypatch.setattr(interactive, "ask_worker", worker.ask)
    return worker


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[ModelCard]:
    """The models that are installed: `tiny` and `other`, whatever this checkout has."""
    cards = [a_card(name, tmp_path) for name in ("other", "tiny")]
    monkeypatch.setattr(prediction_choice, "list_models", lambda ws: cards)
    return cards


@pytest.fixture
def finders(monkeypatch: pytest.MonkeyPatch) -> list[Finder]:
    """What is installed that finds people: nothing at first, whatever this checkout has."""
    found: list[Finder] = []
    for module in (prediction_choice, run_choice, inspected):
        monkeypatch.setattr(module, "list_finders", lambda ws: found)
    return found
