"""Cards: what models there are, from their config files alone. No torch, so lists are cheap."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import UserError
from core.models.checkpoint_config import CONFIG_FILE, read_config, weights_file
from core.models.families import WHOLE_PICTURE

WEIGHTS_DIR = Path(__file__).resolve().parents[2] / "weights"  # what ships with the program


@dataclass(frozen=True)
class ModelCard:
    """One checkpoint as lists show it.

    Attributes:
        present: whether its weights are there.
        family: of `core.models.families.FAMILIES`; empty where its description cannot be read.
    """

    name: str
    what: str
    num_parameters: int
    keypoint_names: tuple[str, ...]
    input_size_wh_px: tuple[int, int]
    licence: str
    trained_on: str
    folder: Path
    present: bool
    family: str = ""

    @property
    def finds_people(self) -> bool:
        """Whether it looks at whole pictures and finds the people by itself."""
        return self.family in WHOLE_PICTURE


def read_card(folder: Path) -> ModelCard:
    """The card of one checkpoint folder.

    Raises:
        UserError: the folder is no checkpoint.
    """
    config = read_config(folder)
    return ModelCard(
        config.name,
        config.what,
        config.num_parameters,
        config.model.keypoint_names,
        config.model.crop_size_wh_px,
        config.licence,
        config.trained_on,
        folder,
        weights_file(folder, config) is not None,
        config.model.family,
    )


def list_cards(folders: Sequence[Path] = (WEIGHTS_DIR,)) -> list[ModelCard]:
    """The cards of every checkpoint folder inside `folders`, by name.

    A folder that cannot be read is listed as not present, with the reason in place of what it is.
    """
    found = {place.parent for folder in folders for place in folder.glob(f"*/{CONFIG_FILE}")}
    return sorted((_card_or_problem(folder) for folder in found), key=lambda card: card.name)


def _card_or_problem(folder: Path) -> ModelCard:
    try:
        return read_card(folder)
    except UserError as error:
        return ModelCard(folder.name, str(error), 0, (), (0, 0), "", "", folder, present=False)


def find_checkpoint(model: str, folders: Sequence[Path] = (WEIGHTS_DIR,)) -> Path:
    """The folder of a model, asked for by name or by its folder.

    Raises:
        UserError: neither; names the known models.
    """
    cards = list_cards(folders)
    for card in cards:
        if card.name == model:
            return card.folder
    if model and (Path(model) / CONFIG_FILE).is_file():
        return Path(model)
    known = ", ".join(card.name for card in cards) or "none"
    raise UserError(
        f"There is no model called {model!r}.",
        remedy=f"Known models: {known}. The folder of a checkpoint works as well.",
    )
