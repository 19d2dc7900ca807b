"""Which base, and how wide. No torch."""

from dataclasses import dataclass

from core.models.fields import choice, number

BASE_NAMES = (
    "tiny",
    "sbl_r50", "sbl_r101", "sbl_r152",
    "sbl_efficientnet_b0", "sbl_efficientnet_b6",
    "hrnet_w32", "hrnet_w48",
    "mspn2",
    "hourglass", "hourglass2",
    "cpn_r50", "cpn_r101",
)  # fmt: skip


@dataclass(frozen=True)
class BaseConfig:
    """A base of `core.models.bases.build.BASES`."""

    name: str = choice("sbl_r50", *BASE_NAMES)
    width: float = number(1.0, 0.05, 2.0)  # of every layer; below 1 only to try things out
