"""Ways of doing the same, timed in turns, so that what else a machine does meets all of them."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch

ROUNDS, SLOW_ROUNDS = 20, 7  # the second where one round takes longer than SLOW_S
SLOW_S = 10.0
TRIES = 3
CALM = 0.05  # a ratio whose quartiles are this near to each other, over its median, is believed

Way = Callable[[], object]


@dataclass(frozen=True)
class Compared:
    """What was timed.

    Attributes:
        median_s: of each way; the first is what the others are held against.
        ratio: of each other way to the first, within a round: quartile, median, quartile.
        rounds: how many, after one that did not count.
        tries: of how many this is the calmest.
        load: of the machine over the minute before the end.
    """

    median_s: dict[str, float]
    ratio: dict[str, tuple[float, float, float]]
    rounds: int
    tries: int
    load: float

    @property
    def scatter(self) -> float:
        """Distance of the quartiles of the wildest ratio, as a share of its median."""
        return max(((high - low) / mid for low, mid, high in self.ratio.values()), default=0.0)


def compared(
    ways: Mapping[str, Way], device: torch.device, *, rounds: int = ROUNDS, tries: int = TRIES
) -> Compared:
    """Time ways in turns; again, `tries` times at most, until their ratios are calm.

    Args:
        ways: by name; on a GPU what they started is waited for.
        rounds: fewer are taken where one takes longer than `SLOW_S`.
    """
    wait = torch.cuda.synchronize if device.type == "cuda" else _nothing
    best = None
    for number in range(1, tries + 1):
        found = _timed(ways, wait, rounds, number)
        best = found if best is None or found.scatter < best.scatter else best
        if best.scatter <= CALM:
            break
    assert best is not None
    return Compared(best.median_s, best.ratio, best.rounds, number, best.load)


def _timed(
    ways: Mapping[str, Way], wait: Callable[[], object], rounds: int, number: int
) -> Compared:
    warm_up_s = sum(_seconds(way, wait) for way in ways.values())
    rounds = min(rounds, SLOW_ROUNDS) if warm_up_s > SLOW_S else rounds
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds):
        # Every other round backwards: each comes as often first as last.
        for name in list(ways)[:: -1 if turn % 2 else 1]:
            taken[name].append(_seconds(ways[name], wait))
    first = np.array(next(iter(taken.values())))
    ratio = {
        name: tuple(float(q) for q in np.quantile(np.array(each) / first, (0.25, 0.5, 0.75)))
        for name, each in list(taken.items())[1:]
    }
    median_s = {name: float(np.median(each)) for name, each in taken.items()}
    return Compared(median_s, ratio, rounds, number, os.getloadavg()[0])  # type: ignore[arg-type]


def _seconds(way: Way, wait: Callable[[], object]) -> float:
    started = time.perf_counter()
    way()
    wait()
    return time.perf_counter() - started


def _nothing() -> None:
    """A CPU is done when it comes back."""
