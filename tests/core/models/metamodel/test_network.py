from dataclasses import replace

import pytest
import torch

from core.errors import UserError
from core.models.bases.config import BaseConfig
from core.models.catalog import build_model
from core.models.codecs.config import SimccConfig
from core.models.entries import model_of
from core.models.outputs import PoseOutput
from core.training.trained_parts import freeze_all_but

TINY = model_of("metamodel_tiny")


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return build_model(TINY).eval()


@torch.inference_mode()
def test_the_network_answers_with_maps_and_three_numbers_per_keypoint(network):
    output = network(torch.zeros(2, 3, 192, 160))
    assert isinstance(output, PoseOutput)
    assert output.places.shape == (2, 17, 48, 40)
    assert output.flag_logits.shape == (2, 17, 3)
    torch.testing.assert_close(output.flag_logits.softmax(-1).sum(-1), torch.ones(2, 17))


@torch.inference_mode()
def test_flags_are_laid_out_keypoint_first_then_class(network):
    last = network.flag_branch.classify[-1]
    last.weight.zero_()
    last.bias.copy_(torch.arange(51.0))
    logits = network.flag_branch(torch.zeros(1, 256, 6, 5))
    assert logits[0, 4].tolist() == [12.0, 13.0, 14.0]


def test_it_is_small(network):
    assert sum(parameter.numel() for parameter in network.parameters()) <= 2_500_000


def test_any_number_of_keypoints_can_be_asked_for():
    config = replace(TINY, keypoint_names=("nose", "tail"), edges=((0, 1),))
    output = build_model(config).eval()(torch.zeros(1, 3, 192, 160))
    assert output.places.shape == (1, 2, 48, 40)
    assert output.flag_logits.shape == (1, 2, 3)


def a_small_config():
    network = replace(TINY.network, base=BaseConfig("tiny", width=0.1), bottleneck=8, reduced=4)
    codec = replace(TINY.codec, size_wh_px=(16, 16))
    return replace(TINY, network=network, codec=codec, crop_size_wh_px=(64, 64))


def test_weights_have_the_names_that_checkpoints_and_stages_speak_of():
    names = build_model(a_small_config()).state_dict()
    assert {".".join(name.split(".")[:2]) for name in names} == {
        "base.backbone",
        "base.head",
        "flag_branch.bottleneck",
        "flag_branch.reduce",
        "flag_branch.classify",
    }


def test_the_maps_are_those_of_the_base_alone():
    torch.manual_seed(0)
    network, crops = build_model(a_small_config()).eval(), torch.randn(2, 3, 64, 64)
    torch.testing.assert_close(network(crops).places, network.base(crops).maps)


def test_a_branch_trained_alone_leaves_the_base_and_its_statistics_as_they_are():
    torch.manual_seed(0)
    network = build_model(a_small_config())
    before = {name: value.clone() for name, value in network.base.state_dict().items()}
    freeze_all_but(network, network.flag_branch)
    network.flag_branch.train()
    optimizer = torch.optim.SGD(network.flag_branch.parameters(), lr=1.0)
    network(torch.randn(4, 3, 64, 64)).flag_logits.square().sum().backward()
    optimizer.step()
    assert all(parameter.grad is None for parameter in network.base.parameters())
    assert all(parameter.grad is not None for parameter in network.flag_branch.parameters())
    for name, value in network.base.state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0)
    assert network.flag_branch.reduce[1].num_batches_tracked == 1


def test_a_codec_without_heat_maps_is_refused():
    with pytest.raises(UserError, match="a codec of kind 'simcc' has none"):
        build_model(replace(a_small_config(), codec=SimccConfig()))
