"""Export: the source's own bytes with just the reviewed numbers changed."""

import hashlib
import json
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from app.workflow.changes import CURRENT, ExportPreview, LabelChanges, find_changes
from app.workflow.export_report import ExportFile, checked_words, report_json
from app.workflow.sources import source_bytes
from app.workflow.workspace import Workspace
from core.data.coco_json import write_source
from core.data.coco_patch import (
    LabelChange,
    PatchDifference,
    PatchError,
    patch_coco,
    verify_patch,
)
from core.data.listing import DatasetInfo
from core.data.progress import Cancelled, OnProgress, ignore, never
from core.data.whole_file import written_whole
from core.errors import Cancelled as CancelledError
from core.errors import UserError
from db import datasets


@dataclass(frozen=True)
class ExportReport:
    """What an export changed, and where it is.

    Attributes:
        num_bytes: of the file written.
        sha256: of the file written.
        unchanged: the file is the source, byte for byte.
        num_numbers: how many numbers differ from the source, flags, coordinates and num_keypoints
            together, everything else being equal; None where that was not looked at.
        checked: the same in words.
    """

    preview: ExportPreview
    out: Path
    num_bytes: int
    sha256: str
    unchanged: bool
    num_numbers: int | None
    checked: str


@dataclass(frozen=True)
class _Patched:
    """The JSON as it is to be written, decompressed; `difference` is None where not verified."""

    content: bytes
    changes: LabelChanges
    difference: PatchDifference | None


def preview_export(ws: Workspace, name: str, *, labels: str = CURRENT) -> ExportPreview:
    """What `export_dataset` would change, without writing anything.

    Raises:
        UserError: there is no such dataset, or nobody of that name gave a verdict.
    """
    return find_changes(ws, datasets.find(ws.engine, name), labels).preview()


def export_bytes(
    ws: Workspace, name: str, *, labels: str = CURRENT, verify: bool = True
) -> tuple[bytes, ExportPreview]:
    """The JSON as it would be written, and what it changes.

    Raises:
        UserError: as `export_dataset`.
    """
    dataset = datasets.find(ws.engine, name)
    patched = _patched(ws, dataset, labels, verify=verify, where=dataset.source_name)
    return patched.content, patched.changes.preview()


def export_report(ws: Workspace, name: str, file_name: str, *, labels: str = CURRENT) -> bytes:
    """The report on what `export_bytes` gives, as JSON; `file_name` is what that is called.

    Raises:
        UserError: as `export_dataset`.
    """
    dataset = datasets.find(ws.engine, name)
    patched = _patched(ws, dataset, labels, verify=True, where=dataset.source_name)
    sha256 = hashlib.sha256(patched.content).hexdigest()
    file = ExportFile(file_name, sha256, len(patched.content), read_again=False)
    return _told(ws, patched, file)


def export_dataset(
    ws: Workspace,
    name: str,
    out: Path,
    *,
    labels: str = CURRENT,
    report: Path | None = None,
    verify: bool = True,
    on_progress: OnProgress = ignore,
    cancelled: Cancelled = never,
) -> ExportReport:
    """Write the dataset as COCO JSON; without edits it is the imported file, byte for byte.

    Args:
        out: the file to write, replaced whole if it is there; compressed if it ends in .gz.
        labels: original, current, or by:WHO for the label set of one annotator.
        report: where to write what changed, as JSON.
        verify: read source and result again and compare them number by number, and what stands on
            the disk before it gets its name.

    Raises:
        UserError: there is no such dataset or label set, its source was changed, `out` is the
            imported file itself or cannot be written, or what was written is not what was asked.
        Cancelled: the caller asked to stop; nothing was written.
    """
    dataset = datasets.find(ws.engine, name)
    _refuse_targets(ws, dataset, out, report)
    patched = _patched(ws, dataset, labels, verify=verify, where=str(out))
    if cancelled():
        raise CancelledError
    on_progress(0.7)
    with ExitStack() as stack:
        # Opened first: where the report cannot be written, nothing is.
        told = stack.enter_context(written_whole(report)) if report else None
        written = write_source(out, patched.content, check=verify)
        if told is not None:
            file = ExportFile(str(out), written.sha256, written.num_bytes, read_again=verify)
            told.write(_told(ws, patched, file))
    on_progress(1.0)
    return ExportReport(
        preview=patched.changes.preview(),
        out=out,
        num_bytes=written.num_bytes,
        sha256=written.sha256,
        unchanged=len(patched.changes) == 0,
        num_numbers=patched.difference.num_numbers if patched.difference else None,
        checked=checked_words(patched.difference, read_again=verify),
    )


def _patched(
    ws: Workspace, dataset: DatasetInfo, labels: str, *, verify: bool, where: str
) -> _Patched:
    changes = find_changes(ws, dataset, labels)
    source = source_bytes(ws, dataset)
    asked = _label_changes(changes)
    if not asked:
        return _Patched(source, changes, PatchDifference(0, ()))
    counts_labelled = dataset.counts_labelled
    content = patch_coco(source, asked, counts_labelled=counts_labelled)
    if not verify:
        return _Patched(content, changes, None)
    try:
        difference = verify_patch(source, content, asked, counts_labelled=counts_labelled)
    except PatchError as error:
        raise UserError(
            f"The export would differ from the imported file in more than the labels. {error}",
            where=where,
            remedy="Nothing was written. This is a mistake of the program; the labels are safe.",
        ) from error
    return _Patched(content, changes, difference)


def _label_changes(changes: LabelChanges) -> list[LabelChange]:
    columns = changes.columns
    spans, ids = columns.span_bytes.tolist(), columns.annotation_id.tolist()
    return [
        LabelChange(
            annotation_id=ids[n],
            span_bytes=(spans[n][0], spans[n][1]),
            keypoint=keypoint,
            before=columns.before(n),
            after=columns.after(n),
        )
        for n, keypoint in enumerate(columns.keypoint.tolist())
    ]


def _told(ws: Workspace, patched: _Patched, file: ExportFile) -> bytes:
    told = report_json(ws, patched.changes, patched.difference, file)
    return json.dumps(told, indent=2, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _refuse_targets(ws: Workspace, dataset: DatasetInfo, out: Path, report: Path | None) -> None:
    _refuse_source(ws, dataset, out)
    if report is None:
        return
    _refuse_source(ws, dataset, report)
    if report.resolve() == out.resolve():
        raise UserError(
            "The dataset and the report of it cannot be one file.",
            where=str(out),
            remedy="Choose another file name for the report.",
        )


def _refuse_source(ws: Workspace, dataset: DatasetInfo, out: Path) -> None:
    originals = [Path(dataset.source_name), ws.data_dir / dataset.source_file]
    same = any(_is_same(out, original) for original in originals)
    if same or out.resolve().is_relative_to(ws.data_dir.resolve()):
        raise UserError(
            "This would overwrite the file the dataset was imported from."
            if same
            else "This is inside the data directory, which is kept by the program.",
            where=str(out),
            remedy="Choose another file name.",
        )


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # one of them is not there, or cannot be
        return False
