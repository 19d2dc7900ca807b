"""What an OA-HPE net is built from. No torch."""

from dataclasses import dataclass, field

from core.models.bases.config import BaseConfig
from core.models.fields import choice, whole, wholes


@dataclass(frozen=True)
class OahpeConfig:
    """A pyramid base, a presence branch on its last features, and KS-net on its heat maps.

    Paper 003 gives the layers of 1024; how wide C5 is made before them it leaves open. KS-net reads
    heat maps, so the codec has to be one of heat maps.
    """

    base: BaseConfig = field(default_factory=lambda: BaseConfig("cpn_r101"))
    reduced: int = whole(256, 4, 4096)  # channels of the 1x1 convolution on C5
    hidden: tuple[int, ...] = wholes((1024, 1024), 8, 16384, counts=range(1, 6))
    # KS-net: of core.models.oahpe.similarity_net.SIMILARITY_NETS.
    similarity_net: str = choice("none", "none", "resnet18", "tiny")
    similarity_hidden: tuple[int, ...] = wholes((1024, 1024), 8, 16384, counts=range(1, 6))
