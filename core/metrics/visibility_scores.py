"""How well ternary flags are told: confusion counts and F1 per class."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

NUM_FLAGS = 3


def flag_confusion(
    true: NDArray[np.integer], predicted: NDArray[np.integer]
) -> NDArray[np.float64]:
    """(..., 3, 3) counts, rows the label, columns the prediction, of flags (..., K).

    >>> flag_confusion(np.array([0, 2, 2]), np.array([0, 2, 1])).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 1.0, 1.0]]
    """
    flags = np.arange(NUM_FLAGS)
    is_true = (true[..., None] == flags).astype(np.float64)  # (..., K, 3)
    is_predicted = (predicted[..., None] == flags).astype(np.float64)
    counts: NDArray[np.float64] = np.swapaxes(is_true, -1, -2) @ is_predicted
    return counts


def expected_confusion(
    true: NDArray[np.integer], shares: NDArray[np.floating]
) -> NDArray[np.float64]:
    """(3, 3) mean counts when keypoint k is given flag c with probability shares[k, c].

    Args:
        true: (N, K) flags.
        shares: (K, 3), rows sum to 1.
    """
    is_true = (true[..., None] == np.arange(NUM_FLAGS)).sum(axis=0)  # (K, 3)
    counts: NDArray[np.float64] = is_true.T.astype(np.float64) @ shares
    return counts


def f1_per_class(confusion: NDArray[np.floating]) -> NDArray[np.float64]:
    """(..., 3) F1 of each class from confusion counts (..., 3, 3); 0 where nothing is right.

    >>> f1_per_class(np.array([[1.0, 0, 0], [0, 0, 0], [0, 1, 1]])).round(3).tolist()
    [1.0, 0.0, 0.667]
    """
    right = np.diagonal(confusion, axis1=-2, axis2=-1)
    either = confusion.sum(axis=-1) + confusion.sum(axis=-2)
    f1: NDArray[np.float64] = np.zeros(right.shape)
    np.divide(2 * right, either, out=f1, where=either > 0)
    return f1


def label_shares(visibility: Sequence[Sequence[int]] | NDArray[np.integer]) -> NDArray[np.float64]:
    """(K, 3) share of each flag per keypoint, of labels (N, K)."""
    flags = np.asarray(visibility)[..., None] == np.arange(NUM_FLAGS)
    shares: NDArray[np.float64] = flags.mean(axis=0)
    return shares
