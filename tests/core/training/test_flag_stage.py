from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.models.catalog import build_model
from core.models.checkpoint import load_checkpoint, read_weights, save_checkpoint
from core.models.checkpoint_config import CheckpointConfig, read_config
from core.models.model_config import ModelConfig
from core.training.flag_stage import LOOP, main, train_flags
from tests.core.training.people_sets import write_people_sets


@pytest.fixture
def start(tmp_path) -> Path:
    config = CheckpointConfig(
        "metamodel_tiny", ModelConfig("metamodel_tiny"), "", "", "photos", "", 0, "", {"seed": 1}
    )
    save_checkpoint(build_model(config.model), config, tmp_path / "start", half=False)
    return tmp_path / "start"


def test_only_the_branch_changes(start, tmp_path):
    write_people_sets(tmp_path)
    loop = replace(LOOP, epochs=1, batch_size=4, bfloat16=False)
    train_flags(start, tmp_path, tmp_path / "out", drawn=None, loop=loop)
    before = read_weights(start / "weights.safetensors")
    after = load_checkpoint(tmp_path / "out/checkpoint")[0].state_dict()
    changed = {
        name.split(".")[0]
        for name, value in after.items()
        if not torch.equal(before[name].half(), value.half())
    }
    assert changed == {"flag_branch"}
    config = read_config(tmp_path / "out/checkpoint")
    assert config.trained_on == "photos"
    assert config.training["earlier"] == {"seed": 1}


def test_the_command_line_sets_the_stage(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "core.training.flag_stage.train_flags", lambda *a, **k: asked.append((a, k))
    )
    monkeypatch.setattr("sys.argv", ["x", "--start", "a", "--data", "b", "--out", "c"])
    main()
    assert asked == [((Path("a"), Path("b"), Path("c")), {"drawn": None})]
