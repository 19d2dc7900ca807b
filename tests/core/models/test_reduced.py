import pytest

from core.models.catalog import sketch_model
from core.models.config_bounds import model_problems as config_problems
from core.models.entries import model_of
from core.models.reduced import reduced


@pytest.mark.parametrize(
    "name",
    ["metamodel_mspn2", "visaware_simcc_r50", "oahpe_r50", "hpcvnet_hourglass", "hybridpose_s",
     "vitpose_plus_small"],
)  # fmt: skip
def test_a_network_of_every_family_can_be_made_small(name):
    size = (128, 128) if name == "hybridpose_s" else (64, 64)
    small = reduced(model_of(name), width=0.1, crop_size_wh_px=size)
    weights = sum(weight.numel() for weight in sketch_model(small).parameters())
    assert weights < 3_000_000
    assert small.family == model_of(name).family
    assert list(config_problems(small)) == []


def test_what_is_not_reduced_stays_as_it_is():
    for name in ("metamodel_tiny", "visaware_simcc_r50", "vitpose_base", "hybridpose_s"):
        assert reduced(model_of(name)) == model_of(name)


def test_maps_keep_their_share_of_the_crop_and_layers_their_number():
    small = reduced(model_of("metamodel_sbl_r50"), width=0.25, crop_size_wh_px=(96, 128))
    assert small.codec.size_wh_px == (24, 32)
    assert small.network.base.width == 0.25
    assert small.network.hidden == (1024, 512, 256)
    assert (small.network.bottleneck, small.network.reduced) == (128, 32)


def test_a_transformers_width_stays_a_multiple_of_its_heads():
    assert reduced(model_of("visaware_tiny"), width=0.2).network.width % 4 == 0
    assert reduced(model_of("vitpose_base"), width=0.11).network.hidden % 12 == 0
