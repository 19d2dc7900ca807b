"""Files of folders from strangers: read with limits, refused in words."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from core.errors import UserError
from core.models.hub_folder import MAX_JSON_BYTES, count_numbers, read_json, require_bounded

MOST = 1 << 20


def test_an_object_is_read_and_one_that_is_not_needed_may_be_missing(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"a": 1}')
    assert read_json(tmp_path / "a.json") == {"a": 1}
    assert read_json(tmp_path / "b.json", needed=False) == {}


@pytest.mark.parametrize(
    ("packed", "words"),
    [
        (None, "config.json is missing."),
        (b"{", "This is not readable JSON."),
        (b"[" * 100_000, "This is not readable JSON."),
        (b"\xff", "This is not readable JSON."),
        (b"[]", "This is no JSON object."),
        (b" " * (MAX_JSON_BYTES + 1), "This is larger than 1,048,576 bytes."),
    ],
)
def test_what_is_no_small_object_is_refused(
    tmp_path: Path, packed: bytes | None, words: str
) -> None:
    if packed is not None:
        (tmp_path / "config.json").write_bytes(packed)
    with pytest.raises(UserError) as refused:
        read_json(tmp_path / "config.json")
    assert refused.value.what == words


def test_a_folder_in_the_place_of_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "config.json").mkdir()
    with pytest.raises(UserError, match="This cannot be read: Is a directory"):
        read_json(tmp_path / "config.json")


def test_numbers_are_counted_by_the_header_alone(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    save_file({"a": torch.zeros(2, 3), "b": torch.zeros(())}, file, metadata={"format": "pt"})
    assert count_numbers(file, most_bytes=MOST) == 7


@pytest.mark.parametrize(
    ("packed", "words"),
    [
        (None, "model.safetensors is missing."),
        (b"", "This is not a safetensors file, or it is damaged."),
        (b"\xff" * 8 + b"{}", "This is not a safetensors file, or it is damaged."),
        ((2).to_bytes(8, "little") + b"[]", "This is not a safetensors file, or it is damaged."),
        (
            (2).to_bytes(8, "little") + b"{}" + b" " * MOST,
            "The weights are larger than 1,048,576 bytes; they are not read.",
        ),
    ],
)
def test_what_are_no_weights_is_refused(tmp_path: Path, packed: bytes | None, words: str) -> None:
    file = tmp_path / "model.safetensors"
    if packed is not None:
        file.write_bytes(packed)
    with pytest.raises(UserError) as refused:
        count_numbers(file, most_bytes=MOST)
    assert refused.value.what == words


def test_a_header_of_odd_shapes_counts_nothing(tmp_path: Path) -> None:
    header = json.dumps({"a": {"shape": ["x"]}, "b": 3}).encode()
    (tmp_path / "m").write_bytes(len(header).to_bytes(8, "little") + header)
    assert count_numbers(tmp_path / "m", most_bytes=MOST) == 0


def nested(depth: int) -> object:
    return {"a": nested(depth - 1)} if depth else 1


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"a": {"layers": 10**9}}, "a.layers is 1000000000, which is more than 20,000"),
        ({"a": [1, -(10**6)]}, "a is -1000000, which is more than 20,000"),
        ({"a": [0] * 20_001}, "a has 20,001 items"),
        (nested(12), "a.a.a.a.a.a.a.a.a.a.a.a is nested too deep"),
    ],
)
def test_numbers_beyond_any_network_are_refused(said: object, problem: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="The description does not fit") as refused:
        require_bounded(said, tmp_path / "config.json")
    assert refused.value.problems == (problem,)


def test_ordinary_descriptions_pass(tmp_path: Path) -> None:
    require_bounded({"a": {"b": [1, 2.5, True, None, "x" * 99_999]}}, tmp_path / "config.json")
