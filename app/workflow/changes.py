"""What an export changes: counted, and looked at one by one with who decided and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo, ImageInfo, Person
from core.data.review import MAIN, Label, VerdictKind
from core.errors import UserError
from db import changes as stored
from db import people, verdicts

ORIGINAL, CURRENT, BY = "original", "current", "by:"
_FLAGS = 3  # there are


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
        changes: in the order of the keypoints and flags.
    """

    dataset: str
    labels: str
    num_labels: int
    num_moved: int
    annotation_ids: tuple[int, ...]
    changes: tuple[FlagChange, ...]


@dataclass(frozen=True)
class ListedChange:
    """One keypoint whose label an export writes differently from the import.

    Attributes:
        annotator, at, kind, reason: of the verdict that holds.
    """

    annotation_id: int
    image_id: int
    file_name: str
    keypoint: str
    before: Label
    after: Label
    annotator: str
    at: datetime
    kind: VerdictKind
    reason: str


@dataclass(frozen=True)
class LabelChanges:
    """Every label an export of a dataset changes, n of them in file order.

    Attributes:
        labels: whose labels: original, current or by:WHO.
        names: of all keypoints, each once.
        name: (n,) int64, index in `names`.
    """

    dataset: DatasetInfo
    labels: str
    columns: stored.Changes
    names: tuple[str, ...]
    name: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.columns)

    def preview(self) -> ExportPreview:
        """The changes counted."""
        columns = self.columns
        kinds, counts = np.unique(
            (self.name * _FLAGS + columns.given) * _FLAGS + columns.current, return_counts=True
        )
        is_labelled = (columns.given > 0) & (columns.current > 0)
        moved = (columns.given_xy_image_px != columns.current_xy_image_px).any(axis=1)
        return ExportPreview(
            dataset=self.dataset.name,
            labels=self.labels,
            num_labels=len(self),
            # A label taken away, or a new one, is no move.
            num_moved=int((is_labelled & moved).sum()),
            annotation_ids=tuple(dict.fromkeys(columns.annotation_id.tolist())),
            changes=tuple(
                FlagChange(
                    self.names[kind // _FLAGS**2], kind // _FLAGS % _FLAGS, kind % _FLAGS, count
                )
                for kind, count in zip(kinds.tolist(), counts.tolist(), strict=True)
            ),
        )

    def rows(
        self, *, keypoint: str | None = None, flags: tuple[int, int] | None = None
    ) -> NDArray[np.int64]:
        """The places, from 0, of the changes of one keypoint, and from one flag to another."""
        chosen = np.ones(len(self), np.bool_)
        if keypoint is not None:
            wanted = self.names.index(keypoint) if keypoint in self.names else -1
            chosen &= self.name == wanted
        if flags is not None:
            chosen &= (self.columns.given == flags[0]) & (self.columns.current == flags[1])
        return np.flatnonzero(chosen)


def find_changes(ws: Workspace, dataset: DatasetInfo, labels: str = CURRENT) -> LabelChanges:
    """What an export of these labels changes.

    Raises:
        UserError: `labels` is none of original, current or by: a name that has a label set.
    """
    label_set = _label_set(ws, dataset, labels)
    columns = (
        stored.no_changes()
        if label_set is None
        else stored.changed(ws.engine, dataset.id, label_set)
    )
    skeletons = {c.id: c.skeleton.names for c in dataset.categories if c.skeleton is not None}
    names = tuple(dict.fromkeys(name for each in skeletons.values() for name in each))
    name = np.zeros(len(columns), np.int64)
    for category_id, of_category in skeletons.items():
        index = np.array([names.index(each) for each in of_category], np.int64)
        mine = columns.category_id == category_id
        name[mine] = index[columns.keypoint[mine]]
    return LabelChanges(dataset, labels, columns, names, name)


def changes_version(ws: Workspace, dataset: DatasetInfo, labels: str) -> tuple[int, int]:
    """Another one as soon as somebody decided, so that changes can be kept till then.

    Raises:
        UserError: as `find_changes`.
    """
    label_set = _label_set(ws, dataset, labels)
    return (0, 0) if label_set is None else stored.version(ws.engine, dataset.id, label_set)


def listed(
    ws: Workspace, changes: LabelChanges, rows: Sequence[int] | None = None
) -> list[ListedChange]:
    """Some of the changes with who decided and when; without `rows` every one."""
    columns = changes.columns
    chosen = range(len(changes)) if rows is None else rows
    verdict_rows = columns.verdict_row[list(chosen)].tolist()
    images = images_of_changes(ws, changes, chosen)
    holding = stored.verdicts_in(ws.engine, verdict_rows)
    found = []
    for n, verdict_row in zip(chosen, verdict_rows, strict=True):
        image_id, verdict = int(columns.image_id[n]), holding[verdict_row]
        found.append(
            ListedChange(
                annotation_id=int(columns.annotation_id[n]),
                image_id=image_id,
                file_name=images[image_id].file_name,
                keypoint=changes.names[changes.name[n]],
                before=columns.before(n),
                after=columns.after(n),
                annotator=verdict.annotator,
                at=verdict.at,
                kind=verdict.kind,
                reason=verdict.reason,
            )
        )
    return found


def images_of_changes(
    ws: Workspace, changes: LabelChanges, rows: Sequence[int]
) -> dict[int, ImageInfo]:
    """The images some of the changes are on, by id."""
    ids = np.unique(changes.columns.image_id[list(rows)]).tolist()
    return people.images_by_id(ws.engine, changes.dataset.id, ids)


def persons_of_changes(
    ws: Workspace, changes: LabelChanges, rows: Sequence[int]
) -> dict[int, Person]:
    """The persons some of the changes are about, by annotation id."""
    ids = np.unique(changes.columns.annotation_id[list(rows)]).tolist()
    found = people.persons(ws.engine, changes.dataset.id, ids)
    return {person.annotation_id: person for person in found}


def _label_set(ws: Workspace, dataset: DatasetInfo, labels: str) -> str | None:
    """The label set meant; None for the labels as imported."""
    if labels == ORIGINAL:
        return None
    if labels == CURRENT:
        return MAIN
    if not labels.startswith(BY):
        raise UserError(
            f"Labels cannot be {labels!r}.",
            remedy=f"Choose {ORIGINAL}, {CURRENT} or {BY}NAME of an annotator.",
        )
    label_set = labels.removeprefix(BY)
    known = set(verdicts.label_sets(ws.engine, dataset.id)) - {MAIN}
    if label_set not in known:
        names = ", ".join(sorted(known))
        raise UserError(
            f"Nobody called {label_set!r} has a label set of {dataset.name!r}.",
            remedy=f"Known: {names}." if names else f"Choose {ORIGINAL} or {CURRENT}.",
        )
    return label_set
