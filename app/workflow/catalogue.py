"""Everything one can predict with or could: shipped, trained, added, and what is not here yet."""

from dataclasses import dataclass
from pathlib import Path

from app.workflow.models import detectors_here, list_models, ways_to_get
from app.workflow.workspace import Workspace
from core.models.cards import WEIGHTS_DIR, ModelCard
from core.models.detector_cards import KNOWN_DETECTORS, DetectorCard
from core.models.detector_config import KINDS
from core.models.entries import ENTRIES
from core.models.families import WHOLE_PICTURE

POSES, PEOPLE = "poses", "people"  # what is found
_WEIGHTS = "*.safetensors"


@dataclass(frozen=True)
class Listed:
    """One model or detector of the list.

    Attributes:
        finds: `POSES`, of people in boxes; `PEOPLE`, their boxes; a whole-picture model both.
        what: what it predicts, one sentence.
        num_parameters: None where nobody has counted them.
        size_bytes: of its weights; 0 where they are missing.
        crop_size_wh_px: of what it looks at; None where its description cannot be read.
        source: paper and the like.
        weights: where they can come from or came from.
        ways: what one can do to get them, each with the verb; empty where they are here.
        folder: None where there is none.
        is_shipped: whether it came with the program; else it was trained or added here.
        present: whether it can be used.
        problem: why not, where there is a folder.
        note: what a reader has to know who compares it with its paper.
    """

    name: str
    finds: tuple[str, ...]
    what: str
    num_parameters: int | None
    size_bytes: int
    keypoint_names: tuple[str, ...]
    crop_size_wh_px: tuple[int, int] | None
    source: str
    weights: str
    ways: tuple[str, ...]
    licence: str
    trained_on: str
    folder: Path | None
    is_shipped: bool
    present: bool
    problem: str = ""
    note: str = ""


def list_everything(ws: Workspace) -> list[Listed]:
    """Models, then detectors; what is here first, each by name."""
    models = [_of_card(card) for card in list_models(ws)]
    names = {each.name for each in models}
    models += [_of_entry(name) for name in ENTRIES if name not in names]
    detectors = [_of_detector(card) for card in detectors_here(ws)]
    names = {each.name for each in detectors}
    detectors += [_known_detector(name) for name in KNOWN_DETECTORS if name not in names]
    return [*sorted(models, key=_place), *sorted(detectors, key=_place)]


def _place(listed: Listed) -> tuple[bool, str]:
    return listed.folder is None, listed.name


def _of_card(card: ModelCard) -> Listed:
    entry = ENTRIES.get(card.name)
    readable = bool(card.keypoint_names)
    problem = "" if card.present else "Its weights are missing." if readable else card.what
    return Listed(
        name=card.name,
        finds=(PEOPLE, POSES) if card.finds_people else (POSES,),
        what=card.what if readable else "",
        num_parameters=card.num_parameters if readable else None,
        size_bytes=_size(card.folder),
        keypoint_names=card.keypoint_names,
        crop_size_wh_px=card.input_size_wh_px if readable else None,
        source=entry.source if entry else "",
        weights=entry.weights if entry else "",
        ways=(),
        licence=card.licence,
        trained_on=card.trained_on,
        folder=card.folder,
        is_shipped=card.folder.is_relative_to(WEIGHTS_DIR),
        present=card.present,
        problem=problem,
        note=entry.note if entry else "",
    )


def _of_entry(name: str) -> Listed:
    entry = ENTRIES[name]
    return Listed(
        name=name,
        finds=(PEOPLE, POSES) if entry.model.family in WHOLE_PICTURE else (POSES,),
        what=entry.what,
        num_parameters=None,
        size_bytes=0,
        keypoint_names=entry.model.keypoint_names,
        crop_size_wh_px=entry.model.crop_size_wh_px,
        source=entry.source,
        weights=entry.weights,
        ways=tuple(ways_to_get(name)),
        licence="",
        trained_on="",
        folder=None,
        is_shipped=False,
        present=False,
        note=entry.note,
    )


def _of_detector(card: DetectorCard) -> Listed:
    return Listed(
        name=card.name,
        finds=(PEOPLE,),
        what=card.what,
        num_parameters=card.num_parameters or None,
        size_bytes=_size(card.folder),
        keypoint_names=(),
        crop_size_wh_px=card.size_wh_px if card.present else None,
        source=card.source,
        weights="",
        ways=(),
        licence=card.licence,
        trained_on="",
        folder=card.folder,
        is_shipped=False,
        present=card.present,
        problem=card.problem,
    )


def _known_detector(name: str) -> Listed:
    known = KNOWN_DETECTORS[name]
    return Listed(
        name=name,
        finds=(PEOPLE,),
        what=f"Finds people: {KINDS[known.kind]}.",
        num_parameters=None,
        size_bytes=0,
        keypoint_names=(),
        crop_size_wh_px=None,
        source=KINDS[known.kind],
        weights=f"{known.hub} on the Hub ({known.licence}), {known.megabytes:g} MB",
        ways=tuple(ways_to_get(name)),
        licence=known.licence,
        trained_on="",
        folder=None,
        is_shipped=False,
        present=False,
    )


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob(_WEIGHTS))
