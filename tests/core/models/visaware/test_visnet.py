import doctest

import pytest
import torch

from core.models.visaware import visnet
from core.models.visaware.visnet import VisNet, seen, soft_mask


def logit(p: float) -> float:
    return float(torch.tensor(p).logit())


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(visnet).failed == 0


def test_a_keypoint_surely_visible_is_kept_and_one_surely_hidden_scaled_down():
    logits = torch.tensor([[logit(0.9), logit(0.1)]])
    mask = soft_mask(seen(logits, 0.5), 0.01)
    torch.testing.assert_close(mask, torch.tensor([[1.0, 0.01]]))
    as_printed = torch.where(logits.sigmoid() < 0.5, 1.0, 0.01)  # eq. 3, the wrong way round
    torch.testing.assert_close(as_printed, torch.tensor([[0.01, 1.0]]))


@pytest.mark.parametrize(("threshold", "wanted"), [(0.5, True), (0.6, False)])
def test_the_threshold_itself_counts_as_visible(threshold, wanted):
    assert seen(torch.zeros(1, 1), threshold).tolist() == [[wanted]]


def test_visnet_says_one_number_per_keypoint_whatever_the_others_are():
    torch.manual_seed(0)
    net, tokens = VisNet(12, (8, 4)), torch.randn(2, 3, 12)
    other = tokens.clone()
    other[:, 1:] = 0
    said, said_of_other = net(tokens), net(other)
    assert said.shape == (2, 3)
    torch.testing.assert_close(said[:, 0], said_of_other[:, 0])
    assert (said[:, 1:] != said_of_other[:, 1:]).all()


def test_no_gradient_of_visnet_reaches_the_maps():
    net, tokens = VisNet(12, (8,)), torch.randn(1, 3, 12, requires_grad=True)
    net(tokens).sum().backward()
    assert tokens.grad is None
    assert all(weight.grad is not None for weight in net.parameters())


def test_at_the_papers_size_visnet_is_smaller_than_a_megabyte():
    parameters = sum(weight.numel() for weight in VisNet(64 * 48, (64, 32)).parameters())
    # 3072 * 64 + 64, 64 * 32 + 32, 32 + 1
    assert parameters == 196_672 + 2_080 + 33
    assert parameters * 4 < 1_000_000
