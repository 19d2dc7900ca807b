"""One network of the catalogue. No torch."""

from dataclasses import dataclass

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
