"""Files that hold no COCO data at all: each refused in words, with the place where it breaks."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from core.data.coco_json import open_coco, read_coco, read_source
from core.errors import UserError
from tests.core.data.coco_files import a_file, written


def refusal(path: Path) -> str:
    with pytest.raises(UserError) as refused:
        read_coco(path)
    return str(refused.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[]", "at the top stands a list, not an object."),
        ('[{"bbox": [1, 2', "at the top stands a list, not an object."),
        ("12", "at the top stands a single value, not an object."),
    ],
)
def test_what_holds_no_coco_object_is_refused(tmp_path: Path, content: str, message: str):
    assert refusal(written(tmp_path, content)) == (
        f"file.json: The file holds no COCO data: {message} "
        "Choose a file with images, annotations and categories."
    )


def test_a_truncated_file_is_refused_with_the_place(tmp_path: Path):
    whole = json.dumps(a_file())
    assert refusal(written(tmp_path, whole[:-30])).startswith(
        "file.json: The JSON breaks at line 1, column"
    )


@pytest.mark.parametrize("cut", range(0, 400, 7))
def test_no_cut_off_file_is_taken_for_whole(tmp_path: Path, cut: int):
    whole = json.dumps(a_file())
    with pytest.raises(UserError, match=r"cut off|empty|Correct"):
        open_coco(written(tmp_path, whole[: min(cut, len(whole) - 1)]))


def test_a_missing_file_is_said(tmp_path: Path):
    assert refusal(tmp_path / "none.json") == f"There is no file {tmp_path / 'none.json'}."


def test_a_folder_is_no_file(tmp_path: Path):
    message = "This is a folder, not a file. Name the JSON file in it."
    assert refusal(tmp_path) == f"{tmp_path}: {message}"


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path):
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    message = "This is a pipe or a device, not a file. Write it to a file first."
    assert refusal(pipe) == f"{pipe}: {message}"


def test_a_zip_is_told_from_json(tmp_path: Path):
    assert refusal(written(tmp_path, b"PK\x03\x04\x14\x00")) == (
        "file.json: The file is a zip archive, not JSON. "
        "Unpack it, or import it by a name that ends in .zip."
    )


def test_an_empty_file_is_said(tmp_path: Path):
    message = "The file is empty. Choose a COCO keypoint file."
    assert refusal(written(tmp_path, "")) == f"file.json: {message}"
    packed = written(tmp_path, gzip.compress(b""), "file.json.gz")
    assert refusal(packed) == f"file.json.gz: {message}"


def test_a_gz_file_that_is_not_is_said(tmp_path: Path):
    assert refusal(written(tmp_path, "{}", "a.json.gz")) == (
        "a.json.gz: The file is not gzip although its name ends in .gz."
    )


@pytest.mark.parametrize("damage", [lambda b: b[:-9], lambda b: b[:30] + b"xx" + b[32:]])
def test_a_damaged_gz_file_is_said(tmp_path: Path, damage: Any):
    packed = damage(gzip.compress(json.dumps(a_file()).encode()))
    assert refusal(written(tmp_path, packed, "a.json.gz")) == (
        "a.json.gz: The gzip file is damaged or cut off. Get it again."
    )


def test_a_gzip_bomb_is_stopped_before_it_fills_the_memory(tmp_path: Path):
    bomb = written(tmp_path, gzip.compress(b" " * 50_000_000), "a.json.gz")
    assert bomb.stat().st_size < 60_000
    with pytest.raises(UserError) as refused:
        read_source(bomb, max_bytes=20_000_000)
    assert str(refused.value) == (
        "a.json.gz: The file is larger than 20,000,000 bytes once decompressed. Split it."
    )


def test_a_file_that_is_too_large_is_refused(tmp_path: Path):
    with pytest.raises(UserError, match=r"^file\.json: The file is larger than 10 bytes\. Split"):
        read_source(written(tmp_path, " " * 11), max_bytes=10)
