"""One network of the catalogue. No torch."""

from dataclasses import dataclass

from core.models.codecs.config import HeatmapConfig
from core.models.model_config import ModelConfig


@dataclass(frozen=True)
class Entry:
    """One network of the catalogue.

    Attributes:
        what: what it predicts, one sentence for lists.
        source: paper and the like, in words.
        weights: where weights can come from, in words.
        note: what a reader has to know who compares it with its paper; often empty.
    """

    model: ModelConfig
    what: str
    source: str
    weights: str
    note: str = ""


# Of the networks for two CPU cores.
TINY_CROP_WH_PX = (160, 192)
TINY_MAPS = HeatmapConfig((40, 48), activation="softmax", refine="newton")
