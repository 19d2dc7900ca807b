"""Learning rates over the epochs of a stage. Pure functions, no torch."""

import math
from collections.abc import Callable, Mapping, Sequence

from core.training.config import LoopConfig

# Of epochs done (fractions count), the loop, and the mean losses of every whole epoch so far.
Schedule = Callable[[float, LoopConfig, Sequence[Mapping[str, float]]], float]


def learning_rate(
    epochs_done: float, config: LoopConfig, history: Sequence[Mapping[str, float]] = ()
) -> float:
    """The rate at a moment: a linear warm-up, then what the config's schedule says."""
    if epochs_done < config.warmup_epochs:
        return config.learning_rate * (epochs_done + 0.01) / (config.warmup_epochs + 0.01)
    return config.learning_rate * SCHEDULES[config.schedule](epochs_done, config, history)


def cosine(epochs_done: float, config: LoopConfig, history: Sequence[Mapping[str, float]]) -> float:
    """From 1 after the warm-up down to 0.01 at the end."""
    left = (epochs_done - config.warmup_epochs) / max(config.epochs - config.warmup_epochs, 1e-6)
    return 0.01 + 0.99 * (1 + math.cos(math.pi * min(left, 1.0))) / 2


def steps(epochs_done: float, config: LoopConfig, history: Sequence[Mapping[str, float]]) -> float:
    """1, times `factor` from every milestone on.

    >>> loop = LoopConfig(epochs=140, milestones=(90, 120), factor=0.1)
    >>> [round(steps(done, loop, ()), 6) for done in (0, 89.9, 90, 120)]
    [1.0, 1.0, 0.1, 0.01]
    """
    passed = sum(epochs_done >= start for start in config.milestones)
    return float(config.factor**passed)


def plateau(
    epochs_done: float, config: LoopConfig, history: Sequence[Mapping[str, float]]
) -> float:
    """1, times `factor` whenever `patience_epochs` passed without a new lowest loss.

    Deviation from paper 002, which waits for a new best AP on the validation set: the mean loss of
    the training epochs decides here, so that a resumed run needs nothing beside its history.

    >>> loop = LoopConfig(factor=0.5, patience_epochs=2)
    >>> plateau(5, loop, [{"loss": loss} for loss in (3, 1, 2, 2, 0.5)])
    0.5
    """
    best, waited, found = math.inf, 0, 1.0
    for losses in history:
        waited += 1
        if losses["loss"] < best:
            best, waited = losses["loss"], 0
        elif waited == config.patience_epochs:
            found, waited = found * config.factor, 0
    return found


SCHEDULES: Mapping[str, Schedule] = {
    "cosine": cosine,
    "steps": steps,
    "plateau": plateau,
}
