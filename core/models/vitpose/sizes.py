"""The published ViTPose networks by name, and where the Hub has their weights. No torch."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.models.codecs.config import HeatmapConfig
from core.models.model_config import ModelConfig
from core.models.vitpose.config import VitposeConfig

CROP_SIZE_WH_PX = (192, 256)
EXPERTS = 6  # of ViTPose++, one for each data set it was trained on
_WIDTHS = {"small": (384, 12, 12), "base": (768, 12, 12), "large": (1024, 24, 16),
           "huge": (1280, 32, 16)}  # hidden, layers, heads  # fmt: skip


@dataclass(frozen=True)
class PublishedVitpose:
    """One of them.

    Attributes:
        hub: its name on the Hub; empty where only files of other layouts are public.
    """

    model: ModelConfig
    hub: str


def vitpose_model(
    network: VitposeConfig,
    crop_size_wh_px: tuple[int, int] = CROP_SIZE_WH_PX,
    *,
    blur_sigma_px: float = 0.0,
) -> ModelConfig:
    """A ViTPose with the preprocessing and the decoding of its authors' code.

    Crops and maps lie on each other as UDP has it (Huang et al. 2020), peaks are read by DARK
    (Zhang et al. 2020).

    Args:
        blur_sigma_px: of the blur before DARK; 0: the 2 pixels of the authors' code.
    """
    maps = HeatmapConfig(
        network.map_size_wh_px(crop_size_wh_px), refine="dark", blur_sigma_px=blur_sigma_px
    )
    return ModelConfig("vitpose", network, maps, crop_size_wh_px=crop_size_wh_px, alignment="udp")


def _published(
    size: str, hub: str, *, decoder: str = "classic", experts: int = 1
) -> PublishedVitpose:
    hidden, layers, heads = _WIDTHS[size]
    network = VitposeConfig(
        hidden=hidden,
        layers=layers,
        heads=heads,
        decoder=decoder,
        experts=experts,
        part_features=hidden // 4,
    )
    return PublishedVitpose(vitpose_model(network), hub)


VITPOSES: Mapping[str, PublishedVitpose] = {
    "vitpose_small": _published("small", ""),
    "vitpose_base": _published("base", "usyd-community/vitpose-base"),
    "vitpose_base_simple": _published(
        "base", "usyd-community/vitpose-base-simple", decoder="simple"
    ),
    "vitpose_large": _published("large", ""),
    "vitpose_huge": _published("huge", ""),
    **{
        f"vitpose_plus_{size}": _published(
            size, f"usyd-community/vitpose-plus-{size}", experts=EXPERTS
        )
        for size in _WIDTHS
    },
}
