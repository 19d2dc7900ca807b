import doctest

import pytest
import torch

from core.models.heatmap_codec import HeatmapCodec
from core.models.metamodel import PoseOutput
from core.training import losses
from core.training.losses import (
    HEAT_LOSSES,
    IGNORED,
    flag_cross_entropy,
    flag_weights,
    heat_cross_entropy,
    heat_mse,
    pose_loss,
)

CODEC = HeatmapCodec((40, 48), (10, 12), sigma_px=1.0)
WEIGHTS = torch.tensor([1.61, 7.85, 1.0])


def maps(*places: tuple[float, float]) -> torch.Tensor:
    return CODEC.encode(torch.tensor([places]))


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(losses).failed == 0


def test_class_weights_are_those_worked_out_by_hand_from_cocos_shares():
    # v = 0, 1, 2 in COCO train2017: 35.5, 7.3, 57.2 per cent.
    weights = flag_weights((904_538, 185_442, 1_456_841))
    assert [round(weight, 2) for weight in weights] == [1.61, 7.86, 1.0]


def test_a_class_that_never_occurs_weighs_nothing():
    assert flag_weights((4, 0, 8)) == (2.0, 0.0, 1.0)


def test_the_flag_loss_is_the_weighted_mean_worked_out_by_hand():
    # p of the label: 0.5 for a VISIBLE, 0.25 for an OCCLUDED; the third is not to be learned from.
    logits = torch.tensor([[[0.25, 0.25, 0.5], [0.25, 0.25, 0.5], [0.0, 0.0, 1.0]]]).log()
    flags = torch.tensor([[2, 1, IGNORED]])
    expected = (1.0 * 0.693147 + 7.85 * 1.386294) / 8.85
    assert float(flag_cross_entropy(logits, flags, WEIGHTS)) == pytest.approx(expected, abs=1e-5)


def test_without_a_single_known_flag_the_flag_loss_is_zero_and_still_differentiable():
    logits = torch.zeros(1, 2, 3, requires_grad=True)
    loss = flag_cross_entropy(logits, torch.full((1, 2), IGNORED), WEIGHTS)
    loss.backward()
    assert float(loss.detach()) == 0.0
    assert logits.grad is not None
    assert not logits.grad.any()


@pytest.mark.parametrize("name", sorted(HEAT_LOSSES))
def test_the_right_map_costs_least_and_a_keypoint_without_place_nothing(name):
    target = maps((20, 24), (12, 30))
    right = (target.clamp_min(1e-12)).log()
    wrong = right.roll(3, dims=-1)
    both, first = torch.tensor([[True, True]]), torch.tensor([[True, False]])
    loss = HEAT_LOSSES[name]
    assert loss(right, target, both, CODEC) < loss(wrong, target, both, CODEC)
    half_wrong = torch.stack([right[:, 0], wrong[:, 1]], dim=1)
    torch.testing.assert_close(
        loss(half_wrong, target, first, CODEC), loss(right, target, first, CODEC)
    )
    assert float(loss(wrong, target, torch.zeros_like(both), CODEC)) == 0.0


def test_an_empty_map_costs_one_by_the_squared_error():
    target = maps((20, 24))
    nowhere = torch.full_like(target, -1e4)
    nowhere[..., 0, 0] = 0  # all the mass in one far corner: its own square comes on top
    corner = CODEC.gaussian_mass**2 / (torch.pi * CODEC.sigma_px**2)
    loss = heat_mse(nowhere, target, torch.tensor([[True]]), CODEC)
    assert float(loss) == pytest.approx(1 + corner, rel=0.01)


def test_cross_entropy_of_a_flat_map_is_the_log_of_its_pixels():
    target = maps((20, 24))
    loss = heat_cross_entropy(torch.zeros_like(target), target, torch.tensor([[True]]), CODEC)
    assert float(loss) == pytest.approx(float(torch.tensor(120.0).log()))


def test_alpha_weighs_the_two_answers():
    output = PoseOutput(torch.zeros(1, 1, 12, 10), torch.zeros(1, 1, 3))
    parts = pose_loss(
        output,
        maps((20, 24)),
        torch.tensor([[True]]),
        torch.tensor([[2]]),
        codec=CODEC,
        heat=heat_cross_entropy,
        alpha=0.25,
        weights=WEIGHTS,
    )
    assert float(parts["loss"]) == pytest.approx(
        0.75 * float(parts["heat"]) + 0.25 * float(parts["flag"])
    )
