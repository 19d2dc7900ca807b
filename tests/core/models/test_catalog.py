"""A network is drawn without numbers first, so what no machine can hold is never built."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import UserError
from core.models import checkpoint
from core.models.bases.config import BaseConfig
from core.models.catalog import MODELS, build_model, sketch_model
from core.models.checkpoint import load_checkpoint, save_checkpoint
from core.models.checkpoint_config import CheckpointConfig, read_config, write_config
from core.models.codecs.config import HeatmapConfig
from core.models.entries import ENTRIES, model_of
from core.models.families import FAMILIES
from core.models.metamodel.config import MetamodelConfig

TINY = model_of("metamodel_tiny")
GIANT = replace(
    TINY,
    network=MetamodelConfig(BaseConfig("tiny", 2.0), reduced=4096, hidden=(16384,) * 5),
    codec=HeatmapConfig((512, 512)),
    crop_size_wh_px=(2048, 2048),
)


def described(model) -> CheckpointConfig:
    return CheckpointConfig("any", model, "", "", "", "", 0, "")


def test_every_family_has_a_config_and_a_builder():
    assert set(MODELS) == set(FAMILIES)


def test_an_unknown_family_is_refused_with_the_known_ones():
    with pytest.raises(UserError, match="no family of networks called 'resnet'") as refused:
        build_model(replace(TINY, family="resnet"))
    assert refused.value.remedy == f"Known families: {', '.join(sorted(MODELS))}."


def test_a_sketch_has_the_names_and_shapes_of_the_network_and_no_numbers():
    sketch, network = sketch_model(TINY).state_dict(), build_model(TINY).state_dict()
    assert {n: w.shape for n, w in sketch.items()} == {n: w.shape for n, w in network.items()}
    assert {weight.device.type for weight in sketch.values()} == {"meta"}


def test_a_network_of_more_than_a_billion_numbers_is_refused_before_memory_is_taken():
    began = time.monotonic()
    with pytest.raises(UserError, match=r"would have \d\d,\d{3},\d{3},\d{3} parameters") as refused:
        build_model(GIANT)
    assert refused.value.remedy == "Make it narrower, or its crops smaller."
    assert time.monotonic() - began < 10


def test_weights_of_another_network_are_refused_before_it_is_built(tmp_path, monkeypatch):
    network = build_model(TINY)
    wider = replace(TINY, network=replace(TINY.network, hidden=(4096, 2048)))
    save_checkpoint(network, described(wider), tmp_path)
    monkeypatch.setattr(checkpoint, "empty_model", lambda config: pytest.fail("it was built"))
    with pytest.raises(UserError, match="These weights belong to another network") as refused:
        load_checkpoint(tmp_path)
    assert "classify.0.weight is 256x288, the network has 4096x288" in str(refused.value.problems)


def test_a_sketch_of_a_small_network_waits_for_no_compiler():
    program = (
        "import sys; from core.models.catalog import sketch_model; "
        "from core.models.entries import model_of; sketch_model(model_of('metamodel_tiny')); "
        "assert 'torch._dynamo' not in sys.modules, 'takes seconds'"
    )
    root = Path(checkpoint.__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_what_an_entry_says_of_its_model_is_read_as_it_was_written(name, tmp_path):
    config = described(ENTRIES[name].model)
    write_config(config, tmp_path)
    assert read_config(tmp_path) == config


def test_an_unknown_entry_is_refused_with_the_known_ones():
    with pytest.raises(UserError, match="no network called 'giant'") as refused:
        model_of("giant")
    assert refused.value.remedy == f"Known networks: {', '.join(sorted(ENTRIES))}."
