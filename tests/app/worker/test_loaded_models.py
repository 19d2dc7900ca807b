"""Models in memory: loaded once, whoever asks; the least recently used goes."""

import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from app.worker import loaded_models
from app.worker.loaded_models import MOST_LOADED, LoadedModels
from app.workflow.finders import Finder, FindPeople
from app.workflow.workspace import Workspace
from core.errors import UserError
from core.models.cards import WEIGHTS_DIR
from tests.core.inference.small_detectors import a_detector
from tests.core.inference.small_whole_picture import a_whole_picture_model


def a_model(ws: Workspace, name: str) -> Path:
    folder = ws.data_dir / "checkpoints" / name
    folder.mkdir(parents=True)
    config = json.loads((WEIGHTS_DIR / "metamodel_tiny" / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"name": name}))
    (folder / "weights.safetensors").write_bytes(b"1")
    return folder


class Loader:
    """Notes what was loaded instead of loading it."""

    def __init__(self) -> None:
        self.loaded: list[tuple[str, str]] = []

    def __call__(self, folder: Path, device: str) -> Any:
        time.sleep(0.02)
        self.loaded.append((folder.name, device))
        return object()


def test_many_who_ask_at_once_load_it_once(ws: Workspace) -> None:
    a_model(ws, "one")
    load = Loader()
    models, found = LoadedModels(ws, load=load), []
    threads = [threading.Thread(target=lambda: found.append(models.get("one"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert load.loaded == [("one", "auto")]
    assert len(set(map(id, found))) == 1


def test_the_least_recently_used_goes(ws: Workspace) -> None:
    names = [f"model-{n}" for n in range(MOST_LOADED + 1)]
    for name in names:
        a_model(ws, name)
    load = Loader()
    models = LoadedModels(ws, load=load)
    for name in (*names[:MOST_LOADED], names[0], names[MOST_LOADED], names[0], names[1]):
        models.get(name)
    assert [name for name, _ in load.loaded] == [*names, names[1]]


def test_a_model_trained_anew_is_loaded_anew(ws: Workspace) -> None:
    folder = a_model(ws, "one")
    load = Loader()
    models = LoadedModels(ws, load=load)
    first = models.get("one")
    (folder / "weights.safetensors").write_bytes(b"22")
    second = models.get(str(folder))
    assert first is not second
    assert models.get("one") is second
    os.utime(folder / "weights.safetensors", ns=(1, 1))
    models.get("one")
    assert len(load.loaded) == 3


def test_a_detector_is_loaded_once_and_anew_where_its_files_have_changed(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_model(ws, "one")
    folder = a_detector(ws.data_dir / "detectors" / "tiny")
    loaded: list[str] = []

    def load(_: Workspace, finder: Finder) -> Any:
        loaded.append(finder.name)
        return object()

    monkeypatch.setattr(loaded_models, "load_finder", load)
    models = LoadedModels(ws, load=Loader())
    first, second = (models.lookout("one", FindPeople("tiny"))._finder for _ in range(2))
    assert first is second
    os.utime(folder / "model.safetensors", ns=(1, 1))
    assert models.lookout("one", FindPeople()) is not first
    assert loaded == ["tiny", "tiny"]
    with pytest.raises(UserError, match=r"There is no detector called 'x'. Here: tiny."):
        models.lookout("one", FindPeople("x"))


def test_a_model_that_finds_people_by_itself_needs_nothing_beside(ws: Workspace) -> None:
    a_whole_picture_model(ws.data_dir / "checkpoints" / "finder")
    models = LoadedModels(ws)
    own = models.lookout("finder", FindPeople())
    assert own._finder is None
    assert own.found_by.name == "finder"
    other = models.lookout("metamodel_tiny", FindPeople("finder"))
    assert (other.predictor.name, other.found_by.name) == ("metamodel_tiny", "finder")


def test_unknown_and_broken_models_are_refused_and_not_kept(ws: Workspace) -> None:
    models = LoadedModels(ws)
    with pytest.raises(UserError, match=r"There is no model called 'x'. Known models: "):
        models.get("x")
    a_model(ws, "broken")
    for _ in range(2):
        with pytest.raises(UserError, match="not a safetensors file, or it is damaged"):
            models.get("broken")
