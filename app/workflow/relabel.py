"""Relabel: edits become verdicts, each appended to what was there, none overwritten."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.workflow.names import checked_annotator
from app.workflow.snapshot import AskedEdit, Snapshot, read_snapshot
from app.workflow.workspace import Workspace
from core.data.listing import ImageInfo, Person
from core.data.review import MAIN, Edit, Label, Stale, Step, VerdictKind
from core.data.visibility import Visibility
from core.errors import UserError
from db import datasets, people, verdicts
from db.appending import Packed

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
    acknowledged, problem = save_in_order(ws, name, [snapshot], annotator=annotator)
    if problem is not None:
        raise problem
    return acknowledged[0]


def save_in_order(
    ws: Workspace, name: str, snapshots: Sequence[object], *, annotator: str
) -> tuple[list[Acknowledgement], UserError | None]:
    """Write the snapshots of one person in one go, up to the first that cannot be.

    Args:
        snapshots: as for `save_snapshot`, oldest first, all of one person and label set.

    Returns:
        An acknowledgement for each that was written or refused as stale, and why the next one
        was not, None where all were.

    Raises:
        UserError: nothing was written, because the database cannot be used.
    """
    steps: list[Step] = []
    seqs: list[int] = []
    sketch: _Sketch | None = None
    problem = None
    try:
        for snapshot in snapshots:
            asked = read_snapshot(snapshot)
            label_set = _label_set(asked, checked_annotator(annotator))
            if asked.dataset != name:
                raise _refused(f"it belongs to dataset {asked.dataset!r}, not {name!r}")
            sketch = sketch or _open_sketch(ws, asked, label_set)
            steps.append(sketch.enter(asked, label_set))
            seqs.append(asked.seq)
    except UserError as error:
        problem = error
    if sketch is None:
        return [], problem
    return _write(ws, sketch, steps, seqs, annotator=checked_annotator(annotator)), problem


def _write(
    ws: Workspace, sketch: "_Sketch", steps: list[Step], seqs: list[int], *, annotator: str
) -> list[Acknowledgement]:
    outcomes = verdicts.append_steps(
        ws.engine,
        sketch.dataset_id,
        sketch.label_set,
        steps,
        annotator=annotator,
        given={sketch.person.annotation_id: sketch.given},
    )
    before = sketch.person.revision
    revisions = list(before)
    acknowledged = []
    for seq, (written, stale) in zip(seqs, outcomes, strict=True):
        for verdict in written:
            revisions[verdict.keypoint] = max(verdict.revision, revisions[verdict.keypoint])
        for refused in stale:
            revisions[refused.edit.keypoint] = refused.current_revision
        acknowledged.append(
            Acknowledgement(
                item=sketch.person.annotation_id,
                seq=seq,
                revisions=tuple(revisions),
                # A step sent again is answered with what it has become already.
                written=sum(v.revision > before[v.keypoint] for v in written),
                stale=tuple(stale),
            )
        )
    return acknowledged


def _open_sketch(ws: Workspace, asked: Snapshot, label_set: str) -> "_Sketch":
    dataset_id = asked.version or datasets.id_of(ws.engine, asked.dataset)
    found = people.opened(ws.engine, dataset_id, asked.item, label_set=label_set)
    person = found.person
    return _Sketch(
        dataset_id,
        label_set,
        person,
        found.image,
        found.given,
        list(person.current),
        list(person.revision),
        [{v.step for v in past if v.kind not in _TAKES_BACK} for past in person.history],
    )


@dataclass
class _Sketch:
    """A person as the steps of one message make it, before anything is written.

    Attributes:
        current, revision: of every keypoint after the steps so far.
        decided: the steps that decided something on each keypoint.
        stale: keypoints an edit of which will be refused, and whatever follows there.
    """

    dataset_id: int
    label_set: str
    person: Person
    image: ImageInfo
    given: Packed
    current: list[Label]
    revision: list[int]
    decided: list[set[str]]
    stale: set[int] = field(default_factory=set)

    def enter(self, asked: Snapshot, label_set: str) -> Step:
        """The step a snapshot asks for.

        Raises:
            UserError: it cannot be; the sketch is as it was.
        """
        if (asked.item, label_set) != (self.person.annotation_id, self.label_set):
            raise _refused("it is about another person than the one before it")
        if asked.version not in (None, self.dataset_id):
            raise _refused("it is about another version of the dataset than the one before it")
        edits = tuple(self._edit(edit, asked) for edit in asked.edits)
        for edit in edits:
            self._take(edit, asked.step)
        return Step(asked.step, edits, asked.undoes)

    def _take(self, edit: Edit, step: str) -> None:
        k, base = edit.keypoint, edit.base_revision
        if base != self.revision[k]:
            past = self.person.history[k]
            if base >= len(past) or past[base].step != step:  # else it was written before
                self.stale.add(k)
            return
        self.revision[k] += 1
        if edit.kind not in _KEEPING:
            self.current[k] = edit.after
        if edit.kind not in _TAKES_BACK:
            self.decided[k].add(step)

    def _edit(self, asked: AskedEdit, snapshot: Snapshot) -> Edit:
        k, given = asked.keypoint, self.person.given
        if k >= len(given):
            raise _refused(f"person {self.person.annotation_id} has no keypoint {k}")
        if asked.kind in _TAKES_BACK:
            self._require_step(asked, snapshot)
        after = wanted_label(self.current[k], asked.visibility, asked.xy_image_px)
        problem = place_problem(after, self.image)
        # What the file says may be confirmed and come back by undo, however odd it is.
        if problem and asked.kind not in _KEEPING and after != given[k]:
            raise _refused(problem)
        return Edit(
            annotation_id=self.person.annotation_id,
            keypoint=k,
            base_revision=asked.base_revision,
            kind=asked.kind,
            after=after,
            reason=asked.reason,
            run=asked.run,
            run_said=asked.said,
        )

    def _require_step(self, asked: AskedEdit, snapshot: Snapshot) -> None:
        """Passes when the step an edit takes back or restores decided something there."""
        k = asked.keypoint
        if snapshot.undoes is None:
            raise _refused(f"an {asked.kind} names the step it is about")
        if k in self.stale or asked.base_revision != self.revision[k]:
            return  # stale, or written before: answered as such
        if snapshot.undoes not in self.decided[k]:
            raise _refused(f"the {asked.kind} is about a step that decided nothing on keypoint {k}")


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
