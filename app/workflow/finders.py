"""What finds people on a photo: detectors, and models that look at whole pictures."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.workflow.lookout import MIN_SCORE, Lookout
from app.workflow.models import (
    detectors_dir,
    detectors_here,
    list_models,
    model_card,
    model_folder,
)
from app.workflow.pace import Pace
from app.workflow.workspace import Workspace
from core.errors import UserError
from core.models.cards import read_card
from core.models.detector_cards import KNOWN_DETECTORS, find_detector, read_detector_card
from core.models.hub_folder import CONFIG_FILE, WEIGHTS_FILE

if TYPE_CHECKING:
    from core.inference.person_boxes import PersonFinder
    from core.inference.pose_predictor import PosePredictor

TURN_S = 0.5  # of a model's work between two looks at whether to stop
SMALL_DETECTOR = "dfine_small"  # named where there is none: good and not large
NO_FINDER = (
    f"`add-model {KNOWN_DETECTORS[SMALL_DETECTOR].hub}` gets a detector "
    f"({KNOWN_DETECTORS[SMALL_DETECTOR].megabytes:g} MB); `models` lists others."
)


@dataclass(frozen=True)
class Finder:
    """Something that finds people and is here.

    Attributes:
        is_model: whether it is a model, which says their poses as well; else a detector.
    """

    name: str
    folder: Path
    is_model: bool


@dataclass(frozen=True)
class FindPeople:
    """How people are to be found.

    Attributes:
        detector: a detector or a whole-picture model, by name or folder; None: the usual one.
        min_score: people it is less sure of are left out, 0..1.
    """

    detector: str | None = None
    min_score: float = MIN_SCORE


def list_finders(ws: Workspace) -> list[Finder]:
    """Everything here that finds people: detectors first, then models, each by name."""
    detectors = [Finder(c.name, c.folder, False) for c in detectors_here(ws) if c.present]
    models = [c for c in list_models(ws) if c.present and c.finds_people]
    return [*detectors, *(Finder(c.name, c.folder, True) for c in models)]


def usual_finder(ws: Workspace, model: str) -> Finder | None:
    """What finds people for a model unless somebody says: itself, else the first of the list.

    Raises:
        UserError: there is no such model.
    """
    card = model_card(ws, model)
    if card.finds_people:
        return Finder(card.name, card.folder, True)
    return next(iter(list_finders(ws)), None)


def chosen_finder(ws: Workspace, model: str, wish: FindPeople) -> Finder:
    """What finds people for a model.

    Raises:
        UserError: there is none here, no such one, or one that finds nobody; or a score that is
            none.
    """
    if not 0 <= wish.min_score <= 1:
        raise UserError(f"A score is from 0 to 1; {wish.min_score:g} is none.")
    if wish.detector is not None:
        return _named(ws, wish.detector)
    found = usual_finder(ws, model)
    if found is None:
        raise UserError("Nothing here finds people on a photo.", remedy=NO_FINDER)
    return found


def load_lookout(
    ws: Workspace, predictor: "PosePredictor", model: str, find: FindPeople
) -> Lookout:
    """A loaded model with what finds people for it, loaded as well.

    Raises:
        UserError: as `chosen_finder` and `load_finder`.
    """
    finder = chosen_finder(ws, model, find)
    is_own = finder.folder.resolve() == model_folder(ws, model).resolve()
    found_by = None if is_own else load_finder(ws, finder)
    return Lookout(predictor, found_by, Pace(TURN_S), min_score=find.min_score)


def load_finder(ws: Workspace, finder: Finder) -> "PersonFinder":
    """Load what finds people for another model.

    Raises:
        UserError: it is broken, or does not fit this device.
    """
    from core.inference.person_boxes import load_detector, load_pose_finder

    load = load_pose_finder if finder.is_model else load_detector
    return load(finder.folder, device=ws.settings.device)


def _named(ws: Workspace, detector: str) -> Finder:
    known = {finder.name: finder for finder in list_finders(ws)}
    if detector in known:
        return known[detector]
    cards = {card.name: card for card in list_models(ws)}
    if detector in cards:
        raise UserError(
            f"{detector} finds nobody: it says the pose of somebody in a box.",
            remedy=f"Here: {', '.join(known) or 'nothing that finds people'}. {NO_FINDER}",
        )
    if detector and (Path(detector) / CONFIG_FILE).is_file():
        return _of_folder(Path(detector))
    broken = {card.name: card for card in detectors_here(ws)}.get(detector)
    if broken is not None:
        read_detector_card(broken.folder)  # says why
    folder = find_detector(detector, [detectors_dir(ws)])
    return Finder(folder.name, folder, is_model=False)


def _of_folder(folder: Path) -> Finder:
    if (folder / WEIGHTS_FILE).is_file():
        return Finder(read_detector_card(folder).name, folder, is_model=False)
    card = read_card(folder)
    if not card.finds_people:
        raise UserError(f"{card.name} finds nobody: it says the pose of somebody in a box.")
    return Finder(card.name, folder, is_model=True)
