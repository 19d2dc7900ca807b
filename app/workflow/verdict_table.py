"""The table of verdicts people hand in: verdicts.csv, read whole, every problem listed by row."""

import csv
import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.workflow.names import checked_annotator
from core.data.visibility import Visibility
from core.errors import UserError

COLUMNS = ("annotation_id", "keypoint", "v")
OPTIONAL = ("x", "y", "from_v", "annotator", "reason")
MOST_BYTES = 200 << 20
MOST_PROBLEMS = 1000  # listed; the rest is counted
LONGEST_REASON = 2_000
_ID = re.compile("-?[0-9]{1,19}")
_SIGNS = {";": "semicolons", "\t": "tabs"}


@dataclass(frozen=True)
class VerdictLine:
    """One line of the table; `row` counts as a spreadsheet does, the header being row 1.

    Attributes:
        keypoint: its name.
        xy_image_px: None to keep the place.
        from_v: the flag it must have now; None: any.
        annotator: empty: whoever hands the table in.
    """

    row: int
    annotation_id: int
    keypoint: str
    visibility: Visibility
    xy_image_px: tuple[float, float] | None
    from_v: Visibility | None
    annotator: str
    reason: str


def read_verdict_table(path: Path) -> tuple[list[VerdictLine], list[str]]:
    """Every line that can be read, and what is wrong with the others.

    Raises:
        UserError: the file cannot be read, or lacks a column.
    """
    rows = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    lines: list[VerdictLine] = []
    problems: list[str] = []
    row = 1
    try:
        header = [name.strip() for name in next(rows, [])]
        _check_header(header, path)
        for row, cells in enumerate(rows, start=2):
            if not any(cells):
                continue
            found = _line(header, cells, row)
            if isinstance(found, VerdictLine):
                lines.append(found)
            else:
                problems += found
    except csv.Error as error:
        problems.append(f"row {row + 1}: this is no CSV ({error}).")
    return lines, [*problems, *_twice(lines)]


def refused_table(path: Path, problems: list[str]) -> UserError:
    """All problems of a table as one error."""
    more = len(problems) - MOST_PROBLEMS
    listed = problems[:MOST_PROBLEMS] + ([f"and {more} more."] if more > 0 else [])
    number = f"{len(problems)} {'problem' if len(problems) == 1 else 'problems'}"
    return UserError(
        f"{number}; none of the rows was taken.",
        where=str(path),
        remedy="Mend the rows and hand the table in again.",
        problems=listed,
    )


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError(
                f"The table is larger than {MOST_BYTES >> 20} MB.",
                where=str(path),
                remedy="Hand it in in parts.",
            )
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(
            "The table is not UTF-8 text.", where=str(path), remedy="Save it as CSV in UTF-8."
        ) from error
    except OSError as error:
        raise UserError(
            f"The table cannot be read: {error.strerror}.",
            where=str(path),
            remedy="Check the path.",
        ) from error


def _check_header(header: list[str], path: Path) -> None:
    names = ", ".join(COLUMNS + OPTIONAL)
    remedy = f"The first line names the columns: {names}."
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        what = f"The table has no column {', '.join(missing)}."
        if len(header) == 1 and (sign := re.search("[;\t]", header[0])):
            what = f"The columns are parted by {_SIGNS[sign[0]]}; they must be parted by commas."
        raise UserError(
            what if any(header) else "The table is empty.", where=str(path), remedy=remedy
        )
    twice = [name for name in COLUMNS + OPTIONAL if header.count(name) > 1]
    if twice:
        what = f"The table has the column {', '.join(twice)} more than once."
        raise UserError(what, where=str(path), remedy=remedy)


def _line(header: list[str], cells: list[str], row: int) -> VerdictLine | list[str]:
    fields = dict(zip(header, cells, strict=False))
    cell = {name: fields.get(name, "").strip() for name in COLUMNS + OPTIONAL}
    problems: list[str] = []
    if len(cells) > len(header):
        problems.append(f"row {row}: it has more cells than the header.")
    annotation_id = _id(cell["annotation_id"])
    if annotation_id is None:
        problems.append(f"row {row}: annotation_id {cell['annotation_id'][:50]!r} is no id.")
    if not cell["keypoint"]:
        problems.append(f"row {row}: the keypoint's name is missing.")
    visibility, from_v = _flag(cell["v"]), _flag(cell["from_v"])
    if visibility is None:
        problems.append(f"row {row}: v is {cell['v']!r}; it must be 0, 1 or 2.")
    if cell["from_v"] and from_v is None:
        problems.append(f"row {row}: from_v is {cell['from_v']!r}; it must be 0, 1, 2 or empty.")
    if len(cell["reason"]) > LONGEST_REASON:
        problems.append(f"row {row}: the reason has more than {LONGEST_REASON} letters.")
    place, bad_place = _place(cell["x"], cell["y"])
    annotator, bad_name = _annotator(cell["annotator"])
    problems += [f"row {row}: {problem}" for problem in (bad_place, bad_name) if problem]
    if problems or annotation_id is None or visibility is None:
        return problems
    return VerdictLine(
        row, annotation_id, cell["keypoint"], visibility, place, from_v,
        annotator, cell["reason"],
    )  # fmt: skip


def _annotator(text: str) -> tuple[str, str]:
    """The name as verdicts keep it, empty where none is given, and what is wrong with it."""
    if not text:
        return "", ""
    try:
        return checked_annotator(text), ""
    except UserError as error:
        return "", str(error)


def _id(text: str) -> int | None:
    if not _ID.fullmatch(text):
        return None
    return int(text) if abs(int(text)) < 2**63 else None  # larger ones no dataset can have


def _flag(text: str) -> Visibility | None:
    return Visibility(int(text)) if text in {"0", "1", "2"} else None


def _place(x: str, y: str) -> tuple[tuple[float, float] | None, str]:
    """The place or None for none, and what is wrong with it."""
    if not x and not y:
        return None, ""
    try:
        place = float(x), float(y)
    except ValueError:
        place = None
    if place is None or "_" in x + y:  # 1_000 is a number in Python alone
        return None, f"x, y is {x!r}, {y!r}; both must be numbers, or both empty."
    if not all(math.isfinite(value) for value in place):
        return None, f"x, y is {x!r}, {y!r}; both must be finite numbers."
    return place, ""


def _twice(lines: list[VerdictLine]) -> Iterator[str]:
    first: dict[tuple[int, str], int] = {}
    for line in lines:
        row = first.setdefault((line.annotation_id, line.keypoint), line.row)
        if row != line.row:
            yield (
                f"row {line.row}: annotation {line.annotation_id}, {line.keypoint} "
                f"stands in row {row} already."
            )
