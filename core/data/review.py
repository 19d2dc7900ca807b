"""What people decide about labels: a verdict is appended, the original is never overwritten."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.data.visibility import Visibility

MAIN = "main"  # the label set everybody shares; blind work has one set per annotator
TABLE_STEP = "table-"  # the step ids of tables of verdicts begin so; the editor undoes none of them


class VerdictKind(StrEnum):
    """How a verdict came about."""

    SET = "set"  # the annotator chose a flag or a place
    ACCEPT = "accept"  # the model's value was taken
    KEEP = "keep"  # the given label was confirmed
    UNSURE = "unsure"  # for a second person; never exported as a change
    UNDO = "undo"
    REDO = "redo"


@dataclass(frozen=True)
class Label:
    """One keypoint's label: place in image pixels and flag.

    A label that became UNLABELLED keeps its old place here, so that a change of mind can
    restore it; the export writes x = y = 0.
    """

    x_image_px: float
    y_image_px: float
    visibility: Visibility


@dataclass(frozen=True)
class Edit:
    """What an annotator asks for one keypoint, before it is checked and written.

    Attributes:
        annotation_id: the file's annotation id.
        keypoint: index from 0 in the category's skeleton.
        base_revision: the revision the annotator saw (0 = the imported label).
        after: the label wanted.
        run_said: p(v = 0, 1, 2) the annotator was shown, None where no model was.
    """

    annotation_id: int
    keypoint: int
    base_revision: int
    kind: VerdictKind
    after: Label
    reason: str = ""
    run: str | None = None
    run_said: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Step:
    """Everything one key press, group or bulk action asks for.

    Attributes:
        id: told again, the same step is written once.
        undoes: the step that UNDO takes back or REDO restores.
    """

    id: str
    edits: tuple[Edit, ...]
    undoes: str | None = None


@dataclass(frozen=True)
class Verdict:
    """One written decision. `revision` counts from 1 per (label_set, annotation, keypoint).

    Attributes:
        step: id shared by all verdicts of one key press, group or bulk action.
        undoes: the step an UNDO takes back or a REDO restores; None otherwise.
        at: when, timezone-aware UTC.
    """

    label_set: str
    annotation_id: int
    keypoint: int
    revision: int
    kind: VerdictKind
    step: str
    undoes: str | None
    before: Label
    after: Label
    annotator: str
    at: datetime
    reason: str = ""
    run: str | None = None
    run_said: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Stale:
    """An edit refused because somebody decided in between; both values, so that one can choose."""

    edit: Edit
    current: Label
    current_revision: int
    current_annotator: str


@dataclass(frozen=True)
class Held:
    """How one keypoint stands: its label, and the decision behind it.

    Attributes:
        label: the label that holds.
        reviewed: somebody chose, took or confirmed it and was not unsure.
        unsure: somebody asked for a second look.
        step: whose verdict holds, looking through undo and redo; None: the untouched label.
    """

    label: Label
    reviewed: bool
    unsure: bool
    step: str | None


@dataclass(frozen=True)
class StepChange:
    """What one step did to one keypoint (index from 0 in the category's skeleton)."""

    keypoint: int
    before: Held
    after: Held


@dataclass(frozen=True)
class LoggedStep:
    """One step of an annotator as the undo log keeps it.

    Attributes:
        changes: by keypoint; what was refused as stale is not in it.
    """

    step: str
    annotation_id: int
    changes: tuple[StepChange, ...]


@dataclass(frozen=True)
class Suspect:
    """One keypoint whose label is to be looked at, and what a run says of it.

    Attributes:
        keypoint: index from 0 in the category's skeleton; `name` is its name.
        given, current: the flag as imported, and after all verdicts.
        suggested: the run's likeliest flag; None where it says nothing.
        suspicion: 0..1, 1 = surely wrong; None where the run says nothing.
        p: p(v = 0, 1, 2) by the run.
        place_px: where the run sees it, image frame.
        reviewed: somebody chose, took or confirmed the label and was not unsure.
    """

    annotation_id: int
    image_id: int
    file_name: str
    keypoint: int
    name: str
    given: Visibility
    current: Visibility
    suggested: Visibility | None
    suspicion: float | None
    p: tuple[float, float, float] | None
    place_px: tuple[float, float] | None
    reviewed: bool
