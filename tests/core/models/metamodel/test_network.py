from dataclasses import replace

import pytest
import torch

from core.models.catalog import build_model
from core.models.entries import model_of
from core.models.outputs import PoseOutput

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
