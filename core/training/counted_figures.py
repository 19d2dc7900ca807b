"""From counts of persons to figures with intervals over photos."""

import numpy as np
from numpy.typing import NDArray

from core.metrics.intervals import Figure as FigureOfSums
from core.metrics.intervals import bootstrap_interval
from core.metrics.visibility_scores import f1_per_class
from core.models.card_text import Figure
from core.training.people_data import ReadPeople

Counts = NDArray[np.float64]


def per_photo(held_out: ReadPeople, counts: Counts) -> Counts:
    """Counts (N, ...) of persons summed over photos (G, ...): persons of one photo are alike."""
    groups = np.unique(held_out.image_ids, return_inverse=True)[1]
    sums = np.zeros((groups.max() + 1, *counts.shape[1:]))
    np.add.at(sums, groups, counts)
    return sums


def figure_of(what: str, on: str, sums: Counts, figure: FigureOfSums) -> Figure:
    """A figure of counts per photo (G, ...), with its 95 % interval."""
    low, high = bootstrap_interval(sums, figure)
    return Figure(what, on, float(figure(sums.sum(axis=0))), float(low), float(high))


def share(sums: Counts) -> Counts:
    """The first of two counts (..., 2) over the second; 0 where nothing was counted.

    >>> float(share(np.array([3.0, 4.0])))
    0.75
    """
    found: Counts = sums[..., 0] / np.maximum(sums[..., 1], 1)
    return found


def accuracy(sums: Counts) -> Counts:
    """The diagonal's share of confusion counts (..., C, C).

    >>> float(accuracy(np.array([[2.0, 1.0], [0.0, 1.0]])))
    0.75
    """
    right: Counts = np.diagonal(sums, axis1=-2, axis2=-1).sum(axis=-1)
    found: Counts = right / np.maximum(sums.sum(axis=(-2, -1)), 1)
    return found


def f1_of(place: int) -> FigureOfSums:
    """The F1 of one class, of confusion counts (..., C, C)."""
    return lambda sums: f1_per_class(sums)[..., place]


def something(sums: Counts) -> bool:
    """Whether anything was counted, of (right, counted)."""
    return bool(sums[1] > 0)


def every_class(sums: Counts) -> bool:
    """Whether every class occurs among the labels: else "not there" may mean that nobody looked."""
    return bool(sums.sum(axis=1).all())
