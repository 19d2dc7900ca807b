import doctest

import pytest

from core.training import schedules
from core.training.config import LoopConfig
from core.training.schedules import learning_rate


def rates(config, moments, history=()):
    return [learning_rate(epochs_done, config, history) for epochs_done in moments]


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(schedules).failed == 0


def test_the_rate_warms_up_then_falls_to_a_hundredth():
    config = LoopConfig(epochs=10, learning_rate=1.0, warmup_epochs=2)
    wanted = [0.005, 0.5025, 1.0, 0.505, 0.01, 0.01]
    assert rates(config, (0, 1, 2, 6, 10, 11)) == pytest.approx(wanted, abs=1e-3)


def test_steps_of_paper_000_begin_at_epochs_90_and_120():
    config = LoopConfig(
        epochs=140, schedule="steps", learning_rate=1e-3, warmup_epochs=0, milestones=(90, 120)
    )
    wanted = [1e-3, 1e-3, 1e-4, 1e-4, 1e-5, 1e-5]
    assert rates(config, (0, 89.99, 90, 119.99, 120, 139.99)) == pytest.approx(wanted)


def test_a_plateau_halves_the_rate_each_time_the_patience_is_over():
    config = LoopConfig(
        schedule="plateau", learning_rate=1.0, warmup_epochs=0, factor=0.5, patience_epochs=3
    )
    losses = [5, 4, 4.5, 4.1, 4, 4, 4, 4, 3, 3, 3]
    found = [
        learning_rate(done, config, [{"loss": loss} for loss in losses[:done]])
        for done in range(len(losses) + 1)
    ]
    # 4 is the lowest after the second epoch; three more bring none lower, and three more again.
    assert found == [1.0] * 5 + [0.5] * 3 + [0.25] * 4
