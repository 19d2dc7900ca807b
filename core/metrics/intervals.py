"""Bootstrap intervals of figures that are made from sums over groups."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Figure = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def bootstrap_interval(
    counts: NDArray[np.floating],
    figure: Figure,
    *,
    draws: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Percentile interval of `figure(sum of counts)`, drawing groups with replacement.

    Groups are what is independent: photos, not keypoints of one person.

    Args:
        counts: (G, ...) what each group adds.
        figure: from summed counts (draws, ...) to figures (draws, ...).

    Returns:
        Lower and upper end, of the figure's own shape.
    """
    groups = len(counts)
    rng = np.random.default_rng(seed)
    times = rng.multinomial(groups, np.full(groups, 1 / groups), size=draws)  # (draws, G)
    figures = figure(np.tensordot(times.astype(np.float64), counts, axes=1))
    low, high = np.quantile(figures, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high
