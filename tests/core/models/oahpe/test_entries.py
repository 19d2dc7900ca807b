from dataclasses import replace

import pytest

from core.models.catalog import sketch_model
from core.models.entries import ENTRIES, model_of
from core.models.oahpe.entries import OAHPE_ENTRIES


def parameters(name: str) -> dict[str, int]:
    parts = sketch_model(model_of(name)).named_children()
    return {part: sum(p.numel() for p in module.parameters()) for part, module in parts}


@pytest.mark.parametrize(
    ("name", "base", "presence", "similarity"),
    [
        ("oahpe_r50", 27_010_538, 9_457_169, None),
        ("oahpe_r101_ksnet", 46_002_666, 9_457_169, 12_812_753),
        ("oahpe_tiny", 1_764_169, 152_401, 355_649),
    ],
)
def test_networks_are_as_large_as_their_parts(name, base, presence, similarity) -> None:
    wanted = {"base": base, "presence_branch": presence, "similarity_net": similarity}
    assert parameters(name) == {part: count for part, count in wanted.items() if count}


def test_the_tiny_one_is_small() -> None:
    assert sum(parameters("oahpe_tiny").values()) <= 2_500_000


@pytest.mark.parametrize("name", [name for name in OAHPE_ENTRIES if name != "oahpe_tiny"])
def test_they_are_prepared_as_the_cpn_they_stand_on(name) -> None:
    cpn = model_of("cpn_r101")
    assert replace(model_of(name), family="plain", network=cpn.network) == cpn
    assert model_of(name).crop_size_wh_px == (288, 384)


def test_the_catalogue_has_them_all() -> None:
    assert {name: ENTRIES[name] for name in OAHPE_ENTRIES} == OAHPE_ENTRIES
    assert set(OAHPE_ENTRIES) == {
        "oahpe_r50", "oahpe_r101", "oahpe_r50_ksnet", "oahpe_r101_ksnet", "oahpe_tiny",
    }  # fmt: skip
