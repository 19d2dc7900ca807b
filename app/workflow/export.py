"""Export: the source's own bytes with just the reviewed numbers changed."""

import json
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from app.workflow.sources import source_bytes
from app.workflow.workspace import Workspace
from core.data.coco_json import write_source
from core.data.coco_patch import LabelChange, patch_coco, verify_patch
from core.data.listing import DatasetInfo
from core.data.progress import Cancelled, OnProgress, ignore, never
from core.data.review import MAIN, Label
from core.data.visibility import Visibility
from core.data.whole_file import written_whole
from core.errors import Cancelled as CancelledError
from core.errors import UserError
from db import datasets, verdicts

ORIGINAL, CURRENT, BY = "original", "current", "by:"


@dataclass(frozen=True)
class FlagChange:
    """How many labels of one keypoint went from one flag to another (equal: only moved)."""

    keypoint: str
    before: int
    after: int
    count: int


@dataclass(frozen=True)
class ExportPreview:
    """What an export would change.

    Attributes:
        labels: whose labels: original, current or by:WHO.
        num_labels: keypoints that differ from the import.
        num_moved: of those, the ones whose place differs.
        annotation_ids: the persons with a change, in file order.
    """

    dataset: str
    labels: str
    num_labels: int
    num_moved: int
    annotation_ids: tuple[int, ...]
    changes: tuple[FlagChange, ...]


@dataclass(frozen=True)
class ExportReport:
    """What an export changed, and where it is.

    Attributes:
        num_bytes: of the file written.
        unchanged: the file is the source, byte for byte.
    """

    preview: ExportPreview
    out: Path
    num_bytes: int
    unchanged: bool


def preview_export(ws: Workspace, name: str, *, labels: str = CURRENT) -> ExportPreview:
    """What `export_dataset` would change, without writing anything.

    Raises:
        UserError: there is no such dataset, or nobody of that name gave a verdict.
    """
    dataset = datasets.find(ws.engine, name)
    return _preview(dataset, labels, _changes(ws, dataset, labels))


def export_bytes(
    ws: Workspace, name: str, *, labels: str = CURRENT, verify: bool = True
) -> tuple[bytes, ExportPreview]:
    """The JSON as it would be written, and what it changes.

    Raises:
        UserError: as `export_dataset`.
    """
    dataset = datasets.find(ws.engine, name)
    changes = _changes(ws, dataset, labels)
    source = source_bytes(ws, dataset)
    asked = [_label_change(change) for change in changes]
    patched = source
    if asked:
        patched = patch_coco(source, asked, counts_labelled=dataset.counts_labelled)
        if verify:
            verify_patch(source, patched, asked, counts_labelled=dataset.counts_labelled)
    return patched, _preview(dataset, labels, changes)


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
        verify: read source and result again and compare them number by number.

    Raises:
        UserError: there is no such dataset or label set, its source was changed, `out` is the
            imported file itself or cannot be written.
        Cancelled: the caller asked to stop; nothing was written.
    """
    dataset = datasets.find(ws.engine, name)
    _refuse_targets(ws, dataset, out, report)
    content, preview = export_bytes(ws, name, labels=labels, verify=verify)
    if cancelled():
        raise CancelledError
    on_progress(0.8)
    with ExitStack() as stack:
        # Opened first: where the report cannot be written, nothing is.
        told = stack.enter_context(written_whole(report)) if report else None
        size = write_source(out, content)
        written = ExportReport(preview, out, size, preview.num_labels == 0)
        if told is not None:
            told.write(json.dumps(report_json(written), indent=2).encode() + b"\n")
    on_progress(1.0)
    return written


def report_json(report: ExportReport) -> dict[str, object]:
    """The report as it is written to a file."""
    return {
        **asdict(report.preview),
        "out": str(report.out),
        "num_bytes": report.num_bytes,
        "unchanged": report.unchanged,
    }


def _changes(ws: Workspace, dataset: DatasetInfo, labels: str) -> list[verdicts.Change]:
    if labels == ORIGINAL:
        return []
    label_set = MAIN if labels == CURRENT else labels.removeprefix(BY)
    if labels != CURRENT and not labels.startswith(BY):
        raise UserError(
            f"Labels cannot be {labels!r}.",
            remedy=f"Choose {ORIGINAL}, {CURRENT} or {BY}NAME of an annotator.",
        )
    known = verdicts.label_sets(ws.engine, dataset.id)
    if label_set != MAIN and label_set not in known:
        names = ", ".join(sorted(set(known) - {MAIN}))
        raise UserError(
            f"Nobody called {label_set!r} has a label set of {dataset.name!r}.",
            remedy=f"Known: {names}." if names else f"Choose {ORIGINAL} or {CURRENT}.",
        )
    return verdicts.changed(ws.engine, dataset.id, label_set)


def _label_change(change: verdicts.Change) -> LabelChange:
    return LabelChange(
        annotation_id=change.annotation_id,
        span_bytes=change.span_bytes,
        keypoint=change.keypoint,
        before=change.given,
        after=change.current,
    )


def _preview(
    dataset: DatasetInfo, labels: str, changes: Sequence[verdicts.Change]
) -> ExportPreview:
    skeletons = {category.id: category.skeleton for category in dataset.categories}
    counts: Counter[tuple[str, int, int]] = Counter()
    for change in changes:
        skeleton = skeletons[change.category_id]
        assert skeleton is not None  # only keypoints have verdicts
        name = skeleton.names[change.keypoint]
        counts[name, int(change.given.visibility), int(change.current.visibility)] += 1
    return ExportPreview(
        dataset=dataset.name,
        labels=labels,
        num_labels=len(changes),
        num_moved=sum(_moved(change.given, change.current) for change in changes),
        annotation_ids=tuple(dict.fromkeys(change.annotation_id for change in changes)),
        changes=tuple(FlagChange(*key, count) for key, count in counts.items()),
    )


def _moved(given: Label, current: Label) -> bool:
    """Whether a labelled point is elsewhere; a label taken away is no move."""
    if Visibility.UNLABELLED in (given.visibility, current.visibility):
        return False
    return (given.x_image_px, given.y_image_px) != (current.x_image_px, current.y_image_px)


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
