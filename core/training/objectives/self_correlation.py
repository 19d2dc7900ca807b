"""The self-correlation loss: visibility maps have to peak where the keypoints are (paper 002)."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

EPSILON = 1e-6  # of eq. 8, which does not say how small
# Mean square about the mean below which a map is constant: nothing correlates with it.
_CONSTANT = 1e-10


def square(r: Tensor) -> Tensor:
    """Eq. 8 as written: 0 where |r| = 1, 1 where nothing correlates. r in -1..1."""
    return 1 - r**2


def positive(r: Tensor) -> Tensor:
    """0 where r = 1, 1 where nothing correlates and where maps are opposites. r in -1..1."""
    return 1 - r.clamp_min(0)


FORMS: Mapping[str, Callable[[Tensor], Tensor]] = {"square": square, "positive": positive}


def self_correlation(drawn: Tensor, maps: Tensor, *, form: str) -> Tensor:
    """1 less the correlation of two stacks of maps (eq. 8), (B,) in 0..1, 0 = they agree.

    One coefficient over all maps of a picture's level, as the sums of eq. 8 over D^s and V^s. A
    level where nobody is found or whose maps are constant has none: its loss is 1, and it moves
    nothing.

    Args:
        drawn: (B, ...) what the keypoints draw, D^s of eq. 7.
        maps: the same shape, V^s.
        form: of `FORMS`.
    """
    a, b = drawn.float().flatten(1), maps.float().flatten(1)
    a, b = a - a.mean(1, keepdim=True), b - b.mean(1, keepdim=True)
    power_a, power_b = (a**2).sum(1), (b**2).sum(1)
    least = _CONSTANT * a.shape[1]
    constant = (power_a < least) | (power_b < least)
    # `where` twice: a root of 0 has no gradient, and nothing times NaN stays NaN.
    power = torch.where(constant, 1.0, power_a * power_b)
    r = torch.where(constant, 0.0, (a * b).sum(1) / (power.sqrt() + EPSILON))
    return FORMS[form](r)
