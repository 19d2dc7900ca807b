import pytest
import torch
from torch import nn

from core.training.config import LoopConfig
from core.training.optimizers import OPTIMIZERS, optimizer_of


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_only_weights_with_two_axes_decay(name):
    network = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    found = optimizer_of(network, LoopConfig(optimizer=name, weight_decay=0.3, learning_rate=0.7))
    decaying, others = found.param_groups
    assert [p.shape for p in decaying["params"]] == [(2, 3)]
    assert [tuple(p.shape) for p in others["params"]] == [(2,), (2,), (2,)]
    assert (decaying["weight_decay"], others["weight_decay"]) == (0.3, 0.0)
    assert decaying["lr"] == others["lr"] == 0.7


def test_the_names_mean_what_pytorch_calls_so():
    network = nn.Linear(3, 2)
    found = {name: type(optimizer_of(network, LoopConfig(optimizer=name))) for name in OPTIMIZERS}
    assert found == {
        "adamw": torch.optim.AdamW,
        "adam": torch.optim.Adam,
        "sgd": torch.optim.SGD,
    }


@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_without_decay_a_gradient_of_zero_moves_nothing(name):
    """Paper 000's third strategy begins with alpha = 0."""
    network = nn.Linear(3, 2)
    before = network.weight.detach().clone()
    optimizer = optimizer_of(network, LoopConfig(optimizer=name, weight_decay=0.0))
    for _ in range(3):
        optimizer.zero_grad()
        (network(torch.ones(1, 3)).sum() * 0).backward()
        optimizer.step()
    assert torch.equal(network.weight, before)
