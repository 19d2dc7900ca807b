"""A description may come from a stranger: what no network is built from is refused in words."""

import json
import math

import pytest

from core.errors import UserError
from core.models.checkpoint import load_checkpoint
from core.models.checkpoint_config import CheckpointConfig, read_config, write_config
from core.models.entries import model_of
from core.models.families import FAMILIES

GOOD = CheckpointConfig(
    "small", model_of("metamodel_tiny"), "For tests.", "none", "nothing", "", 0, ""
)


@pytest.fixture
def folder(tmp_path):
    write_config(GOOD, tmp_path)
    return tmp_path


def problems(folder, place: str, value: object) -> tuple[str, ...]:
    """What is said of a description with one value changed."""
    file = folder / "config.json"
    found = json.loads(file.read_text())
    *outer, name = place.split(".")
    part = found
    for step in outer:
        part = part[step]
    part[name] = value
    file.write_text(json.dumps(found))
    with pytest.raises(UserError, match="The description does not fit") as refused:
        read_config(folder)
    return refused.value.problems


def test_a_good_description_is_read_as_it_was_written(folder):
    assert read_config(folder) == GOOD


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("name", "", "name is '', which is no name"),
        ("name", "a\nb", r"name is 'a\nb', which is no name"),
        ("what", "x" * 2001, "what is longer than 2000 characters"),
        ("licence", "x" * 2001, "licence is longer than 2000 characters"),
        ("trained_on", "\ud800", "trained_on holds half a character, which no file can keep"),
        ("data_sha256", "../..", "data_sha256 is '../..', which is no SHA-256"),
        ("weights_sha256", "A" * 64, f"weights_sha256 is {'A' * 64!r}, which is no SHA-256"),
        ("num_parameters", -1, "num_parameters is -1"),
        ("num_parameters", 10**18, "num_parameters is 1000000000000000000"),
        ("model.codec.sigma_px", 0, "model.codec.sigma_px is 0, not from 0.1 to 100"),
        ("model.codec.sigma_px", math.nan,
         "model.codec.sigma_px is nan, which is not a number"),
        ("model.codec.sigma_px", True, "model.codec.sigma_px is True, which is not a number"),
        ("model.codec.blur_px", 4, "model.codec.blur_px is 4, which is not odd"),
        ("model.codec.rounded", 1, "model.codec.rounded is 1, which is not true or false"),
        ("model.codec.activation", "relu", "model.codec.activation is 'relu', not one of none, "
         "softmax"),
        ("model.codec.kind", "grids", "model.codec.kind is 'grids', not one of heatmap, simcc, "
         "grid"),
        ("model.codec.kind", [], "model.codec.kind is [], not one of heatmap, simcc, grid"),
        ("model.codec", [], "model.codec is not an object"),
        ("model.network", 3, "model.network is not an object"),
        ("model.network.base", None, "model.network.base is not an object"),
        ("model.network.base.width", 3, "model.network.base.width is 3, not from 0.05 to 2"),
        ("model.network.hidden", [4096] * 6,
         "model.network.hidden is not 1 to 5 whole numbers from 8 to 16384"),
        ("model.network.bottleneck", 64.5,
         "model.network.bottleneck is 64.5, which is not a whole number"),
        ("model.padding", math.inf, "model.padding is inf, which is not a number"),
        ("model.channel_order", "RBG", "model.channel_order is 'RBG', not one of RGB, BGR"),
        ("model.alignment", "", "model.alignment is '', not one of centres, classic, udp"),
        ("model.codec.flip_shift_px", 5000,
         "model.codec.flip_shift_px is 5000, not from -8 to 8"),
        ("model.keypoint_names", [], "model.keypoint_names has 0 names, not 1 to 500"),
        ("model.keypoint_names", ["x"] * 17,
         "model.keypoint_names holds what is no name, or one name twice"),
        ("model.keypoint_names", [7] * 17,
         "model.keypoint_names holds what is no name, or one name twice"),
        ("model.keypoint_names", "nose", "model.keypoint_names is 'nose', which is not a list"),
        ("model.edges", [[0, 17]],
         "model.edges names a keypoint beyond the 17 there are, counted from 0"),
        ("model.edges", [[0, 1, 2]],
         "model.edges is not a list of pairs of places, counted from 0 to 499"),
        ("model.edges", [[0, 500]],
         "model.edges is not a list of pairs of places, counted from 0 to 499"),
        ("model.edges", [5], "model.edges is not a list of pairs of places, counted from 0 to 499"),
        ("model.edges", {}, "model.edges is {}, which is not a list"),
        ("model.crop_size_wh_px", [1e6, 1e6],
         "model.crop_size_wh_px is not 2 whole numbers from 32 to 2048"),
        ("model.crop_size_wh_px", [160],
         "model.crop_size_wh_px is not 2 whole numbers from 32 to 2048"),
        ("model.crop_size_wh_px", ["160", "192"],
         "model.crop_size_wh_px is not 2 whole numbers from 32 to 2048"),
        ("model.codec.size_wh_px", [40, 10**9],
         "model.codec.size_wh_px is not 2 whole numbers from 1 to 1024"),
        ("model.mean", [1, 2], "model.mean is not 3 numbers from -1e+06 to 1e+06"),
        ("model.std", [1, 0, 1], "model.std is not 3 numbers from 1e-06 to 1e+06"),
        ("training", [], "training is [], which is not an object"),
        ("licence", None, "licence is None, which is not text"),
        ("model.family", 3, f"model.family is 3, not one of {', '.join(FAMILIES)}"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(folder, place, value, said):
    assert problems(folder, place, value) == (said,)


def test_a_network_of_a_hundred_gigabytes_is_refused_before_it_is_built(folder):
    said = problems(folder, "model.keypoint_names", [f"k{n}" for n in range(30_000)])
    assert said[0] == "model.keypoint_names has 30000 names, not 1 to 500"
    with pytest.raises(UserError, match="does not fit"):
        load_checkpoint(folder)


def test_long_values_and_names_are_cut_short_in_what_is_said(folder):
    (said,) = problems(folder, "x" * 500, 1)
    assert said == f"{'x' * 60} is unknown"
    folder.joinpath("config.json").unlink()
    write_config(GOOD, folder)
    (said,) = problems(folder, "num_parameters", "y" * 500)
    assert said == f"num_parameters is '{'y' * 56}..., which is not a whole number"


def test_a_description_larger_than_any_is_not_read(folder):
    (folder / "config.json").write_bytes(b" " * ((1 << 20) + 1))
    with pytest.raises(UserError, match="larger than 1,048,576 bytes"):
        read_config(folder)


def test_nesting_without_end_is_refused(folder):
    (folder / "config.json").write_text("[" * 200_000)
    with pytest.raises(UserError, match="not readable JSON"):
        read_config(folder)


@pytest.mark.parametrize("version", [3, 0, "1", None, True])
def test_another_version_is_refused(folder, version):
    file = folder / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "format": version}))
    with pytest.raises(UserError, match="no checkpoint of format 1 or 2") as refused:
        read_config(folder)
    assert refused.value.remedy == "It may have been written by a newer version of the program."
