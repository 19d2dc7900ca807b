"""What a plain pose network is built from. No torch."""

from dataclasses import dataclass, field

from core.models.bases.config import BaseConfig


@dataclass(frozen=True)
class PlainConfig:
    """A base; with a SimCC codec, SimCC's two layers on its maps."""

    base: BaseConfig = field(default_factory=BaseConfig)
