import os
import zipfile
from collections import OrderedDict

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from core.errors import UserError
from core.models.public_weights import plain_file
from core.models.public_weights.plain_file import read_public

WEIGHTS = {"conv1.weight": torch.ones(2, 3)}


class Trap:
    """Pickles to code that makes a folder."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def saved(tmp_path, content, name="weights.pth", **settings):
    torch.save(content, tmp_path / name, **settings)
    return tmp_path / name


@pytest.mark.parametrize(
    "content",
    [
        WEIGHTS,
        {"state_dict": WEIGHTS, "meta": {"config": "model = dict()", "epoch": 210}},
        {"model": OrderedDict(WEIGHTS), "optimizer": {"state": {}}, "iteration": 96000},
        {"module.conv1.weight": torch.ones(2, 3)},
    ],
    ids=["bare", "state_dict", "model", "module"],
)
def test_wrappers_of_toolboxes_are_taken_off(tmp_path, content):
    found = read_public(saved(tmp_path, content))
    assert list(found) == ["conv1.weight"]
    assert torch.equal(found["conv1.weight"], torch.ones(2, 3))


def test_arrays_beside_the_weights_do_no_harm(tmp_path):
    # mmpose 1.x writes its data set's sigmas, colours and flags beside the weights.
    meta = {
        "sigmas": np.array([0.026, 0.035], dtype=np.float32),
        "colours": np.zeros((2, 3), dtype=np.uint8),
        "names": np.array(["nose", "eye"]),
        "weight": np.float32(1.5),
        "upper": (0, 1),
    }
    found = read_public(saved(tmp_path, {"state_dict": WEIGHTS, "meta": {"dataset_meta": meta}}))
    assert list(found) == ["conv1.weight"]


def test_files_from_before_zip_are_read(tmp_path):
    file = saved(tmp_path, WEIGHTS, _use_new_zipfile_serialization=False)
    assert list(read_public(file)) == ["conv1.weight"]


def test_safetensors_are_read(tmp_path):
    save_file(WEIGHTS, tmp_path / "model.safetensors")
    assert list(read_public(tmp_path / "model.safetensors")) == ["conv1.weight"]


@pytest.mark.parametrize("zipped", [True, False])
def test_code_is_refused_never_run_and_named(tmp_path, zipped):
    content = {"model": Trap(tmp_path / "sprung"), "state_dict": WEIGHTS}
    file = saved(tmp_path, content, _use_new_zipfile_serialization=zipped)
    with pytest.raises(UserError, match="reading it would run code") as error:
        read_public(file)
    assert not (tmp_path / "sprung").exists()
    if zipped:
        assert "(posix.mkdir)" in error.value.what
        assert "save model.state_dict() alone" in error.value.remedy


def test_arrays_of_objects_cannot_smuggle_code_in(tmp_path):
    smuggled = np.array([Trap(tmp_path / "sprung")], dtype=object)
    with pytest.raises(UserError, match="would run code"):
        read_public(saved(tmp_path, {"state_dict": WEIGHTS, "meta": smuggled}))
    assert not (tmp_path / "sprung").exists()


class Odd:
    """Pickles to a function that is allowed, with arguments it cannot have."""

    def __init__(self, *arguments):
        self.arguments = arguments

    def __reduce__(self):
        return np.zeros(1).__reduce__()[0], (np.ndarray, *self.arguments)


@pytest.mark.parametrize("odd", [Odd((10**13,), b"d"), Odd("x", b"d")], ids=["huge", "no shape"])
def test_arrays_that_cannot_be_are_refused_in_words(tmp_path, odd):
    with pytest.raises(UserError, match="or it is damaged"):
        read_public(saved(tmp_path, {"state_dict": WEIGHTS, "meta": odd}))


@pytest.mark.parametrize(
    "tensor",
    [torch.zeros(3).to_sparse(), torch.zeros(3, device="meta")],
    ids=["sparse", "without numbers"],
)
def test_other_tensors_than_plain_ones_are_refused(tmp_path, tensor):
    with pytest.raises(UserError, match="holds other tensors than plain ones") as error:
        read_public(saved(tmp_path, {**WEIGHTS, "odd": tensor}))
    assert error.value.problems == ("sparse, quantised or without numbers: odd",)


def test_one_number_that_says_it_repeats_takes_the_room_of_all(tmp_path):
    with pytest.raises(UserError, match="larger than 4,294,967,296 bytes; they are not read"):
        read_public(saved(tmp_path, {"a": torch.zeros(1).expand(2**31)}))


def test_a_device_is_no_file_of_weights(tmp_path):
    (tmp_path / "model.safetensors").symlink_to("/dev/zero")
    with pytest.raises(UserError, match="This is no file of weights"):
        read_public(tmp_path / "model.safetensors")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UserError, match="There is no such file"):
        read_public(tmp_path / "none.pth")


def test_a_damaged_file_is_named(tmp_path):
    (tmp_path / "half.pth").write_bytes(b"not weights")
    with pytest.raises(UserError, match="or it is damaged"):
        read_public(tmp_path / "half.pth")


def test_a_damaged_archive_is_named(tmp_path, monkeypatch):
    def damaged(*_):
        raise zipfile.BadZipFile

    file = saved(tmp_path, WEIGHTS)
    monkeypatch.setattr(plain_file.zipfile, "ZipFile", damaged)
    with pytest.raises(UserError, match="cannot be read, or it is damaged"):
        read_public(file)


def test_what_unpacks_to_more_than_fits_is_not_unpacked(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "bomb.pth", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("archive/data.pkl", bytes(2_000_000))
    assert (tmp_path / "bomb.pth").stat().st_size < 10_000
    monkeypatch.setattr(plain_file, "MAX_WEIGHTS_BYTES", 1_000_000)
    with pytest.raises(UserError, match="larger than 1,000,000 bytes; they are not read"):
        read_public(tmp_path / "bomb.pth")
