import doctest

import pytest

from core.training import loss_config
from core.training.loss_config import MetamodelLoss, alpha_at
from core.training.strategies import STRATEGIES


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(loss_config).failed == 0


def test_alpha_rises_by_a_tenth_at_the_first_epoch_of_every_block():
    raised = STRATEGIES["s3"].loss
    alphas = [raised.at_epoch(epoch).alpha for epoch in (0, 19, 20, 39, 40, 59, 60, 79)]
    assert alphas == pytest.approx([0, 0, 0.1, 0.1, 0.2, 0.2, 0.3, 0.3])


def test_alpha_stays_where_places_and_flags_are_trained_together():
    assert {STRATEGIES["s1"].loss.at_epoch(epoch).alpha for epoch in range(140)} == {0.25}


def test_alpha_may_start_above_zero_and_ends_at_one():
    assert alpha_at(0, start=0.1, step=0.1, block=20) == pytest.approx(0.1)
    assert alpha_at(1000, start=0.1, step=0.1, block=20) == 1.0


def test_the_loss_of_an_epoch_keeps_its_alpha():
    of_epoch = MetamodelLoss(alpha=0.0, alpha_step=0.1).at_epoch(25)
    assert of_epoch.at_epoch(60) == of_epoch


def test_only_the_third_strategy_leaves_the_base_as_it_is():
    assert {name: found.trained for name, found in STRATEGIES.items()} == {
        "s1": "network",
        "s2": "network",
        "s3": "flag_branch",
    }
    assert [found.epochs for found in STRATEGIES.values()] == [140, 80, 80]
    assert [found.needs_places for found in STRATEGIES.values()] == [False, True, True]
