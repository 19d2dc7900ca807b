"""A checkpoint folder is the old one or the new one, whatever happens while it is written."""

import os
import resource
import signal
from pathlib import Path

import pytest
import torch

from core.errors import UserError
from core.models import checkpoint
from core.models.catalog import build_model
from core.models.checkpoint import load_checkpoint, save_checkpoint
from core.models.checkpoint_config import CheckpointConfig, read_config
from core.models.entries import model_of
from core.models.families import FAMILIES

MODEL = model_of("metamodel_tiny")


def a_network(seed: int) -> torch.nn.Module:
    torch.manual_seed(seed)
    return build_model(MODEL)


def save(network: torch.nn.Module, folder: Path, what: str) -> CheckpointConfig:
    description = CheckpointConfig("small", MODEL, what, "none", "nothing", "", 0, "")
    return save_checkpoint(network, description, folder)


def first_weight(network: torch.nn.Module) -> list[float]:
    return network.state_dict()["base.backbone.stem.0.weight"].half().flatten().tolist()


def dies_at(call: int):
    """Run the writing of a second checkpoint in a child that is killed at its n-th disk call."""
    names = ("replace", "link", "fsync", "rename", "unlink")
    count = 0

    def counted(original):
        def wrapped(*given, **more):
            nonlocal count
            count += 1
            if count == call:
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*given, **more)

        return wrapped

    for name in names:
        setattr(os, name, counted(getattr(os, name)))


@pytest.fixture(scope="module")
def networks():
    return a_network(0), a_network(1)


def test_a_kill_at_any_moment_leaves_the_old_checkpoint_or_the_new_one(tmp_path, networks):
    old, new = networks
    seen = set()
    for call in range(1, 40):
        folder = tmp_path / str(call)
        save(old, folder, "old")
        child = os.fork()
        if child == 0:
            dies_at(call)
            save(new, folder, "new")
            os._exit(0)
        _, status = os.waitpid(child, 0)
        network, config = load_checkpoint(folder)
        wanted = {"old": old, "new": new}[config.what]
        assert first_weight(network) == first_weight(wanted)
        seen.add((config.what, os.WIFSIGNALED(status)))
        save(new, folder, "again")  # and the next writing tidies up
        assert sorted(path.name for path in folder.iterdir()) == [
            "config.json", "weights.safetensors",
        ]  # fmt: skip
        if not os.WIFSIGNALED(status):
            break
    assert seen == {("old", True), ("new", True), ("new", False)}


def test_a_full_disk_leaves_the_old_checkpoint_and_says_so(tmp_path, networks):
    old, new = networks
    save(old, tmp_path / "small", "old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    for most_bytes in (1000, 100_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, limits[1]))
        try:
            with pytest.raises(UserError, match="The disk is full; nothing was written") as refused:
                save(new, tmp_path / "small", "new")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert refused.value.remedy == "Make room, or choose another folder."
        network, config = load_checkpoint(tmp_path / "small")
        assert config.what == "old"
        assert first_weight(network) == first_weight(old)
        assert sorted(path.name for path in (tmp_path / "small").iterdir()) == [
            "config.json", "weights.safetensors",
        ]  # fmt: skip


def test_a_disk_that_is_full_once_the_weights_are_there_leaves_the_old_checkpoint(
    tmp_path, networks, monkeypatch
):
    old, new = networks
    save(old, tmp_path / "small", "old")

    def full(config, folder):
        raise UserError("The disk is full; nothing was written.")

    monkeypatch.setattr(checkpoint, "write_config", full)
    with pytest.raises(UserError, match="disk is full"):
        save(new, tmp_path / "small", "new")
    assert load_checkpoint(tmp_path / "small")[1].what == "old"
    assert len(list((tmp_path / "small").iterdir())) == 2


def test_a_file_where_the_folder_should_be_is_said(tmp_path, networks):
    (tmp_path / "small").write_text("x")
    with pytest.raises(UserError) as refused:
        save(networks[0], tmp_path / "small", "x")
    assert refused.value.where == str(tmp_path / "small")


def test_who_reads_while_it_is_written_never_sees_a_mixture(tmp_path, networks, monkeypatch):
    old, new = networks
    folder = tmp_path / "small"
    save(old, folder, "old")
    read = read_config
    times = []

    def written_in_between(asked):
        found = read(asked)
        if not times:
            times.append(1)
            save(new, folder, "new")
        return found

    monkeypatch.setattr(checkpoint, "read_config", written_in_between)
    network, config = load_checkpoint(folder)
    assert config.what == "new"
    assert first_weight(network) == first_weight(new)


@pytest.mark.parametrize("kept", [0, 7, 100, 5000, -1])
def test_weights_that_are_cut_off_are_refused(tmp_path, networks, kept):
    save(networks[0], tmp_path, "small")
    file = tmp_path / "weights.safetensors"
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(UserError, match="not a safetensors file, or it is damaged"):
        load_checkpoint(tmp_path)


def test_weights_of_another_architecture_are_refused(tmp_path, networks):
    import hashlib
    import json

    from safetensors.torch import save as packed

    save(networks[0], tmp_path, "small")
    other = packed({"layer.weight": torch.zeros(3, 3)})
    (tmp_path / "weights.safetensors").write_bytes(other)
    found = json.loads((tmp_path / "config.json").read_text())
    found["weights_sha256"] = hashlib.sha256(other).hexdigest()
    (tmp_path / "config.json").write_text(json.dumps(found))
    with pytest.raises(UserError, match="These weights belong to another network") as refused:
        load_checkpoint(tmp_path)
    assert refused.value.problems[1] == "unknown: layer.weight"


def test_weights_larger_than_any_are_not_read(tmp_path, networks, monkeypatch):
    save(networks[0], tmp_path, "small")
    monkeypatch.setattr(checkpoint, "MAX_WEIGHTS_BYTES", 1000)
    with pytest.raises(UserError, match="weights are larger than 1,000 bytes"):
        load_checkpoint(tmp_path)


def test_a_family_nobody_knows_is_refused_with_the_known_ones(tmp_path, networks):
    import json

    save(networks[0], tmp_path, "small")
    found = json.loads((tmp_path / "config.json").read_text())
    found["model"]["family"] = "resnet"
    (tmp_path / "config.json").write_text(json.dumps(found))
    with pytest.raises(UserError) as refused:
        load_checkpoint(tmp_path)
    known = ", ".join(FAMILIES)
    assert refused.value.problems == (f"model.family is 'resnet', not one of {known}",)
