"""Where added models come from: one function for each kind, which fills a new folder."""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from core.data.whole_file import write_whole
from core.errors import UserError
from core.models.card_text import CARD_FILE, write_card
from core.models.checkpoint_config import WEIGHTS_FILE, read_config, weights_file, write_config
from core.models.detector_cards import SOURCE_FILE, read_detector_card
from core.models.detector_config import KINDS
from core.models.hub_folder import CONFIG_FILE, PREPROCESSOR_FILE, read_json
from core.models.hub_folder import WEIGHTS_FILE as HUB_WEIGHTS

VITPOSE = "vitpose"  # model_type of a folder of the Hub


@dataclass(frozen=True)
class AddAsked:
    """What was asked for.

    Attributes:
        source: a file of weights, a folder, or a name of the Hub.
        name: how to call it; None: as it is called where it comes from.
        crop_size_wh_px, keypoint_names, alignment: what a file of weights does not say.
        licence: of the weights, where the source does not say.
    """

    source: str
    name: str | None = None
    crop_size_wh_px: tuple[int, int] | None = None
    keypoint_names: tuple[str, ...] | None = None
    alignment: str | None = None
    licence: str = ""


@dataclass(frozen=True)
class Source:
    """The files that were asked for, on this machine.

    Attributes:
        path: a file of weights, or a folder.
        words: where they are from, for cards.
        licence: as the source says.
    """

    path: Path
    words: str
    licence: str


Fill = Callable[[Source, AddAsked, str, Path], tuple[str, ...]]  # name, new folder; lines to say


def kind_of(path: Path) -> str:
    """What a path holds, a key of `FILL`.

    Raises:
        UserError: a folder of nothing that is known.
    """
    if path.is_file():
        return "file"
    if not (path / CONFIG_FILE).is_file():
        pickles = sorted(each.name for each in path.glob("*.bin"))
        raise UserError(
            f"This folder has no {CONFIG_FILE}, so nothing says what is in it.",
            where=str(path),
            remedy=f"{pickles[0]} would have to be run to be read."
            if pickles
            else "Give the file of weights itself.",
        )
    said = read_json(path / CONFIG_FILE)
    kind = said.get("model_type")
    if kind in (VITPOSE, *KINDS) and not (path / HUB_WEIGHTS).is_file():
        raise UserError(
            f"{HUB_WEIGHTS} is missing.",
            where=str(path),
            remedy="Only safetensors are read, never pickles.",
        )
    if kind in KINDS:
        return "detector"
    if kind == VITPOSE:
        return VITPOSE
    if "format" in said:
        return "checkpoint"
    raise UserError(
        f"Models of this kind are not known: model_type is {str(kind)[:60]!r}.",
        where=str(path / CONFIG_FILE),
        remedy=f"Known of the Hub: {', '.join((VITPOSE, *KINDS))}.",
    )


def _from_file(source: Source, asked: AddAsked, name: str, folder: Path) -> tuple[str, ...]:
    from core.models.public_weights.load import add_public_weights

    report = add_public_weights(
        source.path,
        folder,
        name=name,
        crop_size_wh_px=asked.crop_size_wh_px,
        keypoint_names=asked.keypoint_names,
        alignment=asked.alignment,
        licence=asked.licence,
    )
    write_card(read_config(folder), folder)
    return tuple(report.lines())


def _from_vitpose(source: Source, asked: AddAsked, name: str, folder: Path) -> tuple[str, ...]:
    _refuse_given(asked, "crop_size_wh_px", "alignment")
    from core.models.vitpose.hub import add_hub_vitpose

    config = add_hub_vitpose(
        source.path,
        folder,
        name=name,
        keypoint_names=asked.keypoint_names,
        source=source.words,
        licence=asked.licence or source.licence,
    )
    write_card(config, folder)
    return (
        "Layout: ViTPose of the Hub.",
        f"{config.num_parameters:,} parameters taken; every name and shape fits.",
    )


def _from_checkpoint(source: Source, asked: AddAsked, name: str, folder: Path) -> tuple[str, ...]:
    _refuse_given(asked, "crop_size_wh_px", "alignment", "keypoint_names")
    from core.models.checkpoint import load_checkpoint

    load_checkpoint(source.path)  # everything that can be wrong with it
    config = read_config(source.path)
    weights = weights_file(source.path, config)
    assert weights is not None
    shutil.copyfile(weights, folder / WEIGHTS_FILE)
    if (source.path / CARD_FILE).is_file():
        shutil.copyfile(source.path / CARD_FILE, folder / CARD_FILE)
    write_config(replace(config, name=name, licence=asked.licence or config.licence), folder)
    return ("Layout: a checkpoint folder of this program.",)


def _from_detector(source: Source, asked: AddAsked, name: str, folder: Path) -> tuple[str, ...]:
    _refuse_given(asked, "crop_size_wh_px", "alignment", "keypoint_names")
    from core.inference.person_boxes import load_detector

    for file in (CONFIG_FILE, HUB_WEIGHTS, PREPROCESSOR_FILE):
        if (source.path / file).is_file():
            shutil.copyfile(source.path / file, folder / file)
    card = read_detector_card(folder)
    load_detector(folder, device="cpu")
    with (folder / HUB_WEIGHTS).open("rb") as opened:
        sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
    said = {
        "source": source.words,
        "licence": asked.licence or source.licence,
        "sha256": sha256,
    }
    write_whole(folder / SOURCE_FILE, json.dumps(said, indent=2, ensure_ascii=False).encode())
    width, height = card.size_wh_px
    return (
        f"Layout: {card.what.removeprefix('Finds people: ').rstrip('.')}, of the Hub.",
        f"{card.num_parameters:,} numbers taken; every name and shape fits.",
        f"Photos are squeezed to {width} x {height} pixels.",
    )


FILL: Mapping[str, Fill] = {
    "file": _from_file,
    VITPOSE: _from_vitpose,
    "checkpoint": _from_checkpoint,
    "detector": _from_detector,
}

_OPTIONS = {
    "crop_size_wh_px": "--crop",
    "alignment": "--alignment",
    "keypoint_names": "--keypoints",
}


def _refuse_given(asked: AddAsked, *fields: str) -> None:
    given = [_OPTIONS[name] for name in fields if getattr(asked, name) is not None]
    if given:
        raise UserError(
            f"{' and '.join(given)} cannot be chosen here: the folder's {CONFIG_FILE} says it.",
            remedy="Leave it out.",
        )
