"""What an editor sends, with defaults, and saved as the annotator who is there."""

from typing import Any

from app.workflow.relabel import Acknowledgement, save_snapshot
from app.workflow.workspace import Workspace


def a_snapshot(*edits: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "dataset": "val",
        "label_set": "main",
        "annotator": "Zoë",
        "item": 101,
        "seq": 1,
        "step": "s1",
        "undoes": None,
        "edits": list(edits),
    } | more


def an_edit(keypoint: int = 0, *, v: int = 1, **more: Any) -> dict[str, Any]:
    return {"keypoint": keypoint, "base_revision": 0, "kind": "set", "v": v} | more


def saved(
    ws: Workspace, snapshot: dict[str, Any], *, annotator: str = "Zoë", label_set: str = "main"
) -> Acknowledgement:
    """A snapshot written by the one who made it."""
    whose = {"annotator": annotator, "label_set": label_set}
    return save_snapshot(ws, "val", snapshot | whose, annotator=annotator)
