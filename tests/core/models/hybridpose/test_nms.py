import pytest
import torch

from core.models.hybridpose.boxes import overlaps
from core.models.hybridpose.nms import AT_ONCE, surest


def naive(score, boxes, most_overlap, most):
    """Box by box, as the rule is usually told."""
    kept = []
    for n in sorted(range(len(score)), key=lambda n: -score[n]):
        if all(overlaps(boxes[n], boxes[other]) <= most_overlap for other in kept):
            kept.append(n)
    return kept[:most]


def crowd(count, *, seed, spread=60):
    rng = torch.Generator().manual_seed(seed)
    corner = torch.rand(count, 2, generator=rng) * spread
    size = torch.rand(count, 2, generator=rng) * 40 + 5
    return torch.rand(count, generator=rng), torch.cat([corner, corner + size], dim=1)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("most_overlap", [0.2, 0.65])
def test_as_the_rule_told_box_by_box(seed, most_overlap):
    score, boxes = crowd(120, seed=seed)
    found = surest(score, boxes, most_overlap=most_overlap, most=1000)
    assert found.tolist() == naive(score.tolist(), boxes, most_overlap, 1000)


def test_blocks_know_those_before_them():
    score, boxes = crowd(AT_ONCE + 60, seed=9, spread=30)
    found = surest(score, boxes, most_overlap=0.3, most=1000)
    assert found.tolist() == naive(score.tolist(), boxes, 0.3, 1000)


def test_who_was_put_out_puts_nobody_out():
    # Each overlaps its neighbour by 0.6 and the one after by a third: the second goes, so the third
    # stays, and the fourth goes.
    boxes = torch.tensor([[n * 2.5, 0, n * 2.5 + 10, 10] for n in range(4)], dtype=torch.float32)
    found = surest(torch.tensor([0.9, 0.8, 0.7, 0.6]), boxes, most_overlap=0.5, most=9)
    assert found.tolist() == [0, 2]


def test_the_surest_come_first_and_no_more_than_asked_for():
    score, boxes = torch.tensor([0.1, 0.9, 0.5]), torch.eye(3, 4) * 0 + torch.arange(3)[:, None]
    boxes = boxes * 100 + torch.tensor([0.0, 0.0, 10.0, 10.0])
    assert surest(score, boxes, most_overlap=0.5, most=2).tolist() == [1, 2]


def test_of_equally_sure_boxes_the_first_stays():
    boxes = torch.tensor([[0.0, 0.0, 10.0, 10.0]]).repeat(3, 1)
    assert surest(torch.full((3,), 0.5), boxes, most_overlap=0.5, most=9).tolist() == [0]


def test_nobody_gives_nobody():
    assert surest(torch.zeros(0), torch.zeros(0, 4), most_overlap=0.5, most=9).tolist() == []
