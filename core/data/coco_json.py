"""The lossless COCO door: reading a keypoint file, and writing it back changed only where asked."""

import gzip
import hashlib
import zlib
from dataclasses import dataclass
from io import BufferedIOBase, BufferedReader
from pathlib import Path
from typing import Any

import numpy as np

from core.data.coco_annotations import pack_annotations
from core.data.coco_categories import read_categories
from core.data.coco_checks import (
    check_annotations,
    check_flags,
    check_lengths,
    check_references,
    counts_labelled,
)
from core.data.coco_document import Document
from core.data.coco_images import read_images
from core.data.coco_patch import LabelChange, patch_coco
from core.data.dataset import Annotations, PoseDataset
from core.data.findings import CATEGORIES, IMAGES, Findings
from core.data.json_spans import byte_offsets
from core.data.json_values import storable
from core.data.photo_checks import check_photos, require_folder
from core.data.progress import Cancelled as CancelledWish
from core.data.progress import OnProgress, ignore, never
from core.data.report import CheckReport
from core.data.review import Label
from core.data.visibility import Visibility
from core.data.whole_file import written_whole
from core.errors import UserError

MAX_SOURCE_BYTES = 2 * 1024**3  # decompressed; guards against gzip bombs
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_CHUNK_BYTES = 1 << 24


@dataclass(frozen=True)
class CocoReading:
    """A file as read and checked; `dataset` is None where the report has errors."""

    dataset: PoseDataset | None
    report: CheckReport


def read_source(path: Path, *, max_bytes: int = MAX_SOURCE_BYTES) -> bytes:
    """The bytes of a .json or .json.gz file, decompressed.

    Raises:
        UserError: the file is missing, unreadable, empty, no gzip although named .gz, or
            larger than `max_bytes` once decompressed.
    """
    where = path.name
    try:
        require_file(path)
        with path.open("rb") as file:
            start = file.read(len(_ZIP))
        packed = start.startswith(_GZIP)
        if start == _ZIP:
            raise UserError(
                "The file is a zip archive, not JSON.",
                where=where,
                remedy="Unpack it, or import it by a name that ends in .zip.",
            )
        if path.suffix == ".gz" and not packed:
            raise UserError("The file is not gzip although its name ends in .gz.", where=where)
        with gzip.open(path) if packed else path.open("rb") as file:
            source = _read_capped(file, max_bytes)
    except FileNotFoundError as error:
        raise UserError(f"There is no file {path}.") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UserError(
            "The gzip file is damaged or cut off.", where=where, remedy="Get it again."
        ) from error
    except OSError as error:
        raise UserError(f"The file cannot be read: {error.strerror}.", where=where) from error
    if source is None:
        unpacked = " once decompressed" if packed else ""
        what = f"The file is larger than {max_bytes:,} bytes{unpacked}."
        raise UserError(what, where=where, remedy="Split it.")
    if not source:
        raise UserError("The file is empty.", where=where, remedy="Choose a COCO keypoint file.")
    return source


def require_file(path: Path) -> None:
    """Pass what is a file or is not there; a pipe may never end, and nobody is told why.

    Raises:
        UserError: it is a folder, a pipe or a device.
    """
    if path.is_dir():
        raise UserError(
            "This is a folder, not a file.", where=str(path), remedy="Name the JSON file in it."
        )
    if path.exists() and not path.is_file():
        raise UserError(
            "This is a pipe or a device, not a file.",
            where=str(path),
            remedy="Write it to a file first.",
        )


def _read_capped(file: BufferedIOBase, max_bytes: int) -> bytes | None:
    """The whole content; None, at once, where it is larger."""
    parts: list[bytes] = []
    size = 0
    while part := file.read(_CHUNK_BYTES):
        parts.append(part)
        size += len(part)
        if size > max_bytes:
            return None
    return b"".join(parts)


def open_coco(
    path: Path,
    *,
    images_dir: Path | None = None,
    on_progress: OnProgress = ignore,
    cancelled: CancelledWish = never,
) -> CocoReading:
    """Read and check a COCO keypoint file, and its photos where a folder is named.

    Raises:
        UserError: the file cannot be read as JSON with an object at the top.
        Cancelled: the caller asked to stop.
    """
    if images_dir is not None:
        require_folder(images_dir)
    findings = Findings()
    share = 0.5 if images_dir else 1.0  # of the work that is reading JSON
    document = Document(findings, path.name)
    document.read(read_source(path), lambda done: on_progress(share * done), cancelled)
    reading = _assemble(document, path, findings)
    if images_dir is not None:
        check_photos(
            reading.images,
            images_dir,
            findings,
            on_progress=lambda done: on_progress(share + (1 - share) * done),
            cancelled=cancelled,
        )
    on_progress(1.0)
    report = findings.report()
    return CocoReading(None if report.errors else reading, report)


