import copy
from dataclasses import replace

import pytest
import torch

from core.errors import UserError
from core.models.bases.config import BaseConfig
from core.models.catalog import build_model
from core.models.codecs.config import HeatmapConfig, SimccConfig
from core.models.hpcvnet.config import HpcvnetConfig
from core.models.model_config import ModelConfig

SMALL = ModelConfig(
    "hpcvnet",
    HpcvnetConfig(BaseConfig("tiny", width=0.1), bins=5, reduced=4, widths=(4, 4), hidden=8),
    HeatmapConfig((16, 16), activation="softmax", refine="newton"),
    crop_size_wh_px=(64, 64),
)


def a_network(**fields):
    torch.manual_seed(0)
    return build_model(replace(SMALL, network=replace(SMALL.network, **fields)))


def crops(count=3):
    return torch.randn(count, 3, 64, 64)


@pytest.mark.parametrize(
    ("rating", "bins"),
    [("distribution", 5), ("regression", 1), ("soft_bce", 1), ("expected_oks", 1)],
)
def test_it_says_places_presence_and_similarity(rating, bins) -> None:
    output = a_network(rating=rating).eval()(crops())
    assert output.places.shape == (3, 17, 16, 16)
    assert output.presence_logits.shape == (3, 17)
    assert output.similarity_logits.shape == (3, 17, bins)
    assert output.flag_logits is None
    assert output.visible_logits is None


@pytest.mark.parametrize("base", ["sbl_r50", "hrnet_w32", "hourglass"])
def test_it_stands_on_the_posters_bases(base) -> None:
    network = a_network(base=BaseConfig(base, width=0.05)).eval()
    output = network(crops(1))
    assert output.similarity_logits.shape == (1, 17, 5)


def test_checkpoints_have_these_names() -> None:
    assert {name.split(".")[0] for name in a_network().state_dict()} == {"base", "rating"}


def test_nothing_goes_back_into_the_base() -> None:
    network = a_network()
    output = network(crops())
    (output.similarity_logits.sum() + output.presence_logits.sum()).backward()
    assert not output.places.requires_grad
    assert [name for name, p in network.named_parameters() if p.requires_grad] == [
        f"rating.{name}" for name, _ in network.rating.named_parameters()
    ]
    assert all(p.grad is None for p in network.base.parameters())
    assert all(p.grad is not None for p in network.rating.parameters())


@torch.inference_mode()
def test_the_rating_reads_maps_of_height_1_whatever_the_targets_height() -> None:
    seen = []
    for height in (1.0, 255.0):
        config = replace(SMALL, codec=HeatmapConfig((16, 16), height=height))
        torch.manual_seed(0)
        network = build_model(config).eval()
        network.base.head.to_maps.weight.mul_(height)
        network.base.head.to_maps.bias.mul_(height)
        torch.manual_seed(1)
        seen.append(network(crops()).similarity_logits)
    torch.testing.assert_close(*seen)


def test_the_base_gets_no_gradient_even_if_somebody_asks_for_it() -> None:
    network = a_network().requires_grad_(True)
    network(crops()).similarity_logits.sum().backward()
    assert all(p.grad is None for p in network.base.parameters())


@pytest.mark.parametrize("rating", ["distribution", "expected_oks"])
def test_training_leaves_the_base_bit_for_bit_as_it_was(rating) -> None:
    network = a_network(rating=rating)
    before = copy.deepcopy(network.state_dict())
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.1, weight_decay=0.1)
    for _ in range(3):
        network.train()
        output = network(crops())
        loss = output.similarity_logits.square().mean() + output.presence_logits.square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    changed = {
        n.split(".")[0] for n, now in network.state_dict().items() if (now != before[n]).any()
    }
    assert changed == {"rating"}


def test_the_base_is_in_eval_mode_in_training_and_from_the_beginning() -> None:
    network = a_network()
    for mode in (None, True, False, True):
        if mode is not None:
            network.train(mode)
        assert network.rating.training is (mode is not False)
        assert not any(module.training for module in network.base.modules())


def test_a_codec_without_heat_maps_is_refused() -> None:
    with pytest.raises(UserError, match="HPCVNet reads heat maps, and a codec of kind 'simcc' has"):
        build_model(replace(SMALL, codec=SimccConfig()))
