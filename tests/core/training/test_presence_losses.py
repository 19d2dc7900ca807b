import math

import pytest
import torch

from core.training.losses import IGNORED
from core.training.presence_losses import presence_cross_entropy


def test_hidden_and_visible_are_there_and_unlabelled_is_not() -> None:
    logits = torch.tensor([[2.0, 2.0, 2.0, 2.0]], requires_grad=True)
    error, known = presence_cross_entropy(logits, torch.tensor([[0, 1, 2, IGNORED]]))
    sure = 1 / (1 + math.exp(-2))
    yes, no = -math.log(sure), -math.log(1 - sure)
    assert error[0].tolist() == pytest.approx([no, yes, yes, 0.0], rel=1e-5)
    assert known.tolist() == [[True, True, True, False]]
    error.sum().backward()
    assert (logits.grad[0] != 0).tolist() == [True, True, True, False]
