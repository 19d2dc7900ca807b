"""Check a file without importing it."""

from pathlib import Path

from core.data import coco_json
from core.data.progress import Cancelled, OnProgress, ignore, never
from core.data.report import CheckReport


def check_file(
    file: Path,
    *,
    images_dir: Path | None = None,
    on_progress: OnProgress = ignore,
    cancelled: Cancelled = never,
) -> CheckReport:
    """Every problem of a COCO keypoint file, in words.

    Args:
        images_dir: where its photos are; without it photos are not looked at.

    Raises:
        UserError: the file cannot be read at all.
        Cancelled: the caller asked to stop.
    """
    reading = coco_json.open_coco(
        file, images_dir=images_dir, on_progress=on_progress, cancelled=cancelled
    )
    return reading.report
