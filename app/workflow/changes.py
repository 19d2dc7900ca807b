"""List what an export would change, one row per keypoint, with who decided and when."""

from dataclasses import dataclass
from datetime import datetime

from app.workflow.export import BY, CURRENT, ORIGINAL
from app.workflow.workspace import Workspace
from core.data.review import MAIN, Label
from db import datasets, verdicts


@dataclass(frozen=True)
class ListedChange:
    """One keypoint whose label an export writes differently from the import."""

    annotation_id: int
    keypoint: str
    before: Label
    after: Label
    annotator: str
    at: datetime


def list_changes(ws: Workspace, name: str, *, labels: str = CURRENT) -> list[ListedChange]:
    """Every change of an export in file order; `labels` as for `preview_export`.

    Raises:
        UserError: there is no such dataset.
    """
    if labels == ORIGINAL:
        return []
    dataset = datasets.find(ws.engine, name)
    names = {c.id: c.skeleton.names for c in dataset.categories if c.skeleton is not None}
    label_set = MAIN if labels == CURRENT else labels.removeprefix(BY)
    changes = verdicts.changed(ws.engine, dataset.id, label_set)
    persons = list(dict.fromkeys(change.annotation_id for change in changes))
    last = verdicts.current(ws.engine, dataset.id, label_set, persons)
    return [
        ListedChange(
            change.annotation_id,
            names[change.category_id][change.keypoint],
            change.given,
            change.current,
            last[change.annotation_id, change.keypoint].annotator,
            last[change.annotation_id, change.keypoint].at,
        )
        for change in changes
    ]
