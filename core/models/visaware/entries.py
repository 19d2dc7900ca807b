"""Visibility-aware networks of the catalogue, on bases as public weights want them. No torch."""

from collections.abc import Mapping
from dataclasses import replace

from core.models.bases.config import BaseConfig
from core.models.entry import TINY_CROP_WH_PX, TINY_MAPS, Entry
from core.models.model_config import ModelConfig
from core.models.plain.config import PlainConfig
from core.models.plain.entries import PLAIN_ENTRIES
from core.models.visaware.config import VisawareConfig

PLACES_AND_VISIBLE = "Places and p(visible); hidden keypoints are worked out from visible ones."


def _on(plain: str, source: str) -> Entry:
    """VisNet and reasoning on the base of a plain network, with its codec and SimCC layers."""
    model = PLAIN_ENTRIES[plain].model
    assert isinstance(model.network, PlainConfig)
    return Entry(
        replace(model, family="visaware", network=VisawareConfig(model.network.base)),
        PLACES_AND_VISIBLE,
        f"Paper 001 (Sun et al. 2024) on {source}",
        f"none published; begin with {plain} and train on",
        note="The paper gives neither VisNet's nor the transformer's sizes; these are of code that "
        "is public under its name.",
    )


VISAWARE_ENTRIES: Mapping[str, Entry] = {
    "visaware_tiny": Entry(
        ModelConfig(
            "visaware",
            VisawareConfig(BaseConfig("tiny"), width=96, blocks=2, heads=4, keypoint_vectors=True),
            TINY_MAPS,
            crop_size_wh_px=TINY_CROP_WH_PX,
        ),
        f"{PLACES_AND_VISIBLE} Trains on two CPU cores.",
        "Paper 001 (Sun et al. 2024), made small",
        "none shipped; train your own",
    ),
    "visaware_simcc_r50": _on("simcc_r50", "SimCC with ResNet-50"),
    "visaware_simcc_hrnet_w32": _on("simcc_hrnet_w32", "SimCC with HRNet-W32"),
    "visaware_heatmap_r50": _on("sbl_r50", "SimpleBaseline with ResNet-50"),
    "visaware_heatmap_hrnet_w32": _on("hrnet_w32", "HRNet-W32"),
}
