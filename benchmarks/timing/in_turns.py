"""Ways of doing the same, timed in turns, so that what else a machine does meets all of them."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

ROUNDS, SLOW_ROUNDS = 20, 7  # the second where one round takes longer than SLOW_S
SLOW_S = 10.0
TRIES, ENOUGH_S = 3, 120.0  # not another try after that time
CALM = 0.05  # a ratio whose quartiles are this near to each other, over its median, is believed

Way = Callable[[], object]


@dataclass(frozen=True)
class Compared:
    """What was timed.

    Attributes:
        median_s: of each way; the first is what the others are held against.
        ratio: of each other way to the first, within a round: quartile, median, quartile.
        cpu_ratio: of the processor time of all threads, median; what others do on the machine
            stretches it less. Says nothing of a GPU.
        rounds: how many, after one that did not count.
        tries: of how many this is the calmest.
        load: of the machine over the minute before the end.
    """

    median_s: dict[str, float]
    ratio: dict[str, tuple[float, float, float]]
    cpu_ratio: dict[str, float]
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
    started = time.perf_counter()
    found: list[Compared] = []
    while len(found) < tries and (not found or time.perf_counter() - started < ENOUGH_S):
        found.append(_timed(ways, wait, rounds))
        if found[-1].scatter <= CALM:
            break
    return replace(min(found, key=lambda each: each.scatter), tries=len(found))


def _timed(ways: Mapping[str, Way], wait: Callable[[], object], rounds: int) -> Compared:
    warm_up_s = sum(_seconds(way, wait)[0] for way in ways.values())
    rounds = min(rounds, SLOW_ROUNDS) if warm_up_s > SLOW_S else rounds
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for turn in range(rounds):
        # Every other round backwards: each comes as often first as last.
        for name in list(ways)[:: -1 if turn % 2 else 1]:
            taken[name].append(_seconds(ways[name], wait))
    seconds = {name: np.array(each) for name, each in taken.items()}  # (rounds, 2)
    first, *others = seconds
    to_first = {name: seconds[name] / seconds[first] for name in others}
    return Compared(
        {name: float(np.median(each[:, 0])) for name, each in seconds.items()},
        {name: _quartiles(each[:, 0]) for name, each in to_first.items()},
        {name: float(np.median(each[:, 1])) for name, each in to_first.items()},
        rounds,
        1,
        os.getloadavg()[0],
    )


def _quartiles(values: NDArray[np.float64]) -> tuple[float, float, float]:
    low, mid, high = np.quantile(values, (0.25, 0.5, 0.75))
    return float(low), float(mid), float(high)


def _seconds(way: Way, wait: Callable[[], object]) -> tuple[float, float]:
    """By the clock, and of the processor."""
    started, cpu = time.perf_counter(), time.process_time()
    way()
    wait()
    return time.perf_counter() - started, time.process_time() - cpu


def _nothing() -> None:
    """A CPU is done when it comes back."""
