"""Exchanges a dataset for a newer version of its file, with the verdicts that still hold."""

from collections.abc import Mapping

from sqlalchemy import Engine, Table, func, insert, select, update
from sqlalchemy.orm import Session

from core.data.listing import DatasetInfo
from core.data.skeleton import Skeleton
from db import datasets, mapping
from db.session import read, write
from db.tables import AnnotationRow, CategoryRow, DatasetRow, DeskRow, VerdictRow

Place = tuple[int, int]  # annotation id, keypoint
ROWS_AT_ONCE = 500  # far below 50 ms


def last_verdict(engine: Engine, dataset_id: int) -> int:
    """The row id of the last verdict on a dataset; 0 where there is none."""
    with read(engine) as session:
        last = select(func.max(VerdictRow.id)).where(VerdictRow.dataset_id == dataset_id)
        return session.scalar(last) or 0


def places_judged(engine: Engine, dataset_id: int, *, after: int, until: int) -> dict[Place, int]:
    """How many verdicts of the rows after..until each keypoint has, all label sets together."""
    row = VerdictRow
    with read(engine) as session:
        found = session.execute(
            select(row.annotation_id, row.keypoint, func.count())
            .where(row.dataset_id == dataset_id, row.id > after, row.id <= until)
            .group_by(row.annotation_id, row.keypoint)
            .order_by(row.annotation_id, row.keypoint)
        )
        return {(annotation_id, keypoint): count for annotation_id, keypoint, count in found}


def skeletons_of(engine: Engine, dataset_id: int) -> dict[int, Skeleton]:
    """The skeletons of a dataset by category, also of one that is still importing."""
    with read(engine) as session:
        dataset = session.get_one(DatasetRow, dataset_id)
        rows = session.scalars(select(CategoryRow).where(CategoryRow.dataset_id == dataset_id))
        categories = mapping.dataset_info(dataset, rows.all()).categories
    return {c.id: c.skeleton for c in categories if c.skeleton is not None}


def copy_verdicts(
    engine: Engine,
    old_id: int,
    new_id: int,
    keypoint_now: Mapping[Place, int],
    *,
    after: int,
    until: int,
) -> None:
    """Copies the verdict rows after..until as they are: who, when, revision and all.

    Args:
        keypoint_now: for the keypoints to copy, their index in the new dataset.
    """
    table = VerdictRow.__table__
    assert isinstance(table, Table)
    columns = [column for column in table.columns if column.name != "id"]
    while after < until:
        with read(engine) as session:
            rows = session.execute(
                select(table)
                .where(table.c.dataset_id == old_id, table.c.id > after, table.c.id <= until)
                .order_by(table.c.id)
                .limit(ROWS_AT_ONCE)
            ).all()
        if not rows:
            return
        values = [{column.name: row._mapping[column] for column in columns} for row in rows]
        kept = [
            value | {"dataset_id": new_id, "keypoint": keypoint_now[place]}
            for value in values
            if (place := (value["annotation_id"], value["keypoint"])) in keypoint_now
        ]
        if kept:
            with write(engine) as session:
                session.execute(insert(table), kept)
        after = rows[-1].id


def replace(engine: Engine, old: DatasetInfo, new_id: int, *, seen: int) -> DatasetInfo | None:
    """Gives the new dataset the old one's name and lets the old one vanish, in one transaction.

    Args:
        seen: the last verdict that was copied. If there are later ones, nothing is done.

    Returns:
        The new dataset; None where verdicts arrived after `seen`.
    """
    with write(engine) as session:
        # Who writes a verdict holds the dataset's row: on Postgres wait for them, then look.
        session.execute(select(DatasetRow.id).where(DatasetRow.id == old.id).with_for_update())
        datasets.require_ready(session, old.id)
        last = select(func.max(VerdictRow.id)).where(VerdictRow.dataset_id == old.id)
        if (session.scalar(last) or 0) > seen:
            return None
        _move_desks(session, old.id, new_id)
        name = session.scalar(select(DatasetRow.name).where(DatasetRow.id == old.id))
        for dataset_id, state, known_as in (
            (old.id, "deleting", None),
            (new_id, "ready", name),
        ):
            session.execute(
                update(DatasetRow)
                .where(DatasetRow.id == dataset_id)
                .values(state=state, name=known_as)
            )
    return datasets.find(engine, name or old.name)


def _move_desks(session: Session, old_id: int, new_id: int) -> None:
    """Everybody finds the person they stopped at, if it is still there.

    What was to come next and the filters do not come along: runs belong to the older version.
    """
    there = select(AnnotationRow.id).where(
        AnnotationRow.dataset_id == new_id, AnnotationRow.id == DeskRow.annotation_id
    )
    for desk in session.scalars(
        select(DeskRow).where(DeskRow.dataset_id == old_id, there.exists())
    ).all():
        session.add(
            DeskRow(
                dataset_id=new_id,
                label_set=desk.label_set,
                annotator=desk.annotator,
                annotation_id=desk.annotation_id,
                keypoint=None,
                ahead=[],
                seen_at=desk.seen_at,
            )
        )
