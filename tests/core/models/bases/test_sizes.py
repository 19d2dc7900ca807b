from dataclasses import replace

import pytest

from core.errors import UserError
from core.models.catalog import sketch_model
from core.models.codecs.config import HeatmapConfig, SimccConfig
from core.models.entries import model_of
from core.models.model_config import ModelConfig


def a_config(crop_wh: tuple[int, int], map_wh: tuple[int, int]) -> ModelConfig:
    model = model_of("metamodel_tiny")
    return replace(model, crop_size_wh_px=crop_wh, codec=HeatmapConfig(map_wh))


def test_crops_that_are_whole_in_features_and_maps_go() -> None:
    sketch_model(a_config((64, 96), (16, 24)))


def test_crops_that_features_cut_are_refused() -> None:
    with pytest.raises(UserError, match="Crops of 64x90 pixels do not go with this base") as error:
        sketch_model(a_config((64, 90), (16, 22)))
    assert error.value.remedy == "Both sides have to be multiples of 32."


def test_other_maps_than_the_base_makes_are_refused() -> None:
    with pytest.raises(UserError, match="maps are 24x16, those of the base 16x24 for crops of 64x"):
        sketch_model(a_config((64, 96), (24, 16)))


def test_simcc_has_no_maps_to_compare() -> None:
    sketch_model(replace(model_of("simcc_r50"), crop_size_wh_px=(64, 96), codec=SimccConfig()))
