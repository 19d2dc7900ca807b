import json
import os

import pytest
import torch

from core.errors import UserError
from core.models.catalog import build_model
from core.models.checkpoint import fill, load_checkpoint, read_weights, save_checkpoint
from core.models.checkpoint_config import CheckpointConfig, read_config
from core.models.entries import model_of


def a_config(**changes) -> CheckpointConfig:
    settings = {
        "name": "small", "model": model_of("metamodel_tiny"), "what": "For tests.",
        "licence": "none", "trained_on": "nothing", "data_sha256": "", "num_parameters": 0,
        "weights_sha256": "", "training": {"seed": 1},
    }  # fmt: skip
    return CheckpointConfig(**{**settings, **changes})


@pytest.fixture
def folder(tmp_path):
    torch.manual_seed(0)
    save_checkpoint(build_model(model_of("metamodel_tiny")), a_config(), tmp_path / "small")
    return tmp_path / "small"


def rewrite(folder, change) -> None:
    file = folder / "config.json"
    found = json.loads(file.read_text())
    change(found)
    file.write_text(json.dumps(found))


class Trap:
    """Pickles to code that makes a folder."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_what_was_saved_is_loaded(folder):
    network, config = load_checkpoint(folder)
    assert config == read_config(folder)
    assert config.model == model_of("metamodel_tiny")
    assert config.num_parameters == sum(p.numel() for p in network.parameters())
    assert len(config.weights_sha256) == 64
    assert not network.training
    torch.manual_seed(0)
    original = build_model(model_of("metamodel_tiny")).state_dict()
    for name, value in network.state_dict().items():
        assert value.dtype == original[name].dtype
        torch.testing.assert_close(value, original[name], atol=1e-3, rtol=1e-3)


def test_what_a_half_float_cannot_hold_is_stored_as_it_is(tmp_path):
    network = build_model(model_of("metamodel_tiny"))
    network.base.backbone.stem[1].running_var[3] = 1e6
    save_checkpoint(network, a_config(), tmp_path)
    found, _ = load_checkpoint(tmp_path)
    assert found.base.backbone.stem[1].running_var[3] == 1e6
    assert read_weights(tmp_path / "weights.safetensors")["base.backbone.stem.0.weight"].dtype == (
        torch.float16
    )


def test_weights_that_are_no_numbers_are_refused(tmp_path):
    network = build_model(model_of("metamodel_tiny"))
    network.base.head.to_maps.bias.data[3] = torch.nan
    save_checkpoint(network, a_config(), tmp_path)
    with pytest.raises(UserError, match="some are no numbers") as error:
        load_checkpoint(tmp_path)
    assert error.value.problems == ("holds what is no number: base.head.to_maps.bias",)


def test_a_folder_without_config_is_no_checkpoint(tmp_path):
    with pytest.raises(UserError, match=r"no config\.json, so it is not a checkpoint"):
        load_checkpoint(tmp_path)


def test_missing_weights_are_named(folder):
    (folder / "weights.safetensors").unlink()
    with pytest.raises(UserError, match=r"weights\.safetensors is missing"):
        load_checkpoint(folder)


def test_a_pickle_of_code_under_the_weights_name_is_refused_and_never_run(folder, tmp_path):
    torch.save({"w": Trap(tmp_path / "sprung")}, folder / "weights.safetensors")
    with pytest.raises(UserError, match="not a safetensors file, or it is damaged"):
        load_checkpoint(folder)
    assert not (tmp_path / "sprung").exists()


def test_a_pytorch_file_with_code_in_it_is_refused_and_never_run(tmp_path):
    torch.save({"w": Trap(tmp_path / "sprung")}, tmp_path / "model.pt")
    with pytest.raises(UserError, match="reading it would run code") as refused:
        read_weights(tmp_path / "model.pt")
    assert "state_dict() alone" in refused.value.remedy
    assert not (tmp_path / "sprung").exists()


def test_a_pytorch_file_of_plain_weights_is_read_out_of_its_wrappers(tmp_path):
    torch.save({"state_dict": {"module.stem": torch.ones(2)}}, tmp_path / "model.pth")
    assert {n: w.tolist() for n, w in read_weights(tmp_path / "model.pth").items()} == {
        "stem": [1.0, 1.0]
    }


def test_a_pytorch_file_of_something_else_is_refused(tmp_path):
    torch.save([1, 2, 3], tmp_path / "model.pth")
    with pytest.raises(UserError, match="holds no dictionary of weights"):
        read_weights(tmp_path / "model.pth")


def test_exchanged_weights_are_noticed(folder, tmp_path):
    torch.manual_seed(1)
    save_checkpoint(build_model(model_of("metamodel_tiny")), a_config(), tmp_path / "other")
    exchanged = (tmp_path / "other/weights.safetensors").read_bytes()
    (folder / "weights.safetensors").write_bytes(exchanged)
    with pytest.raises(UserError, match=r"not those that config\.json describes"):
        load_checkpoint(folder)


def test_weights_of_another_network_are_refused_with_names_and_shapes():
    with pytest.raises(UserError, match="belong to another network") as refused:
        fill(
            torch.nn.Linear(2, 3),
            {"weight": torch.zeros(3, 5), "scale": torch.zeros(1)},
            where="other.pt",
        )
    assert refused.value.problems == (
        "missing: bias",
        "unknown: scale",
        "weight is 3x5, the network has 3x2",
    )


def test_long_lists_of_names_are_cut_short():
    with pytest.raises(UserError) as refused:
        fill(torch.nn.Linear(2, 3), {f"w{n}": torch.zeros(1) for n in range(9)}, where="x")
    assert refused.value.problems == (
        "missing: weight, bias",
        "unknown: w0, w1, w2 and 6 more",
    )


def test_a_config_that_is_no_json_is_refused(folder):
    (folder / "config.json").write_text("{")
    with pytest.raises(UserError, match="not readable JSON"):
        read_config(folder)


def test_a_config_of_another_format_is_refused(folder):
    rewrite(folder, lambda found: found.update(format=3))
    with pytest.raises(UserError, match="no checkpoint of format 1 or 2"):
        read_config(folder)


def test_every_problem_of_a_config_is_listed(folder):
    def change(found):
        del found["licence"]
        found["colour"] = "red"
        found["num_parameters"] = "many"
        found["model"]["codec"]["sigma_px"] = True
        found["model"]["mean"] = 3
        found["model"]["network"]["base"]["depth"] = 3
        del found["model"]["padding"]
        del found["model"]["codec"]["height"]

    rewrite(folder, change)
    with pytest.raises(UserError, match="The description does not fit") as refused:
        read_config(folder)
    assert refused.value.problems == (
        "licence is missing",
        "colour is unknown",
        "model.padding is missing",
        "model.network.base.depth is unknown",
        "model.codec.height is missing",
        "model.codec.sigma_px is True, which is not a number",
        "model.mean is 3, which is not a list",
        "num_parameters is 'many', which is not a whole number",
    )


def test_a_config_without_a_model_object_is_refused(folder):
    rewrite(folder, lambda found: found.update(model="tiny"))
    with pytest.raises(UserError) as refused:
        read_config(folder)
    assert refused.value.problems == ("model is not an object",)
