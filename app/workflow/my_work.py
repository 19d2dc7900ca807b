"""How much somebody has done today."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.workflow.work_so_far import WorkDone
from app.workflow.workspace import Workspace


def work_today(ws: Workspace, annotator: str, timezone: str | None) -> WorkDone:
    """What an annotator has decided since midnight, in all datasets and label sets.

    Args:
        timezone: whose midnight, as browsers name it ("Europe/Berlin"); UTC where it is unknown.
    """
    return ws.work.of(annotator, _midnight(datetime.now(_zone(timezone))))


def _zone(name: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a browser may say anything
        return ZoneInfo("UTC")


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
