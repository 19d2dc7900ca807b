from dataclasses import replace

import pytest

from core.models.catalog import sketch_model
from core.models.entries import ENTRIES, model_of
from core.models.hpcvnet.entries import HPCVNET_ENTRIES


def parameters(name: str) -> dict[str, int]:
    parts = sketch_model(model_of(name)).named_children()
    return {part: sum(p.numel() for p in module.parameters()) for part, module in parts}


@pytest.mark.parametrize(
    ("name", "base", "rating"),
    [
        ("hpcvnet_r50", 33_999_697, 1_873_782),
        ("hpcvnet_hrnet_w32", 28_536_113, 1_644_406),
        ("hpcvnet_tiny", 1_764_169, 454_710),
    ],
)
def test_the_rating_is_small_beside_its_base(name, base, rating) -> None:
    assert parameters(name) == {"base": base, "rating": rating}


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("hpcvnet_r50", "sbl_r50"),
        ("hpcvnet_hrnet_w32", "hrnet_w32"),
        ("hpcvnet_hourglass", "hourglass"),
        ("hpcvnet_tiny", "metamodel_tiny"),
    ],
)
def test_they_take_weights_and_preparation_of_their_base(name, base) -> None:
    ours, theirs = model_of(name), model_of(base)
    assert replace(ours, family=theirs.family, network=theirs.network) == theirs
    assert ours.network.base == theirs.network.base


def test_the_catalogue_has_them_all() -> None:
    assert {name: ENTRIES[name] for name in HPCVNET_ENTRIES} == HPCVNET_ENTRIES
