"""Non-maximum suppression without a loop over boxes."""

import torch
from torch import Tensor

from core.models.hybridpose.boxes import overlaps

AT_ONCE = 256  # boxes compared with each other; those before them only by what is left of them


def surest(score: Tensor, boxes_xyxy_px: Tensor, *, most_overlap: float, most: int) -> Tensor:
    """Indices of the boxes that stay on one picture, the surest first.

    The greedy rule as everywhere: a box goes if it overlaps a surer box that stays by more than
    `most_overlap`. Of equally sure boxes the first comes first.

    Args:
        score: (M,) in any order; higher = surer.
        boxes_xyxy_px: (M, 4).
        most: how many indices come back at most.

    Returns:
        (D,) int64.
    """
    order = score.argsort(descending=True, stable=True)
    kept = order[:0]
    for start in range(0, len(order), AT_ONCE):
        block = order[start : start + AT_ONCE]
        lying_on = overlaps(boxes_xyxy_px[block, None], boxes_xyxy_px[None, kept]) > most_overlap
        block = block[~lying_on.any(1)]
        kept = torch.cat([kept, block[_kept(boxes_xyxy_px[block], most_overlap)]])
        if len(kept) >= most:
            break
    return kept[:most]


def _kept(boxes_xyxy_px: Tensor, most_overlap: float) -> Tensor:
    """(n,) bool, which of a block's boxes stay, as a fixed point of the rule.

    Starting with all, every round settles at least the next box of each chain of boxes that put
    each other out: the rounds are as many as the longest such chain is long.
    """
    over = overlaps(boxes_xyxy_px[:, None], boxes_xyxy_px[None]) > most_overlap
    over = over.triu_(diagonal=1).float()  # row: the surer box, column: the one it may put out
    kept = torch.ones(len(boxes_xyxy_px), device=boxes_xyxy_px.device)
    while True:
        now = (kept @ over == 0).float()
        if torch.equal(now, kept):
            return now.bool()
        kept = now
