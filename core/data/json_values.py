"""What a JSON value is, and how it is shown to people."""

import json
import re
from collections.abc import Sequence
from math import isfinite

# Half characters and NUL, which JSON can spell but no file name, database or page can hold.
_UNSTORABLE = re.compile("[\ud800-\udfff\0]")


def is_number(value: object) -> bool:
    """Whether a JSON value is a number; true and false are none."""
    return type(value) is int or type(value) is float


def as_float(value: int | float) -> float:
    """The number as a float; infinite where it is larger than any."""
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def is_finite(value: object) -> bool:
    """Whether a JSON value is a number that a float can hold; NaN and Infinity are none."""
    return (type(value) is int or type(value) is float) and isfinite(as_float(value))


def whole_number(value: object) -> int | None:
    """A whole number that fits into 64 bits, 2.0 too; None for anything else."""
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is int and -(2**63) <= value < 2**63:
        return value
    return None


def keypoint_count(value: object) -> int | None:
    """What a num_keypoints counts; None where it is missing or counts nothing."""
    whole = whole_number(value)
    return whole if whole is not None and 0 <= whole < 2**31 else None


def id_problem(key: str, value: object) -> str:
    """What is wrong with an id that is no whole number, to follow the name of its owner."""
    if value is None:
        return f"has no {key}"
    if type(value) is int:
        return f"has the {key} {shorten(value)}; ids must be below 2^63"
    return f"has the {key} {shorten(value)}; ids must be whole numbers"


def storable(text: str) -> str:
    """A string of the file with a mark in place of what cannot be stored or shown."""
    return _UNSTORABLE.sub("\ufffd", text)


def shorten(value: object, length: int = 60) -> str:
    """A JSON value as it could stand in the file, cut where it is long."""
    try:
        text = storable(json.dumps(value, ensure_ascii=False))
    except (ValueError, RecursionError):  # an int of more digits than Python writes, for one
        text = "a very long value"
    return text if len(text) <= length else f"{text[: length - 3]}..."


def first_few(names: Sequence[str], shown: int = 3) -> str:
    """`nose, left_eye, right_eye and 4 more`."""
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more
