"""Networks of paper 003 in the catalogue, prepared as the CPN they stand on. No torch."""

from collections.abc import Mapping
from dataclasses import replace

from core.models.bases.config import BaseConfig
from core.models.entry import TINY_CROP_WH_PX, TINY_MAPS, Entry
from core.models.model_config import ModelConfig
from core.models.oahpe.config import OahpeConfig
from core.models.plain.entries import PLAIN_ENTRIES

SOURCE = "Paper 003 (Zhao et al. 2020)"
PLACES_PRESENCE = "Places, and which keypoints are there at all"


def _oahpe(base: str, *, similarity_net: str = "none") -> Entry:
    """At 384x288, as in the paper."""
    rated = similarity_net != "none"
    network = OahpeConfig(BaseConfig(base), similarity_net=similarity_net)
    return Entry(
        replace(PLAIN_ENTRIES["cpn_r101"].model, family="oahpe", network=network),
        f"{PLACES_PRESENCE}, and how near each place is (KS-net)."
        if rated
        else PLACES_PRESENCE + ".",
        SOURCE,
        "none published; train your own",
    )


OAHPE_ENTRIES: Mapping[str, Entry] = {
    "oahpe_r50": _oahpe("cpn_r50"),
    "oahpe_r101": _oahpe("cpn_r101"),
    "oahpe_r50_ksnet": _oahpe("cpn_r50", similarity_net="resnet18"),
    "oahpe_r101_ksnet": _oahpe("cpn_r101", similarity_net="resnet18"),
    "oahpe_tiny": Entry(
        ModelConfig(
            "oahpe",
            OahpeConfig(
                BaseConfig("tiny"),
                reduced=32,
                hidden=(256, 256),
                similarity_net="tiny",
                similarity_hidden=(128, 128),
            ),
            TINY_MAPS,
            crop_size_wh_px=TINY_CROP_WH_PX,
        ),
        f"{PLACES_PRESENCE}, and how near each place is; for CPUs.",
        f"{SOURCE}, made small",
        "none published; train your own",
    ),
}
