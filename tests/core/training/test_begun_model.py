from dataclasses import replace

import pytest

from core.errors import UserError
from core.models.bases.config import BaseConfig
from core.models.codecs.config import HeatmapConfig, SimccConfig
from core.training.begun_model import begun_model
from tests.core.training.small_networks import SMALL_METAMODEL, SMALL_PLAIN


def test_the_same_network_is_gone_on_with_as_it_is():
    start = replace(SMALL_METAMODEL, keypoint_names=("a", "b"), edges=(), padding=1.5)
    assert begun_model(SMALL_METAMODEL, start, name="mine") == start


def test_a_base_brings_its_keypoints_preprocessing_and_codec_to_the_recipes_network():
    maps = HeatmapConfig((16, 16), sigma_px=3.0)
    start = replace(
        SMALL_PLAIN, codec=maps, keypoint_names=("a", "b"), edges=((0, 1),), channel_order="BGR",
        alignment="udp", padding=1.4,
    )  # fmt: skip
    found = begun_model(SMALL_METAMODEL, start, name="mine")
    assert found == replace(start, family="metamodel", network=SMALL_METAMODEL.network)


def test_a_codec_of_another_kind_is_the_recipes():
    recipe = replace(SMALL_METAMODEL, codec=SimccConfig())
    assert begun_model(recipe, SMALL_PLAIN, name="mine").codec == SimccConfig()


def test_another_base_is_refused_with_both():
    start = replace(SMALL_PLAIN, network=replace(SMALL_PLAIN.network, base=BaseConfig("sbl_r50")))
    with pytest.raises(UserError, match="trains metamodel on tiny; 'big' is plain on sbl_r50"):
        begun_model(SMALL_METAMODEL, start, name="big")
