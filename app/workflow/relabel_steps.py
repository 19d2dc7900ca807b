"""Save what the editor has pending: several steps, perhaps of several people, as typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.workflow.relabel import Acknowledgement, save_in_order
from app.workflow.workspace import Workspace
from core.data.review import MAIN, Label
from core.errors import UserError
from db.failures import address

# Of one message; the editor sends far fewer and the rest after the answer.
MOST_SNAPSHOTS = 1_000
MOST_EDITS = 20_000


@dataclass(frozen=True)
class Refusal:
    """One keypoint of one step, not written because somebody decided it in between."""

    step: str
    keypoint: int
    current: Label
    current_revision: int
    current_annotator: str


@dataclass(frozen=True)
class Answer:
    """What became of everything one person's steps asked for; what is not in `stale` is on disk.

    Attributes:
        revisions: of every keypoint in this label set, as they are now.
    """

    dataset: str
    item: int
    revisions: tuple[int, ...]
    stale: tuple[Refusal, ...]
    label_set: str = MAIN


class _Key(NamedTuple):
    """Whose labels a snapshot is about; checked when it is saved."""

    dataset: str
    label_set: str
    item: int


def save_steps(ws: Workspace, snapshots: object, *, annotator: str) -> tuple[list[Answer], str]:
    """Write every step; one person's trouble does not keep another's work from being saved.

    Args:
        snapshots: untrusted; a list of what `save_snapshot` takes, oldest first.
        annotator: who is there now.

    Returns:
        An answer per person all of whose steps were read and written or refused as stale, and
        the first error in words, empty without one.
    """
    if not isinstance(snapshots, Sequence) or isinstance(snapshots, str):
        return [], "What the browser sent is not a list of steps. Reload the page."
    if problem := _too_much(snapshots):
        return [], f"{problem} Nothing of it was saved. Reload the page and try again."
    by_person: dict[_Key, list[object]] = {}
    for snapshot in snapshots:
        by_person.setdefault(_key(snapshot), []).append(snapshot)
    answers: list[Answer] = []
    first_error = ""
    for key, asked in by_person.items():
        refused: UserError | None
        try:
            acknowledged, refused = save_in_order(ws, key.dataset, asked, annotator=annotator)
        except UserError as error:
            acknowledged, refused = [], error
        if refused is None:
            answers.append(_answer(key, asked, acknowledged))
            continue
        first_error = first_error or str(refused)
        if refused.where == address(ws.engine):
            break  # the database itself: waiting for it once for each person helps nobody
    return answers, first_error


def _answer(key: _Key, asked: list[object], acknowledged: list[Acknowledgement]) -> Answer:
    stale = tuple(
        Refusal(
            step=_step(snapshot),
            keypoint=found.edit.keypoint,
            current=found.current,
            current_revision=found.current_revision,
            current_annotator=found.current_annotator,
        )
        for snapshot, each in zip(asked, acknowledged, strict=True)
        for found in each.stale
    )
    return Answer(key.dataset, key.item, acknowledged[-1].revisions, stale, key.label_set)


def _too_much(snapshots: Sequence[object]) -> str:
    """What is too much of a message, found before any work is done; empty for nothing."""
    if len(snapshots) > MOST_SNAPSHOTS:
        return f"The browser sent {len(snapshots):,} steps at once; {MOST_SNAPSHOTS:,} is the most."
    edits = [each.get("edits") for each in snapshots if isinstance(each, Mapping)]
    count = sum(len(each) for each in edits if isinstance(each, list))
    if count > MOST_EDITS:
        return f"The browser sent {count:,} edits at once; {MOST_EDITS:,} is the most."
    return ""


def _key(snapshot: object) -> _Key:
    fields = snapshot if isinstance(snapshot, Mapping) else {}
    name, label_set, item = (fields.get(each) for each in _Key._fields)
    return _Key(
        name if isinstance(name, str) else "",
        label_set if isinstance(label_set, str) else "",
        item if isinstance(item, int) else 0,
    )


def _step(snapshot: object) -> str:
    return str(snapshot.get("step", "")) if isinstance(snapshot, Mapping) else ""
