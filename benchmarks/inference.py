"""How fast networks answer, beside transformers' ViTPose and beside their own bases.

Two ways are timed in turns in one process, so that what else the machine does meets both; what
counts is their ratio. `python benchmarks/inference.py [--quick] [--threads N]`.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Timed:
    """Seconds of one way, each round.

    Attributes:
        name: of the way.
        seconds: in the order of the rounds.
    """

    name: str
    seconds: tuple[float, ...]

    @property
    def median_s(self) -> float:
        """The middle one."""
        return float(np.median(self.seconds))


def in_turns(ways: Sequence[tuple[str, Callable[[], object]]], rounds: int) -> list[Timed]:
    """Time every way once in each round, after one round that does not count."""
    taken: list[list[float]] = [[] for _ in ways]
    for number in range(rounds + 1):
        for place, (_, way) in enumerate(ways):
            started = time.perf_counter()
            way()
            if number:
                taken[place].append(time.perf_counter() - started)
    return [Timed(name, tuple(each)) for (name, _), each in zip(ways, taken, strict=True)]
