"""Metamodels of the catalogue, on bases prepared as their public weights were. No torch."""

from collections.abc import Mapping
from dataclasses import replace

from core.models.bases.config import BaseConfig
from core.models.entry import TINY_CROP_WH_PX, TINY_MAPS, Entry
from core.models.metamodel.config import MetamodelConfig
from core.models.model_config import ModelConfig
from core.models.plain.entries import PLAIN_ENTRIES

PLACES_AND_FLAGS = "Places and ternary flags."
# 71.2 - 34.0 = 37.2 M and 104.6 - 56.9 = 47.7 M, for features of 2048x8x6 in both networks.
NO_SIZES = (
    "It gives neither the bottleneck's width nor the reduced channels, and none fit all of its "
    "rows: its figures leave the branch 37.2 M on ResNet-50 and 47.7 M on MSPN, whose features are "
    "of the same size."
)


def _on(plain: str, source: str, counted: str) -> Entry:
    """The branch at its paper's sizes on the base of a plain network.

    Args:
        plain: name of that network.
        source: base and paper.
        counted: parameters by the paper, in millions.
    """
    model = PLAIN_ENTRIES[plain].model
    network = MetamodelConfig(BaseConfig(plain))
    return Entry(
        replace(model, family="metamodel", network=network),
        PLACES_AND_FLAGS,
        f"Paper 000 (Guesdon et al. 2022) on {source}",
        f"none published; begin with {plain} and train the flags",
        note=f"The paper counts {counted} M parameters. {NO_SIZES}",
    )


METAMODEL_ENTRIES: Mapping[str, Entry] = {
    "metamodel_tiny": Entry(
        ModelConfig(
            "metamodel",
            MetamodelConfig(
                BaseConfig("tiny"), bottleneck=64, reduced=32, hidden=(256,), dropout=0.2
            ),
            TINY_MAPS,
            crop_size_wh_px=TINY_CROP_WH_PX,
        ),
        "Places and ternary flags; trains on two CPU cores in an hour.",
        "Paper 000 (Guesdon et al. 2022), made small",
        "ships with the program",
    ),
    "metamodel_sbl_r50": _on("sbl_r50", "SimpleBaseline with ResNet-50", "71.2"),
    "metamodel_efficientnet_b0": _on("sbl_efficientnet_b0", "EfficientNet-B0", "55.6"),
    "metamodel_efficientnet_b6": _on("sbl_efficientnet_b6", "EfficientNet-B6", "95.5"),
    "metamodel_mspn2": _on("mspn2", "MSPN of two stages", "104.6"),
}
