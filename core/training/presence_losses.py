"""What heads that say whether a keypoint is labelled are taught."""

from torch import Tensor
from torch.nn import functional

from core.data.visibility import Visibility
from core.training.losses import IGNORED


def presence_cross_entropy(logits: Tensor, flags: Tensor) -> tuple[Tensor, Tensor]:
    """Binary cross-entropy of p(v > 0), and which keypoints count; both (B, K).

    Hidden and visible are both "there" (003, section 4.1: whatever has coordinates). A keypoint
    outside the crop is not there: views make its flag UNLABELLED.

    Args:
        logits: (B, K).
        flags: (B, K) int64, 0, 1, 2 or `IGNORED`, which costs 0 and does not count.
    """
    there = (flags > Visibility.UNLABELLED).float()
    error = functional.binary_cross_entropy_with_logits(logits.float(), there, reduction="none")
    known = flags != IGNORED
    return error.where(known, 0.0), known
