"""What a detector of the Hub needs to know of its input and output, read strictly. No torch."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import UserError
from core.models.hub_folder import CONFIG_FILE, PREPROCESSOR_FILE, read_json, require_bounded

PERSON = "person"  # what the class of people is called
KINDS: Mapping[str, str] = {
    "rt_detr": "RT-DETR (Zhao et al. 2024)",
    "rt_detr_v2": "RT-DETRv2 (Lv et al. 2024)",
    "d_fine": "D-FINE (Peng et al. 2024)",
}
_DIGITS = 5  # of a class's number
LARGEST_SIDE_PX = 2048  # of what the network looks at

Three = tuple[float, float, float]


@dataclass(frozen=True)
class DetectorConfig:
    """What a detector needs to know of its input and output.

    Attributes:
        kind: of `KINDS`.
        person: index of the class of people.
        size_wh_px: of what the network looks at; photos are squeezed to it.
        mean, std: of RGB in 0..255.
    """

    kind: str
    person: int
    size_wh_px: tuple[int, int]
    mean: Three = (0.0, 0.0, 0.0)
    std: Three = (255.0, 255.0, 255.0)


def read_detector_config(folder: Path) -> DetectorConfig:
    """`config.json` and `preprocessor_config.json` of a detector's folder.

    Raises:
        UserError: no detector we can run, one without people, or beyond what can be built.
    """
    file = folder / CONFIG_FILE
    said = read_json(file)
    kind = said.get("model_type")
    if kind not in KINDS:
        raise UserError(
            f"This is no detector that can be run: its model_type is {str(kind)[:60]!r}.",
            where=str(file),
            remedy=f"Known: {', '.join(KINDS)}.",
        )
    require_bounded(said, file)
    _require_own_backbone(said, file)
    before = read_json(folder / PREPROCESSOR_FILE, needed=False)
    require_bounded(before, folder / PREPROCESSOR_FILE)
    mean, std = _shift_and_scale(before, folder / PREPROCESSOR_FILE)
    return DetectorConfig(
        str(kind), _person_class(said, file), _size(before, folder / PREPROCESSOR_FILE), mean, std
    )


def _require_own_backbone(said: Mapping[str, Any], file: Path) -> None:
    """`transformers` would look a backbone up on the Hub that is there by name alone."""
    if said.get("backbone") is not None and not isinstance(said.get("backbone_config"), dict):
        raise UserError(
            "This detector's description names a backbone and does not describe it.",
            where=str(file),
            remedy="Take a newer one, whose config.json has a backbone_config.",
        )


def _person_class(said: Mapping[str, Any], file: Path) -> int:
    found = said.get("id2label")
    names: dict[str, Any] = found if isinstance(found, dict) else {}
    for number, name in names.items():
        if isinstance(name, str) and name.strip().lower() == PERSON:
            place = int(number) if number.isdecimal() and len(number) <= _DIGITS else len(names)
            if place < len(names):
                return place
    raise UserError(
        f"This detector has no class called {PERSON!r}, so it finds no people.", where=str(file)
    )


def _size(before: Mapping[str, Any], file: Path) -> tuple[int, int]:
    size = before.get("size", {"width": 640, "height": 640})
    sides = (size.get("width"), size.get("height")) if isinstance(size, dict) else (None, None)
    for side in sides:
        if not isinstance(side, int) or not 32 <= side <= LARGEST_SIDE_PX:
            raise UserError(
                f"size is {str(size)[:60]}, not width and height of 32 to {LARGEST_SIDE_PX}.",
                where=str(file),
            )
    width, height = sides
    assert isinstance(width, int)
    assert isinstance(height, int)
    return width, height


def _shift_and_scale(before: Mapping[str, Any], file: Path) -> tuple[Three, Three]:
    """Mean and standard deviation of 0..255, from what the Hub's processor does."""
    factor = before.get("rescale_factor", 1 / 255) if before.get("do_rescale", True) else 1.0
    shift: Any = (0.0, 0.0, 0.0)
    spread: Any = (1.0, 1.0, 1.0)
    if before.get("do_normalize", False):
        shift, spread = before.get("image_mean"), before.get("image_std")
    try:
        mean, std = (tuple(float(n) / float(factor) for n in each) for each in (shift, spread))
        if len(mean) == len(std) == 3 and min(std) > 0 and all(map(math.isfinite, mean + std)):
            return (mean[0], mean[1], mean[2]), (std[0], std[1], std[2])
    except (TypeError, ValueError, ZeroDivisionError):
        pass
    raise UserError(
        "rescale_factor, image_mean and image_std are no factor and three numbers each.",
        where=str(file),
    )
