from dataclasses import replace

import pytest
import torch

from core.errors import UserError
from core.models.bases.config import BaseConfig
from core.models.catalog import build_model
from core.models.codecs.config import HeatmapConfig, SimccConfig
from core.models.model_config import ModelConfig
from core.models.oahpe.config import OahpeConfig

BASE = BaseConfig("tiny", width=0.1)
SMALL = ModelConfig(
    "oahpe",
    OahpeConfig(BASE, reduced=4, hidden=(8, 8), similarity_net="tiny", similarity_hidden=(8,)),
    HeatmapConfig((16, 16), activation="softmax", refine="newton"),
    crop_size_wh_px=(64, 64),
)


def a_network(config=SMALL):
    torch.manual_seed(0)
    return build_model(config)


def crops(count=2):
    return torch.randn(count, 3, 64, 64, generator=torch.Generator().manual_seed(1))


def gradients_of(part) -> list:
    return [parameter.grad for parameter in part.parameters()]


def test_it_says_places_presence_and_similarity() -> None:
    output = a_network().eval()(crops())
    assert output.places.shape == (2, 17, 16, 16)
    assert output.presence_logits.shape == (2, 17)
    assert output.similarity_logits.shape == (2, 17, 1)
    assert output.coarse == ()
    assert output.flag_logits is None
    assert output.visible_logits is None


def test_without_ks_net_it_says_no_similarity() -> None:
    config = replace(SMALL, network=replace(SMALL.network, similarity_net="none"))
    assert a_network(config).eval()(crops()).similarity_logits is None


def test_checkpoints_have_these_names() -> None:
    prefixes = {name.split(".")[0] for name in a_network().state_dict()}
    assert prefixes == {"base", "presence_branch", "similarity_net"}


def test_weights_without_ks_net_go_into_a_network_with_it() -> None:
    with_net = a_network()
    without = a_network(replace(SMALL, network=replace(SMALL.network, similarity_net="none")))
    missing, unexpected = with_net.load_state_dict(without.state_dict(), strict=False)
    assert unexpected == []
    assert {name.split(".")[0] for name in missing} == {"similarity_net"}


def test_presence_reaches_the_backbone() -> None:
    network = a_network()
    network(crops()).presence_logits.sum().backward()
    assert all(grad is not None for grad in gradients_of(network.base.backbone))
    assert all(grad is None for grad in gradients_of(network.base.head))
    assert all(grad is None for grad in gradients_of(network.similarity_net))


def test_ks_nets_loss_stays_in_ks_net() -> None:
    network = a_network()
    network(crops()).similarity_logits.sum().backward()
    assert all(grad is not None for grad in gradients_of(network.similarity_net))
    assert all(grad is None for grad in gradients_of(network.base))
    assert all(grad is None for grad in gradients_of(network.presence_branch))


@torch.inference_mode()
def test_ks_net_reads_maps_of_height_1_whatever_the_targets_height() -> None:
    seen = []
    for height in (1.0, 255.0):
        config = replace(SMALL, codec=HeatmapConfig((16, 16), height=height))
        network = a_network(config).eval()
        network.base.head.to_maps.weight.mul_(height)
        network.base.head.to_maps.bias.mul_(height)
        seen.append(network(crops()).similarity_logits)
    torch.testing.assert_close(*seen)


def test_a_codec_without_heat_maps_is_refused() -> None:
    with pytest.raises(UserError, match="OA-HPE reads heat maps, and a codec of kind 'simcc' has"):
        build_model(replace(SMALL, codec=SimccConfig()))


def test_a_pyramid_base_gives_its_coarse_maps_too() -> None:
    network = replace(SMALL.network, base=BaseConfig("cpn_r50", width=0.05))
    output = a_network(replace(SMALL, network=network)).eval()(crops(1))
    assert [maps.shape for maps in output.coarse] == [(1, 17, 16, 16)] * 4
