"""Reading JSON with the place of every value, so that one number can be replaced alone.

The decoder is Python's own: a value here is what `json.loads` makes of it, and of a key that
stands twice in an object the last counts.
"""

import json
import re
from collections.abc import Iterator, Sequence
from json import JSONDecodeError
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from core.errors import UserError

_UTF8_BOM = b"\xef\xbb\xbf"
_SPACE = " \t\n\r"
_skip_space = re.compile(r"[ \t\n\r]*").match
_digits = re.compile(r"\d{4301,}")  # longer ones Python refuses to turn into an int


def decode_json(source: bytes, *, where: str) -> tuple[str, int]:
    """The text of a JSON file and the length of its byte order mark in bytes.

    Raises:
        UserError: the bytes are empty or not UTF-8.
    """
    encoding = json.detect_encoding(source)
    if encoding.startswith(("utf-16", "utf-32")):
        raise UserError(
            f"The file is {encoding[:6].upper()} text; JSON is read as UTF-8.",
            where=where,
            remedy="Save it as UTF-8.",
        )
    bom = len(_UTF8_BOM) if source.startswith(_UTF8_BOM) else 0
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = bom + error.start  # the decoder counts behind the mark
        line = source.count(b"\n", 0, place) + 1
        raise UserError(
            f"The file is not UTF-8 text: line {line} (byte {place}) holds "
            f"the byte 0x{source[place]:02x}.",
            where=where,
            remedy="Save it as UTF-8.",
        ) from error
    if not text.strip(_SPACE):
        raise UserError("The file is empty.", where=where, remedy="Choose a COCO keypoint file.")
    return text, bom


def byte_offsets(
    text: str, places: Sequence[int] | NDArray[np.int64], *, bom: int
) -> NDArray[np.int64]:
    """Byte offsets of ascending character places; they differ once the text is not ASCII."""
    if text.isascii():
        return np.asarray(places, dtype=np.int64) + bom
    offsets = np.empty(len(places), dtype=np.int64)
    done, offset = 0, bom
    for row, place in enumerate(np.asarray(places, dtype=np.int64).tolist()):
        offset += len(text[done:place].encode())
        offsets[row] = offset
        done = place
    return offsets


class JsonCursor:
    """Walks through a JSON text value by value.

    Attributes:
        text: the text without a byte order mark.
        at: the place of the next value, in characters.
    """

    def __init__(self, text: str, *, where: str = "", bom: int = 0) -> None:
        self.text = text
        self.at = _after_space(text, 0)
        self._where = where
        self._bom = bom
        self._decoder = json.JSONDecoder()

    def peek(self) -> str:
        """The first character of the next value; empty at the end of the text."""
        return self.text[self.at : self.at + 1]

    def value(self) -> Any:
        """Read the next value whole."""
        try:
            found, self.at = self._decoder.raw_decode(self.text, self.at)
        except (ValueError, RecursionError) as error:
            self._refuse(error)
        return found

    def members(self) -> Iterator[str]:
        """Keys of the next value, an object, in order, doubled ones too.

        The caller reads each key's value before it asks for the next key.
        """
        self._step_over("{", "Expecting an object")
        if self.peek() == "}":
            self.at += 1
            return
        while True:
            if self.peek() != '"':
                self._fail("Expecting property name enclosed in double quotes")
            key = self.value()
            self._to_next()
            self._step_over(":", "Expecting ':' delimiter")
            yield key
            self._to_next()
            if self.peek() == "}":
                self.at += 1
                return
            self._step_over(",", "Expecting ',' delimiter")

    def elements(self, size: int) -> Iterator[tuple[list[Any], list[int], list[int]]]:
        """Values of the next value, a list, in batches with their starts and ends in characters."""
        self._step_over("[", "Expecting a list")
        if self.peek() == "]":
            self.at += 1
            return
        more = True
        while more:
            values: list[Any] = []
            starts: list[int] = []
            ends: list[int] = []
            while more and len(values) < size:
                starts.append(self.at)
                values.append(self.value())
                ends.append(self.at)
                more = self._one_more()
            yield values, starts, ends

    def finish(self) -> None:
        """Nothing but white space may follow.

        Raises:
            UserError: something does.
        """
        self._to_next()
        if self.at < len(self.text):
            self._fail("More stands behind the end")

    def _one_more(self) -> bool:
        """Step over the comma to the next element, or over the end of the list."""
        self._to_next()
        mark = self.peek()
        if mark == "]":
            self.at += 1
            return False
        if mark != ",":
            self._fail("Expecting ',' delimiter")
        self.at += 1
        self._to_next()
        return True

    def _to_next(self) -> None:
        if self.text[self.at : self.at + 1] in _SPACE:  # most often it is not
            self.at = _after_space(self.text, self.at)

    def _step_over(self, mark: str, complaint: str) -> None:
        if self.peek() != mark:
            self._fail(complaint)
        self.at = _after_space(self.text, self.at + 1)

    def _refuse(self, error: ValueError | RecursionError) -> NoReturn:
        if isinstance(error, JSONDecodeError):
            self._fail(error.msg.removesuffix(" starting at"), error.pos)
        if isinstance(error, RecursionError):
            self._fail("Lists or objects nested too deeply in the value that starts here")
        long_number = _digits.search(self.text, self.at)
        self._fail(
            "A number with more than 4,300 digits", long_number.start() if long_number else None
        )

    def _fail(self, complaint: str, place: int | None = None) -> NoReturn:
        """Say where the text stops being JSON, counted as editors count, and in bytes."""
        place = self.at if place is None else place
        line = self.text.count("\n", 0, place) + 1
        column = place - self.text.rfind("\n", 0, place)
        offset = self._bom + len(self.text[:place].encode())
        cut_off = not self.text[place:].strip() or complaint.startswith("Unterminated string")
        raise UserError(
            f"The JSON breaks at line {line}, column {column} (byte {offset}): {complaint}.",
            where=self._where,
            remedy="The file seems to be cut off; get it again."
            if cut_off
            else "Correct the file there or write it anew.",
        ) from None


def _after_space(text: str, at: int) -> int:
    found = _skip_space(text, at)
    assert found is not None  # the pattern matches nothing, too
    return found.end()
