"""How much a label is to be doubted, from what a model says of it."""

import numpy as np
from numpy.typing import NDArray

from core.data.prediction import FloatArray

NO_FLAG = 255  # in arrays of flags: there is no such keypoint, or nothing is said of it


def flag_suspicion(given: NDArray[np.uint8], p: FloatArray) -> FloatArray:
    """How wrong each flag looks: 1 - p(the given flag).

    suspicion: 0 = the model would give the same flag, 1 = surely wrong. Predictions should be
    out-of-fold: a model that learned from a label is not surprised by it.

    >>> flag_suspicion(np.array([2, 0], np.uint8), np.array([[0, .25, .75], [0, 1, 0]], np.float32))
    array([0.25, 1.  ], dtype=float32)

    Args:
        given: (...,) the flags; `NO_FLAG` where there is none.
        p: (..., 3) float32, p(v = 0, 1, 2); NaN where not predicted.

    Returns:
        (...,) float32 in 0..1; NaN where there is no flag or no prediction.
    """
    known = given < p.shape[-1]
    place = np.where(known, given, 0)[..., None].astype(np.intp)
    of_given = np.take_along_axis(p, place, axis=-1)[..., 0]
    suspicion: FloatArray = np.clip(np.float32(1) - of_given, 0, 1)
    suspicion[~known] = np.nan
    return suspicion


def suggested_flags(p: FloatArray) -> NDArray[np.uint8]:
    """The likeliest flag of each keypoint; of equally likely ones the lower.

    Args:
        p: (..., 3) float32; NaN where not predicted.

    Returns:
        (...,) uint8, `NO_FLAG` where not predicted.
    """
    # Comparing three columns is far faster than argmax along an axis of three.
    p0, p1, p2 = p[..., 0], p[..., 1], p[..., 2]
    flags = (p1 > p0).astype(np.uint8)
    np.putmask(flags, p2 > np.maximum(p0, p1), 2)
    np.putmask(flags, np.isnan(p0 + p1 + p2), NO_FLAG)
    return flags


def most_doubtful_first(suspicion: FloatArray) -> NDArray[np.uint32]:
    """The indices of (M,) suspicions, highest first; equal ones as they come, NaN last.

    One sort of whole numbers, suspicion above index, takes a fifth of a stable sort of floats.
    """
    bits = (suspicion.astype(np.float32) + np.float32(0)).view(np.uint32)  # -0 becomes 0
    # Bits of floats from 0 up rise with them.
    rank = np.where(np.isnan(suspicion), np.uint32(0xFFFFFFFF), np.uint32(0x7F800000) - bits)
    key = rank.astype(np.uint64) << np.uint64(32)
    key |= np.arange(len(suspicion), dtype=np.uint64)
    key.sort()
    return key.astype(np.uint32)
