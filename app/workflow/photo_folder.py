"""Guess where the photos of a file are: beside it, by the names people give such folders."""

import gzip
import json
import re
from pathlib import Path

from core.data.photos import photo_path
from core.errors import UserError

PEEK_BYTES = 64 << 20  # COCO's train file names its first photo long before
_CHUNK_BYTES = 1 << 20
_FILE_NAME = re.compile(rb'"file_name"\s*:\s*("(?:[^"\\]|\\.){0,4096}")')
_PREFIX = re.compile(r"^(person_keypoints|keypoints|annotations|instances|coco)[_-]")


def photos_beside(file: Path, content: Path | None = None) -> Path | None:
    """The folder near `file` that holds the first photo it names; None where none does.

    Args:
        content: where to read the file from, if not `file` itself.
    """
    first = first_photo_name(content or file)
    if first is None:
        return None
    return next(
        (folder for folder in _candidates(file.resolve()) if holds_photo(folder, first)), None
    )


def first_photo_name(file: Path) -> str | None:
    """The first file name in the text; only a guess, which `holds_photo` proves or drops."""
    window = b""
    try:
        with file.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
        with gzip.open(file) if packed else file.open("rb") as text:
            for _ in range(PEEK_BYTES // _CHUNK_BYTES):
                chunk = text.read(_CHUNK_BYTES)
                if found := _FILE_NAME.search(window + chunk):
                    name: object = json.loads(found[1])
                    return name if isinstance(name, str) else None
                if not chunk:
                    return None
                window = chunk[-8192:]
    except (OSError, EOFError, ValueError):
        return None
    return None


def _candidates(file: Path) -> list[Path]:
    """Its own folder, a sibling of its name, and COCO's annotations/ beside images/."""
    stem = file.name.removesuffix(".gz").removesuffix(".json")
    here, above = file.parent, file.parent.parent
    subset = _PREFIX.sub("", stem)  # person_keypoints_val2017 -> val2017
    return [
        here,
        here / stem,
        here / subset,
        here / "images",
        here / "images" / subset,
        above / subset,
        above / "images",
        above / "images" / subset,
    ]


def holds_photo(folder: Path, file_name: str) -> bool:
    """Whether the photo a JSON calls `file_name` is there under `folder`."""
    try:
        return folder.is_dir() and photo_path(folder, file_name).is_file()
    except (UserError, OSError):
        return False
