import copy

import pytest
import torch
from torch import nn

from core.errors import UserError
from core.models.catalog import build_model
from core.training.trained_parts import freeze_all_but, parts_of
from tests.core.training.small_networks import SMALL_METAMODEL


def test_a_part_is_the_network_one_submodule_or_several_in_their_order():
    network = build_model(SMALL_METAMODEL)
    assert parts_of(network, "network") is network
    assert parts_of(network, "flag_branch") is network.flag_branch
    assert parts_of(network, "base.head") is network.base.head
    both = parts_of(network, "flag_branch+base.head")
    assert list(both) == [network.flag_branch, network.base.head]


def test_a_part_the_network_does_not_have_is_refused_with_those_it_has():
    with pytest.raises(UserError, match="no part called 'rating'") as refused:
        parts_of(build_model(SMALL_METAMODEL), "rating")
    assert refused.value.remedy == "Known parts: network, base, flag_branch."


@pytest.mark.parametrize("trained", ["flag_branch", "base.head", "flag_branch+base.head"])
def test_what_is_not_trained_keeps_every_bit_also_the_statistics_of_its_batch_norms(trained):
    torch.manual_seed(0)
    network = build_model(SMALL_METAMODEL)
    parts = parts_of(network, trained)
    freeze_all_but(network, parts)
    parts.train()
    before = copy.deepcopy(network.state_dict())
    optimizer = torch.optim.AdamW(parts.parameters(), lr=0.1, weight_decay=0.1)
    for _ in range(3):
        output = network(torch.randn(4, 3, 64, 64))
        (output.places.square().mean() + output.flag_logits.square().mean()).backward()
        optimizer.step()
    changed = {n for n, value in network.state_dict().items() if not torch.equal(value, before[n])}
    for name in changed:
        assert name.startswith(tuple(trained.split("+")))
    statistics = {name for name in changed if "running_mean" in name}
    assert statistics  # of what is trained, they do move
    frozen = [
        p for n, p in network.named_parameters() if not n.startswith(tuple(trained.split("+")))
    ]
    assert frozen
    assert all(p.grad is None for p in frozen)


def test_dropout_of_what_is_not_trained_drops_nothing():
    network = nn.Sequential(nn.Dropout(0.5), nn.Linear(4, 4))
    freeze_all_but(network, network[1])
    network[1].train()
    ones = torch.ones(100, 4)
    assert torch.equal(network[0](ones), ones)
