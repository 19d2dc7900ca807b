"""Checkpoints written before networks had families are read as they were meant."""

import hashlib
import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save as packed

from core.data.skeleton import COCO17
from core.errors import UserError
from core.models.catalog import build_model
from core.models.checkpoint import load_checkpoint
from core.models.checkpoint_config import read_config
from core.models.entries import model_of
from core.models.format_one import renamed_weights

TINY = model_of("metamodel_tiny")


def old_name(name: str) -> str:
    name = name.replace("base.backbone.", "base.")
    return name.replace("base.head.", "pose_head.")


def write_old(folder: Path, network: torch.nn.Module, **model_changes) -> None:
    """A checkpoint folder as format 1 had it."""
    weights = packed({old_name(n): w.half() if w.is_floating_point() else w
                      for n, w in network.state_dict().items()})  # fmt: skip
    model = {
        "architecture": "metamodel_tiny", "keypoint_names": list(COCO17.names),
        "edges": [list(edge) for edge in COCO17.edges],
        "crop_size_wh_px": [160, 192], "map_size_wh_px": [40, 48], "sigma_px": 2.0,
        "padding": 1.25, "channel_order": "RGB", "mean": [123.675, 116.28, 103.53],
        "std": [58.395, 57.12, 57.375], "flip_shift_px": 0,
    }  # fmt: skip
    description = {
        "format": 1, "name": "old", "model": model | model_changes, "what": "", "licence": "",
        "trained_on": "", "data_sha256": "", "num_parameters": 0,
        "weights_sha256": hashlib.sha256(weights).hexdigest(), "training": {"stages": []},
    }  # fmt: skip
    (folder / "weights.safetensors").write_bytes(weights)
    (folder / "config.json").write_text(json.dumps(description))


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return build_model(TINY).half().float().eval()


@torch.inference_mode()
def test_an_old_checkpoint_answers_as_it_did(tmp_path, network):
    write_old(tmp_path, network)
    found, config = load_checkpoint(tmp_path)
    assert config.model == TINY
    crops = torch.rand(1, 3, 192, 160)
    for was, now in zip(network(crops), found(crops), strict=True):
        if was is None or was == ():
            assert now == was
        else:
            torch.testing.assert_close(now, was, atol=0, rtol=0)


def test_what_an_old_description_says_is_kept(tmp_path, network):
    write_old(tmp_path, network, sigma_px=1.5, flip_shift_px=1, padding=1.1, channel_order="BGR",
              map_size_wh_px=[20, 24])  # fmt: skip
    model = read_config(tmp_path).model
    assert (model.codec.sigma_px, model.codec.flip_shift_px) == (1.5, 1)
    assert (model.codec.size_wh_px, model.padding, model.channel_order) == ((20, 24), 1.1, "BGR")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sigma_px": 0}, ("model.codec.sigma_px is 0, not from 0.1 to 100",)),
        ({"architecture": "resnet"}, ("model.architecture is 'resnet', not metamodel_tiny",)),
        ({"colour": 1}, ("model.colour is unknown",)),
    ],
)
def test_what_is_wrong_with_an_old_description_is_said(tmp_path, network, changes, said):
    write_old(tmp_path, network, **changes)
    with pytest.raises(UserError, match="The description does not fit") as refused:
        read_config(tmp_path)
    assert refused.value.problems == said


def test_an_old_description_without_a_model_is_refused(tmp_path):
    (tmp_path / "config.json").write_text('{"format": 1, "model": 3}')
    with pytest.raises(UserError) as refused:
        read_config(tmp_path)
    assert "model is not an object" in refused.value.problems


def test_weights_of_today_keep_their_names():
    weights = {"base.backbone.stem.0.weight": 1, "base.head.to_maps.bias": 2}
    assert renamed_weights(weights) == weights


def test_a_part_of_another_network_that_was_called_so_keeps_its_name():
    weights = {"body.stem.weight": 1, "pose_head.levels.0.weight": 2, "map_head.weight": 3}
    assert renamed_weights(weights) == weights
