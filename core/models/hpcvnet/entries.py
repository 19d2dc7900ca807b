"""Networks of paper 004 in the catalogue, prepared as the base each stands on. No torch."""

from collections.abc import Mapping
from dataclasses import replace

from core.models.bases.config import BaseConfig
from core.models.entry import TINY_CROP_WH_PX, TINY_MAPS, Entry
from core.models.hpcvnet.config import HpcvnetConfig
from core.models.model_config import ModelConfig
from core.models.plain.entries import PLAIN_ENTRIES

SOURCE = "Paper 004 (Jiang et al.)"
WHAT = "How near each place of a trained network is, and which keypoints are there at all"


def _hpcvnet(plain: str) -> Entry:
    """On a plain network of the catalogue, whose trained weights it needs."""
    base = PLAIN_ENTRIES[plain]
    network = HpcvnetConfig(BaseConfig(plain))
    return Entry(
        replace(base.model, family="hpcvnet", network=network),
        WHAT + ".",
        SOURCE,
        f"of the base, as {plain}: {base.weights}; of the rating, none published",
    )


HPCVNET_ENTRIES: Mapping[str, Entry] = {
    "hpcvnet_r50": _hpcvnet("sbl_r50"),
    "hpcvnet_hrnet_w32": _hpcvnet("hrnet_w32"),
    "hpcvnet_hourglass": _hpcvnet("hourglass"),
    "hpcvnet_tiny": Entry(
        ModelConfig(
            "hpcvnet",
            HpcvnetConfig(BaseConfig("tiny"), reduced=32, widths=(32, 64, 128), hidden=256),
            TINY_MAPS,
            crop_size_wh_px=TINY_CROP_WH_PX,
        ),
        f"{WHAT}; for CPUs.",
        f"{SOURCE}, made small",
        "of the base, those of metamodel_tiny; of the rating, none published",
    ),
}
