"""The imported files as they came: kept under their SHA-256, shared by datasets, never edited."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.workflow.claims import drop_unused_source, hold, source_claim
from app.workflow.workspace import Workspace
from core.data import coco_json
from core.data.listing import DatasetInfo
from core.data.progress import Cancelled, OnProgress
from core.data.whole_file import sync_folder, words_for_disk_errors
from core.errors import Cancelled as CancelledError
from core.errors import UserError

CHUNK_BYTES = 1 << 20
_RESTORE = "Restore it from a backup of the data directory, or import the dataset anew."
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class StoredSource:
    """A source file in the data directory.

    Attributes:
        path: where it is now.
        relative: the same, relative to the data directory, as rows keep it.
        sha256: of the file as it came, compressed or not.
    """

    path: Path
    relative: str
    sha256: str


@contextmanager
def store_source(
    ws: Workspace, file: Path, claim: str, *, on_progress: OnProgress, cancelled: Cancelled
) -> Iterator[StoredSource]:
    """Copy `file` into the data directory; while inside, no sweep takes it away.

    Args:
        claim: held by the caller; names the temporary file, so that a sweep can tell its owner.

    Raises:
        UserError: the file is missing or no file, or the disk is full.
        Cancelled: the caller asked to stop; the copy is gone.
    """
    ws.sources_dir.mkdir(parents=True, exist_ok=True)
    temporary = ws.sources_dir / f"{claim}.tmp"
    path: Path | None = None
    try:
        sha256, suffix = _copy(file, temporary, on_progress=on_progress, cancelled=cancelled)
        path = ws.sources_dir / f"{sha256}{suffix}"
        with hold(ws, source_claim(sha256), shared=True):
            temporary.replace(path)
            sync_folder(ws.sources_dir)
            yield StoredSource(path, path.relative_to(ws.data_dir).as_posix(), sha256)
    finally:
        temporary.unlink(missing_ok=True)
        if path is not None:
            drop_unused_source(ws, path)


def source_bytes(ws: Workspace, dataset: DatasetInfo) -> bytes:
    """The decompressed source of a dataset, proven to be what was imported.

    Raises:
        UserError: the file is gone or was changed.
    """
    path = require_source(ws, dataset)
    content = coco_json.read_source(path)
    if _sha256(path, content) != dataset.source_sha256:
        raise UserError(
            f"The source file of dataset {dataset.name} was changed since the import.",
            where=str(path),
            remedy=_RESTORE,
        )
    return content


def require_source(ws: Workspace, dataset: DatasetInfo) -> Path:
    """Where the source of a dataset is.

    Raises:
        UserError: it is gone.
    """
    path = ws.data_dir / dataset.source_file
    if not path.is_file():
        raise UserError(
            f"The source file of dataset {dataset.name} is gone.", where=str(path), remedy=_RESTORE
        )
    return path


def _sha256(path: Path, content: bytes) -> str:
    """Of the file; one that is not compressed is its content and need not be read again."""
    if path.suffix != ".gz":
        return hashlib.sha256(content).hexdigest()
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _copy(
    file: Path, temporary: Path, *, on_progress: OnProgress, cancelled: Cancelled
) -> tuple[str, str]:
    """Copy and hash; gives the SHA-256 and the suffix that tells whether it is compressed."""
    digest = hashlib.sha256()
    suffix = ".json"
    with _opened(file) as source, words_for_disk_errors(temporary), temporary.open("wb") as out:
        total = max(1, os.fstat(source.fileno()).st_size)
        while chunk := source.read(CHUNK_BYTES):
            if cancelled():
                raise CancelledError
            if out.tell() == 0 and chunk.startswith(_GZIP):
                suffix = ".json.gz"
            digest.update(chunk)
            out.write(chunk)
            on_progress(min(1.0, out.tell() / total))
        out.flush()
        os.fsync(out.fileno())
    if file.suffix == ".gz" and suffix == ".json":
        raise UserError("The file is not gzip although its name ends in .gz.", where=str(file))
    return digest.hexdigest(), suffix


def _opened(file: Path) -> BinaryIO:
    try:
        coco_json.require_file(file)
        return file.open("rb")
    except FileNotFoundError:
        what, remedy = "There is no such file.", "Check the path."
    except OSError as error:
        what, remedy = f"The file cannot be read: {error.strerror}.", "Check its permissions."
    raise UserError(what, where=str(file), remedy=remedy)
