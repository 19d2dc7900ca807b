"""Relabel: edits become verdicts, each appended to what was there, none overwritten."""

import unicodedata
from dataclasses import dataclass

from app.workflow.names import checked_annotator
from app.workflow.snapshot import AskedEdit, Snapshot, read_snapshot
from app.workflow.workspace import Workspace
from core.data.listing import ImageInfo, Person
from core.data.review import MAIN, Edit, Label, Stale, VerdictKind
from core.data.visibility import Visibility
from core.errors import UserError
from db import datasets, people, verdicts

# A hidden keypoint may lie outside the photo, but not further than the photo is large.
OUTSIDE = 1.0
_UNKNOWN_SIDE_PX = 100_000  # of an image whose record does not say
_TAKES_BACK = {VerdictKind.UNDO, VerdictKind.REDO}
_KEEPING = {VerdictKind.KEEP, VerdictKind.UNSURE}  # leave the label as it is


@dataclass(frozen=True)
class Acknowledgement:
    """What became of a snapshot; once somebody holds this, it is on disk.

    Attributes:
        item: the annotation id.
        seq: of the snapshot.
        revisions: of every keypoint of the person, as they are now.
        written: how many verdicts this snapshot wrote; 0 where it had been written before.
        stale: what was refused because somebody decided in between, with both values.
    """

    item: int
    seq: int
    revisions: tuple[int, ...]
    written: int
    stale: tuple[Stale, ...]


def save_snapshot(ws: Workspace, name: str, snapshot: object, *, annotator: str) -> Acknowledgement:
    """Check what the editor sent, write what it changes, acknowledge it.

    Sent twice (a reload, a lost answer) it is written once.

    Args:
        snapshot: untrusted; see `read_snapshot`.
        annotator: who is there now. What somebody else decided in this browser is not written
            under this name, nor into anybody else's own labels.

    Raises:
        UserError: a field is wrong, or names another dataset, annotator, label set, person,
            keypoint or step; nothing of the snapshot was written.
    """
    asked = read_snapshot(snapshot)
    annotator = checked_annotator(annotator)
    if asked.dataset != name:
        raise _refused(f"it belongs to dataset {asked.dataset!r}, not {name!r}")
    label_set = _label_set(asked, annotator)
    dataset_id = datasets.find(ws.engine, name).id
    person, image = _person(ws, dataset_id, asked.item, label_set)
    edits = [_edit(edit, asked, person, image) for edit in asked.edits]
    answered, stale = verdicts.append(
        ws.engine,
        dataset_id,
        label_set,
        edits,
        annotator=annotator,
        step=asked.step,
        undoes=asked.undoes,
    )
    revisions = list(person.revision)
    for verdict in answered:
        revisions[verdict.keypoint] = max(verdict.revision, revisions[verdict.keypoint])
    for refused in stale:
        revisions[refused.edit.keypoint] = refused.current_revision
    return Acknowledgement(
        item=asked.item,
        seq=asked.seq,
        revisions=tuple(revisions),
        # A step sent again is answered with what it has become already.
        written=sum(v.revision > person.revision[v.keypoint] for v in answered),
        stale=tuple(stale),
    )


def _person(
    ws: Workspace, dataset_id: int, annotation_id: int, label_set: str
) -> tuple[Person, ImageInfo]:
    image_id = people.image_of_annotation(ws.engine, dataset_id, annotation_id)
    image = people.image(ws.engine, dataset_id, image_id)
    (person,) = people.persons(ws.engine, dataset_id, [annotation_id], label_set=label_set)
    return person, image


def _label_set(asked: Snapshot, annotator: str) -> str:
    """The label set the annotator may write into; somebody else's work is refused."""
    try:
        by, own = checked_annotator(asked.annotator), unicodedata.normalize("NFC", asked.label_set)
    except UserError as error:
        raise _refused(f"its annotator is none. {error.what}".removesuffix(".")) from error
    if by != annotator:
        raise UserError(
            f"These changes were made as {by}; you are {annotator} now.",
            remedy=f"Take the name {by} again to save them, or discard them.",
        )
    if own not in (MAIN, annotator):
        raise _refused(f"{annotator} may not change the labels of {own!r}")
    return own


def _edit(asked: AskedEdit, snapshot: Snapshot, person: Person, image: ImageInfo) -> Edit:
    size = len(person.given)
    if asked.keypoint >= size:
        raise _refused(f"person {person.annotation_id} has no keypoint {asked.keypoint}")
    if asked.kind in _TAKES_BACK:
        _require_step(asked, snapshot, person)
    current = person.current[asked.keypoint]
    after = wanted_label(current, asked.visibility, asked.xy_image_px)
    problem = place_problem(after, image)
    # What the file says may be confirmed and come back by undo, however odd it is.
    if problem and asked.kind not in _KEEPING and after != person.given[asked.keypoint]:
        raise _refused(problem)
    return Edit(
        annotation_id=person.annotation_id,
        keypoint=asked.keypoint,
        base_revision=asked.base_revision,
        kind=asked.kind,
        after=after,
        reason=asked.reason,
        run=asked.run,
        run_said=asked.said,
    )


def _require_step(asked: AskedEdit, snapshot: Snapshot, person: Person) -> None:
    """Passes when the step an edit takes back or restores decided something on this keypoint."""
    if snapshot.undoes is None:
        raise _refused(f"an {asked.kind} names the step it is about")
    if asked.base_revision != person.revision[asked.keypoint]:
        return  # stale, or written before: answered as such
    decided = {v.step for v in person.history[asked.keypoint] if v.kind not in _TAKES_BACK}
    if snapshot.undoes not in decided:
        raise _refused(
            f"the {asked.kind} is about a step that decided nothing on keypoint {asked.keypoint}"
        )


def wanted_label(
    current: Label, visibility: Visibility, xy_image_px: tuple[float, float] | None
) -> Label:
    """The label asked for; without a place the current one stays, also under UNLABELLED."""
    x, y = xy_image_px if xy_image_px is not None else (current.x_image_px, current.y_image_px)
    return Label(x, y, visibility)


def place_problem(label: Label, image: ImageInfo) -> str:
    """Why a keypoint cannot be there, in words; empty where it can."""
    x, y = label.x_image_px, label.y_image_px
    if label.visibility is not Visibility.UNLABELLED and x == 0 and y == 0:
        return f"a keypoint with v = {label.visibility:d} needs a place, and it has none yet"
    for name, value, side in (
        ("x", x, image.size_wh_px[0] or _UNKNOWN_SIDE_PX),
        ("y", y, image.size_wh_px[1] or _UNKNOWN_SIDE_PX),
    ):
        if not -OUTSIDE * side <= value <= (1 + OUTSIDE) * side:
            return f"{name} = {value:g} is far outside the photo of {side} pixels"
    return ""


def _refused(why: str) -> UserError:
    return UserError(f"The edit was not saved: {why}.", remedy="Reload the page and try again.")
