"""Person detectors: which are known, and what a folder of one says of itself. No torch.

A detector's folder is laid out as on the Hub: config.json, model.safetensors and, where they have
one, preprocessor_config.json. Beside them `source.json` says where it is from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import UserError
from core.models.detector_config import KINDS, read_detector_config
from core.models.hub_folder import CONFIG_FILE, WEIGHTS_FILE, count_numbers, read_json

SOURCE_FILE = "source.json"
MAX_WEIGHTS_BYTES = 2 * 1024**3


@dataclass(frozen=True)
class KnownDetector:
    """A public detector by the name it gets here.

    Attributes:
        hub: its name on the Hub.
        kind: of `KINDS`.
        megabytes: of its weights there.
    """

    hub: str
    kind: str
    megabytes: float
    licence: str = "Apache-2.0"


KNOWN_DETECTORS: Mapping[str, KnownDetector] = {
    "dfine_nano": KnownDetector("ustc-community/dfine-nano-coco", "d_fine", 15.3),
    "dfine_small": KnownDetector("ustc-community/dfine-small-obj2coco", "d_fine", 41.5),
    "dfine_xlarge": KnownDetector("ustc-community/dfine-xlarge-coco", "d_fine", 252),
    "rtdetr_r18": KnownDetector("PekingU/rtdetr_r18vd_coco_o365", "rt_detr", 80.9),
    "rtdetr_r50": KnownDetector("PekingU/rtdetr_r50vd_coco_o365", "rt_detr", 172),
    "rtdetr_v2_r50": KnownDetector("PekingU/rtdetr_v2_r50vd", "rt_detr_v2", 172),
}


@dataclass(frozen=True)
class DetectorCard:
    """One detector as lists show it.

    Attributes:
        num_parameters: 0 where its weights are not there.
        present: whether it can be used.
        problem: why not, where it should be.
    """

    name: str
    what: str
    num_parameters: int
    size_wh_px: tuple[int, int]
    licence: str
    source: str
    sha256: str
    folder: Path
    present: bool
    problem: str = ""


def list_detectors(folders: Sequence[Path]) -> list[DetectorCard]:
    """The cards of every detector folder inside `folders`, by name.

    A folder that cannot be read is listed as not present, with the reason.
    """
    found = {place.parent for folder in folders for place in folder.glob(f"*/{CONFIG_FILE}")}
    return sorted((_card_or_problem(folder) for folder in found), key=lambda card: card.name)


def read_detector_card(folder: Path) -> DetectorCard:
    """What a detector's folder says of itself.

    Raises:
        UserError: it is no detector we can run, or a file is missing or damaged.
    """
    config = read_detector_config(folder)
    said = read_source(folder)
    return DetectorCard(
        name=folder.name,
        what=f"Finds people: {KINDS[config.kind]}.",
        num_parameters=count_numbers(folder / WEIGHTS_FILE, most_bytes=MAX_WEIGHTS_BYTES),
        size_wh_px=config.size_wh_px,
        licence=said.get("licence", ""),
        source=said.get("source", ""),
        sha256=said.get("sha256", ""),
        folder=folder,
        present=True,
    )


def read_source(folder: Path) -> dict[str, str]:
    """Where a detector is from: source, licence, sha256; empty where nobody wrote it down."""
    said = read_json(folder / SOURCE_FILE, needed=False)
    return {name: value for name, value in said.items() if isinstance(value, str)}


def find_detector(detector: str, folders: Sequence[Path]) -> Path:
    """The folder of a detector, asked for by name or by its folder.

    Raises:
        UserError: neither; names the known ones, and how to get one.
    """
    cards = list_detectors(folders)
    for card in cards:
        if card.name == detector:
            return card.folder
    if detector and (Path(detector) / CONFIG_FILE).is_file():
        return Path(detector)
    known = KNOWN_DETECTORS.get(detector)
    if known is not None:
        raise UserError(
            f"The weights of the detector {detector} are not here.",
            remedy=f"`add-model {known.hub}` gets them ({known.megabytes:g} MB).",
        )
    here = ", ".join(card.name for card in cards) or "none"
    raise UserError(
        f"There is no detector called {detector!r}.",
        remedy=f"Here: {here}. `add-model` gets more, e.g. {', '.join(KNOWN_DETECTORS)}; "
        "`models` lists them.",
    )


def _card_or_problem(folder: Path) -> DetectorCard:
    try:
        return read_detector_card(folder)
    except UserError as error:
        return DetectorCard(
            folder.name, "", 0, (0, 0), "", "", "", folder, present=False, problem=str(error)
        )
