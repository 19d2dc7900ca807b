"""The report of an export, as JSON: which files, and every label that differs between them."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.workflow.changes import LabelChanges, ListedChange, listed
from app.workflow.workspace import Workspace
from core.data.coco_patch import PatchDifference
from core.data.review import Label


@dataclass(frozen=True)
class ExportFile:
    """The file a report is about.

    Attributes:
        name: its path, or what a download is called.
        sha256: of its bytes, compressed or not.
        read_again: it was read again from the disk and is what was meant.
    """

    name: str
    sha256: str
    num_bytes: int
    read_again: bool


def report_json(
    ws: Workspace, changes: LabelChanges, difference: PatchDifference | None, file: ExportFile
) -> dict[str, Any]:
    """Everything there is to say of an export; see docs/data_format.md."""
    dataset, preview = changes.dataset, changes.preview()
    return {
        "dataset": dataset.name,
        "labels": changes.labels,
        "made_at": _utc(datetime.now(UTC)),
        "source": {"file": Path(dataset.source_name).name, "sha256": dataset.source_sha256},
        "result": {"file": file.name, "sha256": file.sha256, "num_bytes": file.num_bytes},
        "unchanged": len(changes) == 0,
        "checked": checked_words(difference, read_again=file.read_again),
        "num_persons": len(preview.annotation_ids),
        "num_labels": preview.num_labels,
        "num_moved": preview.num_moved,
        "num_numbers": difference.num_numbers if difference else None,
        "counts": [asdict(change) for change in preview.changes],
        "changes": [_change_json(change) for change in listed(ws, changes)],
        "num_keypoints": [asdict(count) for count in difference.counts] if difference else None,
    }


def checked_words(difference: PatchDifference | None, *, read_again: bool) -> str:
    """What was compared, and what came of it, in one sentence."""
    if difference is None:
        return "not compared"
    how = "read again" if read_again else "compared"
    numbers = difference.num_numbers
    if numbers == 0:
        return f"{how}, equal to the imported file byte for byte"
    differ = "1 number differs" if numbers == 1 else f"{numbers:,} numbers differ"
    return f"{how}, {differ} from the imported file, everything else is equal"


def _change_json(change: ListedChange) -> dict[str, Any]:
    return {
        "annotation_id": change.annotation_id,
        "image_id": change.image_id,
        "file_name": change.file_name,
        "keypoint": change.keypoint,
        "before": _label_json(change.before),
        "after": _label_json(change.after),
        "annotator": change.annotator,
        "at": _utc(change.at),
        "kind": change.kind.value,
        "reason": change.reason,
    }


def _label_json(label: Label) -> dict[str, float | int]:
    return {"x": label.x_image_px, "y": label.y_image_px, "v": int(label.visibility)}


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
