"""The undo log: an annotator's own steps, also those of yesterday and of another browser."""

from dataclasses import dataclass

from app.workflow.workspace import Workspace
from core.data.review import MAIN, LoggedStep
from db import datasets
from db.undo_log import steps_done, steps_undone

PAGE = 50  # steps


@dataclass(frozen=True)
class UndoLog:
    """A part of somebody's steps in one label set.

    A step is undone while the newest undo or redo that names it is an undo. Steps of verdict
    tables are in neither list.

    Attributes:
        done: oldest first, the next to undo last.
        undone: those that may be redone, because nothing was decided since; the next to redo last.
        more: whether there are older ones than those in `done`.
    """

    done: tuple[LoggedStep, ...]
    undone: tuple[LoggedStep, ...]
    more: bool


def undo_log(
    ws: Workspace,
    name: str,
    *,
    annotator: str,
    label_set: str = MAIN,
    before: str | None = None,
    limit: int = PAGE,
) -> UndoLog:
    """The newest steps of an annotator, or with `before` those older than that step.

    Args:
        before: a step of `done`; nothing is older than one that nobody knows, and older parts
            hold no undone steps.

    Raises:
        UserError: there is no such dataset.
    """
    dataset_id = datasets.id_of(ws.engine, name)
    done, more = steps_done(ws.engine, dataset_id, label_set, annotator, before=before, limit=limit)
    undone = [] if before is not None else steps_undone(ws.engine, dataset_id, label_set, annotator)
    return UndoLog(tuple(done), tuple(undone), more)
