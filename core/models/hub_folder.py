"""Folders laid out as on the Hub, read with limits: small JSON, a safetensors file. No torch."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.errors import UserError

CONFIG_FILE, WEIGHTS_FILE = "config.json", "model.safetensors"
PREPROCESSOR_FILE = "preprocessor_config.json"
MAX_JSON_BYTES = 1 << 20
MAX_HEADER_BYTES = 100 << 20  # of a safetensors file, as its own reader allows
LARGEST_NUMBER = 20_000  # in a description: beyond any layer, width or query count
_DEEPEST = 12  # objects inside objects


def read_json(file: Path, *, needed: bool = True) -> dict[str, Any]:
    """An object of a small JSON file; empty where it is not there and not needed.

    Raises:
        UserError: missing, too large, or no JSON object.
    """
    try:
        with file.open("rb") as opened:
            packed = opened.read(MAX_JSON_BYTES + 1)
    except FileNotFoundError:
        if not needed:
            return {}
        raise UserError(f"{file.name} is missing.", where=str(file.parent)) from None
    except OSError as error:
        raise UserError(f"This cannot be read: {error.strerror}.", where=str(file)) from error
    if len(packed) > MAX_JSON_BYTES:
        raise UserError(f"This is larger than {MAX_JSON_BYTES:,} bytes.", where=str(file))
    try:
        said = json.loads(packed)
    except (ValueError, RecursionError) as error:
        raise UserError("This is not readable JSON.", where=str(file)) from error
    if not isinstance(said, dict):
        raise UserError("This is no JSON object.", where=str(file))
    return said


def count_numbers(weights: Path, *, most_bytes: int) -> int:
    """How many numbers a safetensors file holds, by its header alone.

    Raises:
        UserError: it is missing, too large or no such file.
    """
    try:
        size = weights.stat().st_size
        with weights.open("rb") as opened:
            length = int.from_bytes(opened.read(8), "little")
            header = (
                json.loads(opened.read(length)) if length <= min(size, MAX_HEADER_BYTES) else None
            )
    except FileNotFoundError:
        raise UserError(f"{weights.name} is missing.", where=str(weights.parent)) from None
    except (OSError, ValueError, RecursionError):
        header = None
    if not isinstance(header, dict):
        raise UserError("This is not a safetensors file, or it is damaged.", where=str(weights))
    if size > most_bytes:
        raise UserError(
            f"The weights are larger than {most_bytes:,} bytes; they are not read.",
            where=str(weights),
        )
    return sum(_numbers_of(each) for name, each in header.items() if name != "__metadata__")


def require_bounded(said: object, file: Path) -> None:
    """Pass when every number can be: a network is built from them before a weight is read.

    Raises:
        UserError: something is beyond any network; at most ten are listed.
    """
    problems = list(_unbounded(said, "", _DEEPEST))
    if problems:
        raise UserError("The description does not fit.", where=str(file), problems=problems[:10])


def _unbounded(said: object, path: str, depth: int) -> Iterator[str]:
    if depth == 0:
        yield f"{path} is nested too deep"
    elif isinstance(said, dict):
        for name, value in said.items():
            yield from _unbounded(value, f"{path}.{name}"[:80].lstrip("."), depth - 1)
    elif isinstance(said, list):
        if len(said) > LARGEST_NUMBER:
            yield f"{path} has {len(said):,} items"
            return
        for value in said:
            yield from _unbounded(value, path, depth - 1)
    elif isinstance(said, int) and not isinstance(said, bool) and abs(said) > LARGEST_NUMBER:
        yield f"{path} is {str(said)[:40]}, which is more than {LARGEST_NUMBER:,}"


def _numbers_of(tensor: object) -> int:
    shape = tensor.get("shape") if isinstance(tensor, dict) else None
    if not isinstance(shape, list) or not all(isinstance(side, int) for side in shape):
        return 0
    count = 1
    for side in shape:
        count *= side
    return count
