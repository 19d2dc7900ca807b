"""What an annotator decided by hand, whichever dataset and label set it was in."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, update

from core.data.review import MAIN, TABLE_STEP, VerdictKind
from db import verdicts
from db.own_work import OwnPerson, OwnPlace, OwnWork, work_since
from db.session import write
from db.tables import DatasetRow
from tests.db.builders import an_edit, imported

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def place(dataset_id: int, keypoint: int) -> OwnPlace:
    return OwnPlace(OwnPerson(dataset_id, MAIN, 11), keypoint)


def test_what_was_decided_by_hand_counts_once_wherever_it_was(engine: Engine) -> None:
    dataset_id, other = imported(engine), imported(engine, name="other")

    def write(where: int, step: str, at: datetime, *edits: int, base: int = 0, who: str) -> None:
        asked = [an_edit(11, k, base=base) for k in edits]
        verdicts.append(engine, where, MAIN, asked, annotator=who, step=step, at=at)

    write(dataset_id, "yesterday", NOON - MINUTE, 0, who="ann")
    write(dataset_id, "a", NOON, 1, 2, who="ann")
    write(dataset_id, "b", NOON + MINUTE, 1, base=1, who="ann")
    write(dataset_id, "c", NOON + MINUTE, 2, base=1, who="bob")
    write(other, "d", NOON + MINUTE, 0, who="ann")
    undo = an_edit(11, 0, base=1, kind=VerdictKind.UNDO)
    verdicts.append(
        engine, dataset_id, MAIN, [undo], annotator="ann", step="u", undoes="yesterday", at=NOON
    )
    write(dataset_id, f"{TABLE_STEP}1", NOON, 0, base=2, who="ann")
    later = {place(dataset_id, 1), place(dataset_id, 2), place(other, 0)}
    there = frozenset({dataset_id, other})
    assert work_since(engine, "ann", NOON) == OwnWork(there, frozenset(later), NOON + MINUTE)
    all_of_it = frozenset(later | {place(dataset_id, 0)})
    assert work_since(engine, "ann", NOON - MINUTE) == OwnWork(there, all_of_it, NOON + MINUTE)
    assert work_since(engine, "cleo", NOON) == OwnWork(there, frozenset(), None)


def test_verdicts_of_a_dataset_that_is_not_there_do_not_count(engine: Engine) -> None:
    dataset_id = imported(engine)
    verdicts.append(engine, dataset_id, MAIN, [an_edit(11, 0)], annotator="ann", step="a", at=NOON)
    with write(engine) as session:  # being deleted, or a newer version still on its way
        session.execute(update(DatasetRow).values(state="deleting", name=None))
    assert work_since(engine, "ann", NOON) == OwnWork(frozenset(), frozenset(), None)
