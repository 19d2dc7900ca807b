"""What an annotator decided by hand, in all datasets and label sets."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine, select

from core.data.review import VerdictKind
from db.session import read
from db.tables import IS_IN_LOG, DatasetRow, VerdictRow


class OwnPerson(NamedTuple):
    """A person in a label set of a dataset."""

    dataset_id: int
    label_set: str
    annotation_id: int


class OwnPlace(NamedTuple):
    """One keypoint of a person."""

    person: OwnPerson
    keypoint: int


@dataclass(frozen=True)
class OwnWork:
    """What was decided since a moment.

    Attributes:
        datasets: the ids of those that are there; verdicts of others do not count.
        last: when the last of it was decided; None where nothing was.
    """

    datasets: frozenset[int]
    places: frozenset[OwnPlace]
    last: datetime | None


def work_since(engine: Engine, annotator: str, since: datetime) -> OwnWork:
    """What an annotator decided on since then.

    Rows of a table of verdicts do not count, nor does what was undone or redone.
    """
    row = VerdictRow
    with read(engine) as session:
        ready = frozenset(session.scalars(select(DatasetRow.id).where(DatasetRow.state == "ready")))
        found = session.execute(
            select(row.at, row.dataset_id, row.label_set, row.annotation_id, row.keypoint).where(
                row.annotator == annotator,
                row.at >= since,
                row.kind.not_in([VerdictKind.UNDO, VerdictKind.REDO]),
                IS_IN_LOG,
            )
        ).all()
    mine = [each for each in found if each.dataset_id in ready]
    places = (
        OwnPlace(OwnPerson(dataset_id, label_set, annotation_id), keypoint)
        for _, dataset_id, label_set, annotation_id, keypoint in mine
    )
    return OwnWork(ready, frozenset(places), max((each.at for each in mine), default=None))
