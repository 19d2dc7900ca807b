"""Take a table of verdicts: all of its rows or none."""

import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.workflow.names import checked_annotator
from app.workflow.relabel import place_problem, wanted_label
from app.workflow.verdict_table import VerdictLine, read_verdict_table, refused_table
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo, ImageInfo, Person
from core.data.review import MAIN, TABLE_STEP, Edit, VerdictKind
from core.errors import UserError
from db import datasets, people, verdicts

# All or none is one transaction; a larger one would make edits in the browser wait too long.
MOST_EDITS = 100_000


@dataclass(frozen=True)
class RelabelReport:
    """What became of a table of verdicts.

    Attributes:
        changed: labels that are different now.
        equal: rows that asked for what was there already.
    """

    dataset: str
    rows: int
    changed: int
    equal: int


@dataclass(frozen=True)
class _Context:
    """What the rows are checked against."""

    dataset: DatasetInfo
    persons: Mapping[int, Person]
    images: Mapping[int, ImageInfo]
    annotator: str


def relabel_from_csv(ws: Workspace, name: str, csv_path: Path, *, annotator: str) -> RelabelReport:
    """Write every verdict of the table, or none if one row cannot be taken.

    Args:
        annotator: who gave the verdicts of rows that do not say.

    Raises:
        UserError: rows are wrong or stale, each listed with its number.
    """
    dataset = datasets.find(ws.engine, name)
    lines, problems = read_verdict_table(csv_path)
    context = _context(ws, dataset, lines, checked_annotator(annotator))
    edits: list[tuple[str, Edit]] = []
    for line in lines:
        found = _edit(line, context)
        if isinstance(found, str):
            problems.append(f"row {line.row}: {found}")
        elif found is not None:
            edits.append((line.annotator or context.annotator, found))
    if problems:
        raise refused_table(csv_path, sorted(problems, key=_row_of))
    if len(edits) > MOST_EDITS:
        raise UserError(
            f"The table changes {len(edits):,} labels; {MOST_EDITS:,} at once is the most.",
            where=str(csv_path),
            remedy="Hand it in in parts.",
        )
    _write(ws, dataset, csv_path, edits)
    return RelabelReport(name, len(lines), len(edits), len(lines) - len(edits))


def _row_of(problem: str) -> int:
    return int(problem.removeprefix("row ").partition(":")[0])


def _context(
    ws: Workspace, dataset: DatasetInfo, lines: list[VerdictLine], annotator: str
) -> _Context:
    ids = list(dict.fromkeys(line.annotation_id for line in lines))
    persons = {p.annotation_id: p for p in people.persons(ws.engine, dataset.id, ids)}
    image_ids = list(dict.fromkeys(person.image_id for person in persons.values()))
    images = people.images_by_id(ws.engine, dataset.id, image_ids)
    return _Context(dataset, persons, images, annotator)


def _edit(line: VerdictLine, context: _Context) -> Edit | str | None:
    """The edit a line asks for; None where the label is so already; a string: why not."""
    person = context.persons.get(line.annotation_id)
    if person is None:
        return f"there is no annotation {line.annotation_id} in {context.dataset.name}."
    skeleton = next(c.skeleton for c in context.dataset.categories if c.id == person.category_id)
    keypoint = skeleton.index_of(line.keypoint) if skeleton is not None else None
    if keypoint is None or keypoint >= len(person.given):
        return f"annotation {line.annotation_id} has no keypoint called {line.keypoint!r}."
    current = person.current[keypoint]
    if line.from_v is not None and line.from_v is not current.visibility:
        return (
            f"from_v is {line.from_v:d}, but the flag of annotation {line.annotation_id}, "
            f"{line.keypoint} is {current.visibility:d} now."
        )
    after = wanted_label(current, line.visibility, line.xy_image_px)
    if after == current:
        return None
    problem = place_problem(after, context.images[person.image_id])
    if problem:
        return f"annotation {line.annotation_id}, {line.keypoint}: {problem}."
    return Edit(
        annotation_id=line.annotation_id,
        keypoint=keypoint,
        base_revision=person.revision[keypoint],
        kind=VerdictKind.SET,
        after=after,
        reason=line.reason,
    )


def _write(
    ws: Workspace, dataset: DatasetInfo, csv_path: Path, edits: list[tuple[str, Edit]]
) -> None:
    by_annotator: dict[str, list[Edit]] = defaultdict(list)
    for annotator, edit in edits:
        by_annotator[annotator].append(edit)
    step = TABLE_STEP + uuid.uuid4().hex  # 38 letters of 40
    stale = verdicts.append_together(ws.engine, dataset.id, MAIN, by_annotator, step=step)
    if stale:
        raise UserError(
            f"{len(stale)} label{'s were' if len(stale) > 1 else ' was'} changed by somebody else "
            "meanwhile; no row was taken.",
            where=str(csv_path),
            remedy="Look at them and hand the table in again.",
            problems=[
                f"annotation {s.edit.annotation_id}, keypoint {s.edit.keypoint}: "
                f"v = {s.current.visibility:d} by {s.current_annotator} now"
                for s in stale
            ],
        )
