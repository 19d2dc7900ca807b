from dataclasses import replace

import pytest
import torch

from core.errors import UserError
from core.models.bases.config import BaseConfig
from core.models.catalog import build_model
from core.models.entries import model_of
from core.training.start import begun_with, begun_with_backbone
from tests.core.training.small_networks import (
    SMALL_METAMODEL,
    SMALL_PLAIN,
    SMALL_RESNET,
    write_backbone,
)


def same(one, other, prefix=""):
    mine, theirs = one.state_dict(), other.state_dict()
    return {key for key in mine if key.startswith(prefix) and torch.equal(mine[key], theirs[key])}


def test_a_network_of_the_same_shape_is_taken_whole_without_a_word():
    start = build_model(SMALL_METAMODEL)
    taken = begun_with(SMALL_METAMODEL, start, name="mine")
    assert same(taken.network, start) == set(start.state_dict())
    assert taken.words == ""
    assert not taken.network.training


def test_a_plain_network_gives_its_base_and_the_words_say_what_is_fresh():
    start = build_model(SMALL_PLAIN)
    taken = begun_with(SMALL_METAMODEL, start, name="plain_small")
    assert same(taken.network.base, start.base) == set(start.base.state_dict())
    assert taken.words == (
        "From plain_small it takes base.backbone, base.head; fresh: flag_branch."
    )


def test_a_base_gives_itself_without_its_branch():
    start = build_model(SMALL_METAMODEL)
    taken = begun_with(SMALL_PLAIN, start, name="mine")
    assert same(taken.network, start) == set(taken.network.state_dict())
    assert taken.words == ""


def test_another_base_is_refused_with_examples():
    wider = replace(SMALL_PLAIN, network=replace(SMALL_PLAIN.network, base=BaseConfig("tiny", 0.2)))
    with pytest.raises(UserError, match="weights of wide do not fit the base") as refused:
        begun_with(SMALL_METAMODEL, build_model(wider), name="wide")
    (problem,) = refused.value.problems
    assert problem.startswith("missing or of another shape: base.backbone.")
    assert refused.value.remedy.startswith("Begin with a network on the same base")


def test_a_public_backbone_is_taken_and_the_rest_is_what_the_seed_draws(tmp_path):
    file = write_backbone(tmp_path / "resnet50.pth")
    taken = begun_with_backbone(SMALL_RESNET, file, seed=5)
    torch.manual_seed(5)
    fresh = build_model(SMALL_RESNET)
    assert same(taken.network, fresh, "base.head") == {
        key for key in fresh.state_dict() if key.startswith("base.head")
    }
    stem = taken.network.base.backbone.embedder.embedder.convolution.weight
    assert torch.equal(stem, torch.load(file)["conv1.weight"])
    assert not taken.network.training
    assert taken.words == (
        "From resnet50.pth it takes base.backbone; fresh: base.head. Layout: ResNet (torchvision, "
        "pose networks on it, or the Hub). 318 weights taken. 2 left out: a classifier, which "
        "keypoints do not need (fc.weight)."
    )


def test_a_network_without_a_base_takes_no_backbone(tmp_path):
    file = write_backbone(tmp_path / "resnet50.pth")
    with pytest.raises(UserError, match="family hybridpose stands on no base") as refused:
        begun_with_backbone(model_of("hybridpose_tiny"), file, seed=0)
    assert "add-model" in refused.value.remedy
