"""How numbers are written in a file, so that a new one looks like those around it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_NUMBER = re.compile(r"-?\d+(?:\.(\d+))?(?:[eE][+-]?\d+)?")
_EXPONENT = re.compile(r"[eE]")
# A list of numbers only; a category's names never match. It is searched for in the text, for the
# style alone.
_KEYPOINT_LIST = re.compile(rb'"keypoints"\s*:\s*\[([-+.,\deE\s]+)\]')
_SAMPLE = 200  # keypoint lists
_MAX_DECIMALS = 2  # a hundredth of a pixel is finer than anybody can point


def number_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Places of the numbers in text[start:end], which holds numbers and no strings."""
    return (found.span() for found in _NUMBER.finditer(text, start, end))


def flag_text(value: int, replaced: str) -> str:
    """A whole number in the style of another: for `2.00` 1.00, for `2` 1, for `2e0` 1.0."""
    return f"{value:.{_decimals(replaced)}f}"


@dataclass(frozen=True)
class CoordinateStyle:
    """Decimals of the coordinates around: none shows fewer than `least` or more than `most`."""

    least: int
    most: int

    @staticmethod
    def of(numbers: Sequence[str]) -> "CoordinateStyle":
        """The style of some coordinates, capped at hundredths of a pixel."""
        decimals = [min(_decimals(number), _MAX_DECIMALS) for number in numbers]
        return CoordinateStyle(min(decimals), max(decimals))

    def text(self, value: float, replaced: str) -> str:
        """A coordinate: 0 exactly as `replaced` would show it, else rounded to these decimals.

        A number with a point keeps one; zeros at the end are dropped where the coordinates
        around drop them.
        """
        own = _decimals(replaced)
        if value == 0:
            return f"{0:.{own}f}"
        own = min(own, _MAX_DECIMALS)
        shown = max(self.most, own)
        rounded = round(value, shown) + 0.0  # never -0.0
        whole, _, decimals = f"{rounded:.{shown}f}".partition(".")
        least = max(self.least, min(own, 1))
        decimals = decimals[:least] + decimals[least:].rstrip("0")
        return f"{whole}.{decimals}" if decimals else whole


def file_style(source: bytes) -> CoordinateStyle:
    """The style of the first keypoint lists of a file; hundredths where it shows none."""
    numbers: list[str] = []
    for count, found in enumerate(_KEYPOINT_LIST.finditer(source)):
        if count == _SAMPLE:
            break
        texts = found[1].decode().split(",")
        numbers += [text.strip() for k, text in enumerate(texts) if k % 3 < 2]
    labelled = [text for text in numbers if _NUMBER.fullmatch(text) and float(text)]
    return CoordinateStyle.of(labelled) if labelled else CoordinateStyle(0, _MAX_DECIMALS)


def _decimals(number: str) -> int:
    """Decimals shown; one for `2e0`, which is a float to every reader."""
    found = _NUMBER.fullmatch(number)
    decimals = len(found[1] or "") if found else 0
    return max(decimals, 1) if _EXPONENT.search(number) else decimals
