import doctest
import math

import numpy as np
import pytest
import torch

from core.data.augment import LabelledPerson
from core.training import losses
from core.training.losses import (
    IGNORED,
    flag_counts,
    flag_cross_entropy,
    flag_weights,
    visible_cross_entropy,
)

WEIGHTS = torch.tensor([1.61, 7.85, 1.0])


def a_person(visibility: list[int], known: list[bool]) -> LabelledPerson:
    return LabelledPerson(
        np.zeros((4, 4, 3), np.uint8),
        np.array([0.0, 0.0, 4.0, 4.0]),
        np.zeros((len(visibility), 2)),
        np.array(visibility, dtype=np.int8),
        np.array(known),
    )


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(losses).failed == 0


def test_class_weights_are_those_worked_out_by_hand_from_cocos_shares():
    # v = 0, 1, 2 in COCO train2017: 35.5, 7.3, 57.2 per cent.
    weights = flag_weights((904_538, 185_442, 1_456_841))
    assert [round(weight, 2) for weight in weights] == [1.61, 7.86, 1.0]


def test_known_flags_whose_classes_weigh_nothing_cost_nothing():
    logits = torch.randn(2, 3, 3, requires_grad=True)
    flags = torch.tensor([[0, 0, IGNORED], [IGNORED, 0, 0]])
    loss = flag_cross_entropy(logits, flags, torch.tensor([0.0, 0.0, 1.0]))
    assert loss == 0
    loss.backward()
    assert (logits.grad == 0).all()


def test_a_class_that_never_occurs_weighs_nothing():
    assert flag_weights((4, 0, 8)) == (2.0, 0.0, 1.0)


def test_flags_are_counted_where_they_are_known():
    people = [
        a_person([0, 1, 2, 2], [True] * 4),
        a_person([0, 1, 2, 0], [False, True, True, True]),
    ]
    assert flag_counts(people) == (2, 2, 3)
    assert flag_counts([]) == (0, 0, 0)


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


def test_only_a_visible_keypoint_is_called_visible_and_an_unknown_flag_teaches_nothing():
    p = torch.tensor([[0.9, 0.2, 0.3, 0.6]])
    flags = torch.tensor([[2, 1, 0, IGNORED]])
    expected = -(math.log(0.9) + math.log(0.8) + math.log(0.7)) / 3
    assert float(visible_cross_entropy(p.logit(), flags)) == pytest.approx(expected, abs=1e-6)


def test_without_a_single_known_flag_nothing_is_learned_about_visibility():
    logits = torch.full((1, 2), math.inf, requires_grad=True)
    loss = visible_cross_entropy(logits, torch.full((1, 2), IGNORED))
    loss.backward()
    assert float(loss.detach()) == 0.0