def read_coco(
    path: Path, *, on_progress: OnProgress = ignore, cancelled: CancelledWish = never
) -> PoseDataset:
    """Read a COCO keypoint file.

    Raises:
        UserError: the file cannot be used; every error is listed.
        Cancelled: the caller asked to stop.
    """
    reading = open_coco(path, on_progress=on_progress, cancelled=cancelled)
    if reading.dataset is None:
        errors = [finding.message for finding in reading.report.errors]
        raise UserError(
            f"The file has {len(errors):,} error{'s' if len(errors) > 1 else ''} and was not read:",
            where=path.name,
            problems=errors,
        )
    return reading.dataset


def write_coco(dataset: PoseDataset, out: Path) -> None:
    """Write the dataset's source with the labels of `dataset`, and nothing else changed.

    Raises:
        UserError: `dataset` has no source or differs from it in more than keypoints, or `out`
            cannot be written.
    """
    if dataset.source is None:
        raise UserError("The dataset was not read from a file, so there is nothing to write back.")
    if out.resolve() == dataset.source.resolve():
        raise UserError(
            "The source itself is never overwritten.", where=str(out), remedy="Choose another name."
        )
    original = read_coco(dataset.source)
    changes = label_changes(original, dataset)
    source = read_source(dataset.source)
    write_source(out, patch_coco(source, changes, counts_labelled=dataset.counts_labelled))


@dataclass(frozen=True)
class WrittenSource:
    """A file as it was written, compressed or not."""

    num_bytes: int
    sha256: str


def write_source(out: Path, content: bytes, *, check: bool = True) -> WrittenSource:
    """Write a file whole or not at all, compressed where its name ends in .gz.

    Args:
        out: the file.
        content: decompressed.
        check: before it gets its name, read it again from the disk and compare.

    Raises:
        UserError: it cannot be written, or another thing stands on the disk than was written.
    """
    packed = out.suffix == ".gz"
    # Without a time in it, the same content always gives the same file.
    stored = gzip.compress(content, 6, mtime=0) if packed else content

    def compare(written: BufferedReader) -> None:
        if not _holds(written, stored) or (packed and gzip.decompress(stored) != content):
            raise UserError(
                "What stands on the disk is not what was written to it; the file was not kept.",
                where=str(out),
                remedy="Have the disk checked, or choose a folder on another one.",
            )

    with written_whole(out, check=compare if check else None) as file:
        file.write(stored)
    return WrittenSource(len(stored), hashlib.sha256(stored).hexdigest())


def _holds(written: BufferedReader, content: bytes) -> bool:
    """Whether a file is exactly `content`."""
    expected, at = memoryview(content), 0
    while part := written.read(_CHUNK_BYTES):
        if part != expected[at : at + len(part)]:
            return False
        at += len(part)
    return at == len(content)


def label_changes(original: PoseDataset, wanted: PoseDataset) -> list[LabelChange]:
    """The keypoints in which two versions of one dataset differ.

    Raises:
        UserError: they differ in something else.
    """
    before, after = original.annotations, wanted.annotations
    for name in ("id", "image_id", "category_id", "box_xywh_px", "area_px2", "iscrowd", "size"):
        old, new = getattr(before, name), getattr(after, name)
        if not np.array_equal(old, new, equal_nan=old.dtype.kind == "f"):
            raise UserError(
                f"The dataset differs from its source in {name}.",
                remedy="Only keypoints can be written back.",
            )
    moved = (before.xy_image_px != after.xy_image_px).any(axis=2)
    changed = moved | (before.visibility != after.visibility)
    return [
        LabelChange(
            int(before.id[row]),
            (int(before.span_bytes[row, 0]), int(before.span_bytes[row, 1])),
            int(k),
            _label(before, row, k),
            _label(after, row, k),
        )
        for row, k in np.argwhere(changed)
    ]


def _label(annotations: Annotations, row: int, k: int) -> Label:
    x, y = annotations.xy_image_px[row, k].tolist()
    return Label(x, y, Visibility(int(annotations.visibility[row, k])))


def _assemble(document: Document, path: Path, findings: Findings) -> PoseDataset:
    """Fit the parts together and check them; with errors found the result is for checks only."""
    columns = document.columns
    images = read_images(document.images, findings.of(IMAGES))
    categories = read_categories(document.categories, columns, findings.of(CATEGORIES))
    check_references(columns, categories, images, findings)
    usable = check_lengths(columns, categories, findings)
    usable &= check_flags(columns, categories, findings)
    places = np.stack([columns.start, columns.end], axis=1)  # (N, 2) in characters
    spans = byte_offsets(document.text, places.ravel(), bom=document.bom).reshape(-1, 2)
    annotations = pack_annotations(columns, categories, usable, spans)
    check_annotations(annotations, categories, images, findings)
    licences = document.licences if type(document.licences) is list else []
    return PoseDataset(
        categories=categories,
        images=images,
        annotations=annotations,
        source=path,
        counts_labelled=counts_labelled(annotations, usable, findings),
        info=_words(document.info),
        licences=tuple(map(_words, licences)),
    )


def _words(value: Any) -> str:
    """What to show of an info block or a licence."""
    if type(value) is dict:
        value = value.get("description") or value.get("name") or value.get("url") or ""
    return storable(value) if type(value) is str else ""
