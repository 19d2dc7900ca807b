"""Suspects as a table that people edit and `relabel` takes back."""

import csv
import io
from collections.abc import Sequence

from core.data.review import Suspect

# The first are those of verdicts.csv: an untouched line asks for what is there already.
COLUMNS = (
    "annotation_id", "keypoint", "v", "x", "y", "from_v", "annotator", "reason",
    "given", "suggested", "suspicion", "p0", "p1", "p2", "suggested_x", "suggested_y",
    "image_id", "file_name", "run",
)  # fmt: skip
_BYTE_ORDER_MARK = "\ufeff"


def suspects_csv(suspects: Sequence[Suspect], run: str | None) -> str:
    """The table, parted by commas.

    Args:
        run: whose opinion it holds.
    """
    out = io.StringIO(newline="")
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(COLUMNS)
    for suspect in suspects:
        flag = int(suspect.current)
        p = suspect.p or (None, None, None)
        x, y = suspect.place_px or (None, None)
        lines.writerow(
            [
                suspect.annotation_id, suspect.name, flag, "", "", flag, "", "",
                int(suspect.given), _number(suspect.suggested, 0), _number(suspect.suspicion, 4),
                *(_number(value, 4) for value in p), _number(x, 2), _number(y, 2),
                suspect.image_id, suspect.file_name, run or "",
            ]
        )  # fmt: skip
    return out.getvalue()


def for_spreadsheets(table: str) -> bytes:
    """The table as a file: some spreadsheets take other alphabets for gibberish without a mark."""
    return (table if table.isascii() else _BYTE_ORDER_MARK + table).encode()


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"
