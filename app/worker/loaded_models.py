"""Models and detectors kept in memory: loaded once, whoever asks; the least recently used goes."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from app.workflow.finders import Finder, FindPeople, chosen_finder, load_finder
from app.workflow.lookout import Lookout
from app.workflow.models import model_folder
from app.workflow.pace import Pace
from app.workflow.workspace import Workspace

if TYPE_CHECKING:
    from core.inference.person_boxes import PersonFinder
    from core.inference.pose_predictor import PosePredictor

MOST_LOADED, MOST_FINDERS = 3, 2
TURN_S = 0.06  # of the processor, for one call of a model; more persons at once are no faster

Load = Callable[[Path, str], "PosePredictor"]
ValueT = TypeVar("ValueT")


@dataclass(frozen=True)
class LoadedModel:
    """A model in memory.

    Attributes:
        pace: how many persons it manages in one turn.
    """

    predictor: "PosePredictor"
    pace: Pace = field(default_factory=lambda: Pace(TURN_S))


class LoadedModels:
    """The models of one worker, and what finds people for them.

    Args:
        load: gives the predictor of a checkpoint folder on a device.
    """

    def __init__(self, ws: Workspace, *, load: Load | None = None) -> None:
        self._ws = ws
        self._load = load or _load
        lock = threading.Lock()  # one at a time: loading fills memory and processor
        self._models: _Kept[LoadedModel] = _Kept(MOST_LOADED, lock)
        self._finders: _Kept[PersonFinder] = _Kept(MOST_FINDERS, lock)

    def get(self, model: str) -> LoadedModel:
        """The model of this name, or of this folder; loaded anew where its files have changed.

        Raises:
            UserError: there is no such model, it is broken, or does not fit this device.
        """
        return self._of_folder(model_folder(self._ws, model))

    def lookout(self, model: str, find: FindPeople) -> Lookout:
        """The model with what finds people for it.

        Raises:
            UserError: as `get`; nothing here finds people, or not what was asked for.
        """
        folder = model_folder(self._ws, model)
        finder = chosen_finder(self._ws, model, find)
        loaded = self._of_folder(folder)
        is_own = finder.folder.resolve() == folder.resolve()
        found_by = None if is_own else self._finder(finder)
        return Lookout(loaded.predictor, found_by, loaded.pace, min_score=find.min_score)

    def _of_folder(self, folder: Path) -> LoadedModel:
        device = self._ws.settings.device
        return self._models.get(folder, lambda: LoadedModel(self._load(folder, device)))

    def _finder(self, finder: Finder) -> "PersonFinder":
        return self._finders.get(finder.folder, lambda: load_finder(self._ws, finder))


class _Kept(Generic[ValueT]):
    """What was made of the files of folders, the last used."""

    def __init__(self, most: int, lock: threading.Lock) -> None:
        self._most, self._lock = most, lock
        self._kept: OrderedDict[tuple[object, ...], ValueT] = OrderedDict()

    def get(self, folder: Path, make: Callable[[], ValueT]) -> ValueT:
        key = (folder, *_version(folder))
        with self._lock:
            if key not in self._kept:
                self._kept[key] = make()
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]


def _load(folder: Path, device: str) -> "PosePredictor":
    from core.inference.predictor import load_predictor

    predictor = load_predictor(str(folder), device=device)
    # The first call of a network takes several times as long as the next.
    predictor.predict(np.zeros((64, 64, 3), np.uint8), np.array([[0, 0, 64, 64]]))
    return predictor


def _version(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Changes with the files of a checkpoint or a detector."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return tuple((path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files)
