"""What a metamodel is built from. No torch."""

from dataclasses import dataclass, field

from core.models.bases.config import BaseConfig
from core.models.fields import number, whole, wholes


@dataclass(frozen=True)
class MetamodelConfig:
    """A base and its visibility branch.

    Paper 000 leaves the bottleneck's width and the reduced channels open; with these the branch on
    ResNet-50 at 256x192 comes within 1.3 % of the paper's parameters.
    """

    base: BaseConfig = field(default_factory=BaseConfig)
    bottleneck: int = whole(512, 8, 4096)  # channels inside the residual block
    reduced: int = whole(128, 4, 4096)  # channels before the fully connected layers
    hidden: tuple[int, ...] = wholes((4096, 2048, 1024), 8, 16384, counts=range(1, 6))
    dropout: float = number(0.0, 0.0, 0.9)  # before the last layer
