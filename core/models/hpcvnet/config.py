"""What an HPCVNet is built from. No torch."""

from dataclasses import dataclass, field

from core.models.bases.config import BaseConfig
from core.models.fields import choice, whole, wholes


@dataclass(frozen=True)
class HpcvnetConfig:
    """A base that is trained already and stays as it is, and a net that rates what it says.

    The poster of paper 004 names two branches and no layer: every size here is ours. The net reads
    heat maps, so the codec has to be one of heat maps.
    """

    base: BaseConfig = field(default_factory=BaseConfig)
    # How similarity is expected: of core.models.hpcvnet.rating.RATINGS, and the loss of that name.
    rating: str = choice(
        "distribution", "distribution", "regression", "soft_bce", "expected_oks"
    )  # fmt: skip
    bins: int = whole(21, 2, 201)  # of the distribution: values 0, 0.05, .. 1
    reduced: int = whole(128, 4, 1024)  # channels the features are brought down to
    widths: tuple[int, ...] = wholes(
        (64, 128, 256), 4, 1024, counts=range(1, 6)
    )  # each half as fine
    hidden: int = whole(512, 8, 8192)  # units before the last layers
