import json
from dataclasses import replace

import pytest

from core.errors import UserError
from core.models.cards import WEIGHTS_DIR
from core.models.checkpoint_config import read_config
from core.models.entries import model_of
from core.models.onnx_description import described, read_description

FILE = "tiny.onnx"
TINY = read_config(WEIGHTS_DIR / "metamodel_tiny")


def test_a_file_says_of_itself_all_but_how_it_was_trained():
    metadata = described(TINY, ["xy_crop_px", "heat_score", "places", "flags"])
    assert list(metadata) == ["format", "checkpoint", "input", "outputs"]
    assert TINY.training != {}
    assert read_description(metadata, where=FILE) == replace(TINY, training={})
    assert metadata["input"].startswith("crops: (B, 3, 192, 160) float32. Persons cut out")
    assert json.loads(metadata["outputs"])["flags"] == "(B, K, 3) p(v = 0, 1, 2), rows sum to 1"


def test_of_whole_pictures_it_says_each_level():
    config = replace(TINY, model=model_of("hybridpose_tiny"))
    metadata = described(config, ["cells_8", "maps_8", "cells_16"])
    assert metadata["input"].startswith("crops: (B, 3, 320, 320) float32. Whole pictures")
    said = json.loads(metadata["outputs"])
    assert said["cells_8"] == said["cells_16"]
    assert said["maps_8"] == "(B, 3, K, h, w) logits of visibility maps"


@pytest.mark.parametrize("metadata", [{}, {"format": "2", "checkpoint": "{}"}, {"format": "1"}])
def test_a_file_of_another_program_is_refused(metadata):
    with pytest.raises(UserError, match=r"tiny\.onnx: This file does not say how its input is"):
        read_description(metadata, where=FILE)


def test_damaged_descriptions_are_refused_with_all_that_is_wrong():
    metadata = described(TINY, ["xy_crop_px", "heat_score"])
    with pytest.raises(UserError, match="What this file says of itself is damaged"):
        read_description({**metadata, "checkpoint": "{"}, where=FILE)
    said = json.loads(metadata["checkpoint"])
    del said["licence"]
    with pytest.raises(UserError, match="The description does not fit") as refused:
        read_description({**metadata, "checkpoint": json.dumps(said)}, where=FILE)
    assert refused.value.problems == ("licence is missing",)
    said = json.loads(metadata["checkpoint"]) | {"weights_sha256": "short"}
    with pytest.raises(UserError, match="The description does not fit") as refused:
        read_description({**metadata, "checkpoint": json.dumps(said)}, where=FILE)
    assert refused.value.problems == ("weights_sha256 is 'short', which is no SHA-256",)
