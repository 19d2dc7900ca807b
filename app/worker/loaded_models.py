"""Models kept in memory: loaded once, whoever asks; the least recently used goes."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.workflow.models import model_folder
from app.workflow.pace import Pace
from app.workflow.workspace import Workspace

if TYPE_CHECKING:
    from core.inference.predictor import Predictor

MOST_LOADED = 3
TURN_S = 0.06  # of the processor, for one call of a model; more persons at once are no faster

Load = Callable[[Path, str], "Predictor"]


@dataclass(frozen=True)
class LoadedModel:
    """A model in memory.

    Attributes:
        pace: how many persons it manages in one turn.
    """

    predictor: "Predictor"
    pace: Pace = field(default_factory=lambda: Pace(TURN_S))


class LoadedModels:
    """The models of one worker.

    Args:
        load: gives the predictor of a checkpoint folder on a device.
    """

    def __init__(self, ws: Workspace, *, load: Load | None = None) -> None:
        self._ws = ws
        self._load = load or _load
        self._lock = threading.Lock()  # one at a time: loading fills memory and processor
        self._kept: OrderedDict[tuple[object, ...], LoadedModel] = OrderedDict()

    def get(self, model: str) -> LoadedModel:
        """The model of this name, or of this folder; loaded anew where its files have changed.

        Raises:
            UserError: there is no such model, it is broken, or does not fit this device.
        """
        folder = model_folder(self._ws, model)
        key = (folder, *_version(folder))
        with self._lock:
            if key not in self._kept:
                self._kept[key] = LoadedModel(self._load(folder, self._ws.settings.device))
                while len(self._kept) > MOST_LOADED:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]


def _load(folder: Path, device: str) -> "Predictor":
    from core.inference.predictor import load_predictor

    predictor = load_predictor(str(folder), device=device)
    # The first call of a network takes several times as long as the next.
    predictor.predict(np.zeros((64, 64, 3), np.uint8), np.array([[0, 0, 64, 64]]))
    return predictor


def _version(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Changes with the files of a checkpoint."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return tuple((path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files)
