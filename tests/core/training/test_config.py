import doctest

from core.training import config
from core.training.config import TrainConfig, described, differences
from core.training.recipe import stages_of
from core.training.recipes import RECIPES
from tests.core.training.small_networks import SMALL_METAMODEL


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(config).failed == 0


def test_how_often_a_state_is_saved_decides_no_weight():
    assert "save_every_s" not in described(TrainConfig(SMALL_METAMODEL))["loop"]


def test_differences_are_named_with_their_place_and_lists_equal_tuples():
    assert differences({"a": (1, 2), "b": None}, {"a": [1, 2]}) == []
    assert differences({"a": {"b": 1}}, {"a": {"b": 2}, "c": 3}) == [
        "a.b was 1, is 2",
        "c was not given, is 3",
    ]


def test_tiny_metamodel_is_places_then_flags():
    places, flags = RECIPES["tiny/metamodel"].stages
    assert (places.stage, flags.stage) == ("places", "flags")
    assert (places.trained, flags.trained) == ("network", "flag_branch")
    assert (places.loop.epochs, places.loop.learning_rate) == (40, 2e-3)
    assert not places.loop.bfloat16
    assert flags.loss.alpha == 1.0


def test_begun_with_trained_weights_it_takes_fewer_smaller_steps():
    places, _ = stages_of(RECIPES["tiny/metamodel"], started=True)
    assert (places.loop.epochs, places.loop.learning_rate) == (24, 1.2e-3)


def test_epochs_are_of_the_first_stage_seed_and_threads_of_all():
    places, flags = stages_of(RECIPES["tiny/metamodel"], started=False, epochs=3, seed=7, threads=2)
    assert (places.loop.epochs, flags.loop.epochs) == (3, 18)
    assert (places.loop.seed, flags.loop.seed) == (7, 7)
    assert (places.loop.threads, flags.loop.threads) == (2, 2)
