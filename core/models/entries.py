"""The catalogue: every network by name, with what papers say of it. No torch, so lists are cheap."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import UserError
from core.models.bases.config import BaseConfig
from core.models.codecs.config import HeatmapConfig
from core.models.metamodel.config import MetamodelConfig
from core.models.model_config import ModelConfig


@dataclass(frozen=True)
class Entry:
    """One network of the catalogue.

    Attributes:
        what: what it predicts, one sentence for lists.
        source: paper and the like, in words.
        weights: where weights can come from, in words.
    """

    model: ModelConfig
    what: str
    source: str
    weights: str


TINY_MAPS = HeatmapConfig((40, 48), activation="softmax", refine="newton")

ENTRIES: Mapping[str, Entry] = {
    "metamodel_tiny": Entry(
        ModelConfig(
            "metamodel",
            MetamodelConfig(
                BaseConfig("tiny"), bottleneck=64, reduced=32, hidden=(256,), dropout=0.2
            ),
            TINY_MAPS,
            crop_size_wh_px=(160, 192),
        ),
        "Places and ternary flags; trains on two CPU cores in an hour.",
        "Paper 000 (Guesdon et al. 2022), made small",
        "ships with the program",
    ),
}


def model_of(name: str) -> ModelConfig:
    """The config of an entry.

    Raises:
        UserError: no entry of that name; names the known ones.
    """
    entry = ENTRIES.get(name)
    if entry is None:
        raise UserError(
            f"There is no network called {name!r}.",
            remedy=f"Known networks: {', '.join(sorted(ENTRIES))}.",
        )
    return entry.model
