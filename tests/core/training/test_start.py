from dataclasses import replace

import pytest
import torch

from core.errors import UserError
from core.models.bases.config import BaseConfig
from core.models.catalog import build_model
from core.training.start import begun_with
from tests.core.training.small_networks import SMALL_METAMODEL, SMALL_PLAIN


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
