"""The loss of ternary flags. Keypoints without a known flag carry none."""

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from core.data.augment import LabelledPerson
from core.data.pictures import PicturePeople
from core.data.visibility import Visibility

IGNORED = -1  # flag of a keypoint that is not to be learned from


def flag_cross_entropy(logits: Tensor, flags: Tensor, weights: Tensor) -> Tensor:
    """Class-weighted cross-entropy of the ternary flags, 0 where no known flag has a weight.

    As PyTorch's weighted mean: the sum is divided by the sum of the weights.

    Args:
        logits: (B, K, 3).
        flags: (B, K) int64, 0, 1, 2 or `IGNORED`.
        weights: (3,) of v = 0, 1, 2.
    """
    if not weights[flags[flags != IGNORED]].any():
        return logits.sum() * 0
    return functional.cross_entropy(
        logits.float().flatten(0, 1), flags.flatten(), weights, ignore_index=IGNORED
    )


def visible_cross_entropy(logits: Tensor, flags: Tensor) -> Tensor:
    """Two-way cross-entropy of v = 2 against v = 0 and 1, mean over the known flags (001, eq. 7).

    Args:
        logits: (B, K), sigmoid gives p(v = 2).
        flags: (B, K) int64, 0, 1, 2 or `IGNORED`.
    """
    known = flags != IGNORED
    wanted = (flags == Visibility.VISIBLE).float()
    each = functional.binary_cross_entropy_with_logits(logits.float(), wanted, reduction="none")
    return torch.where(known, each, 0.0).sum() / known.sum().clamp_min(1)


def flag_weights(counts: Sequence[int]) -> tuple[float, ...]:
    """weight_c = N_max / N_c (paper 000, section 3.3); 0 for a class that never occurs.

    >>> flag_weights((355, 73, 572))
    (1.611267605633803, 7.835616438356165, 1.0)
    """
    most = max(counts)
    return tuple(most / count if count else 0.0 for count in counts)


def flag_counts(people: Iterable[LabelledPerson | PicturePeople]) -> tuple[int, int, int]:
    """How often v = 0, 1, 2 occurs among the known flags of the persons learned from.

    Of the persons as labelled: views that are cut or covered have more of 0 and 1.
    """
    counts = np.zeros(len(Visibility), dtype=np.int64)
    for person in people:
        counts += np.bincount(person.visibility[person.flag_known], minlength=len(Visibility))
    unlabelled, occluded, visible = counts.tolist()
    return unlabelled, occluded, visible
