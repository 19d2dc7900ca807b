"""Datasets: written in batches under the state `importing`, visible when one last row says so."""

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.data.dataset import PoseDataset
from core.data.listing import DatasetInfo
from core.data.progress import Cancelled as IsCancelled
from core.data.progress import OnProgress, ignore, never
from core.data.report import CheckReport
from core.errors import Cancelled, UserError
from db import mapping
from db.batches import delete_in_batches, insert_in_batches, straight_into
from db.session import read, write
from db.tables import (
    AnnotationRow,
    CategoryRow,
    DatasetRow,
    DeskRow,
    ImageRow,
    PredictionRow,
    RunRow,
    VerdictRow,
    is_one_line,
    storable,
)

MAX_NAME = 200

_MOST_NAMES_SAID = 10  # of known datasets, in an error


def begin_import(
    engine: Engine,
    dataset: PoseDataset,
    report: CheckReport,
    *,
    source_file: str,
    source_name: str,
    source_sha256: str,
    images_dir: Path | None,
    lock_file: str,
) -> int:
    """Makes the still invisible dataset and returns its id.

    Args:
        source_file: the kept copy, relative to the data directory.
        source_name: what the user called the file.
        lock_file: held as an OS lock by the caller until the import has ended.
    """
    with write(engine) as session:
        row = DatasetRow(
            state="importing",
            lock_file=lock_file,
            created_at=datetime.now(UTC),
            source_file=source_file,
            source_name=source_name,
            source_sha256=source_sha256,
            images_dir=str(images_dir) if images_dir else "",
            counts_labelled=dataset.counts_labelled,
            info=dataset.info,
            licences=list(dataset.licences),
            num_images=len(dataset.images.id),
            num_annotations=len(dataset.annotations.id),
            class_counts=mapping.class_counts(dataset),
            remarks=mapping.remark_values(report),
        )
        session.add(row)
        session.flush()
        categories = mapping.category_values(dataset, row.id)
        if categories:
            session.execute(insert(CategoryRow), categories)
        return row.id


def insert_contents(
    engine: Engine,
    dataset_id: int,
    dataset: PoseDataset,
    *,
    on_progress: OnProgress = ignore,
    cancelled: IsCancelled = never,
) -> None:
    """Writes images and annotations in short transactions, leaving room for other writers.

    Raises:
        Cancelled: asked to stop; the half dataset has been removed.
    """
    num_images, num_annotations = len(dataset.images.id), len(dataset.annotations.id)
    share = num_images / max(num_images + num_annotations, 1)
    people = mapping.people_per_image(dataset)
    try:
        insert_in_batches(
            engine,
            num_images,
            lambda start, stop: mapping.image_rows(dataset, dataset_id, people, start, stop),
            straight_into(ImageRow, mapping.IMAGE_COLUMNS),
            on_progress=lambda done: on_progress(share * done),
            cancelled=cancelled,
        )
        insert_in_batches(
            engine,
            num_annotations,
            lambda start, stop: mapping.annotation_rows(dataset, dataset_id, start, stop),
            straight_into(AnnotationRow, mapping.ANNOTATION_COLUMNS),
            on_progress=lambda done: on_progress(share + (1 - share) * done),
            cancelled=cancelled,
        )
    except Cancelled:
        remove(engine, dataset_id)
        raise


def finish_import(engine: Engine, dataset_id: int, name: str) -> DatasetInfo:
    """Makes the dataset visible under its name.

    Raises:
        UserError: the name is taken or no name at all; the dataset stays as it was.
    """
    _set_name(engine, dataset_id, name, before="importing")
    return find(engine, name)


def rename(engine: Engine, name: str, new_name: str) -> None:
    """Gives a dataset another name.

    Raises:
        UserError: no such dataset, or the new name is taken or no name at all.
    """
    dataset_id = find(engine, name).id
    _set_name(engine, dataset_id, new_name, before="ready")


def set_images_dir(engine: Engine, name: str, images_dir: Path | None) -> None:
    """Says where the photos of a dataset lie now."""
    dataset_id = find(engine, name).id
    with write(engine) as session:
        session.execute(
            update(DatasetRow)
            .where(DatasetRow.id == dataset_id)
            .values(images_dir=str(images_dir) if images_dir else "")
        )


def remove(engine: Engine, dataset_id: int, *, on_progress: OnProgress = ignore) -> None:
    """Removes a dataset and everything said about it; invisible at once, gone in the end.

    Cut short, it goes on when called again. An id that is not there is no error.
    """
    with write(engine) as session:
        session.execute(
            update(DatasetRow)
            .where(DatasetRow.id == dataset_id)
            .values(state="deleting", name=None)
        )
        session.execute(
            update(RunRow)
            .where(RunRow.dataset_id == dataset_id)
            .values(state="deleting", name=None)
        )
        # One row per annotator, and none is added to a dataset that is not ready.
        session.execute(delete(DeskRow).where(DeskRow.dataset_id == dataset_id))
    with read(engine) as session:
        runs = session.scalars(select(RunRow.id).where(RunRow.dataset_id == dataset_id)).all()
        scopes = [
            *((PredictionRow.id, PredictionRow.run_id == run_id) for run_id in runs),
            (RunRow.id, RunRow.dataset_id == dataset_id),
            (VerdictRow.id, VerdictRow.dataset_id == dataset_id),
            (AnnotationRow.id, AnnotationRow.dataset_id == dataset_id),
            (ImageRow.id, ImageRow.dataset_id == dataset_id),
            (CategoryRow.id, CategoryRow.dataset_id == dataset_id),
            (DatasetRow.id, DatasetRow.id == dataset_id),
        ]
        total = sum(
            session.scalar(select(func.count()).select_from(key.class_).where(where)) or 0
            for key, where in scopes
        )
    done = 0

    def count(rows: int) -> None:
        nonlocal done
        done += rows
        on_progress(min(done / total, 1.0))

    for key, where in scopes:
        delete_in_batches(engine, key, where, on_batch=count)


def unfinished(engine: Engine) -> list[tuple[int, str]]:
    """(dataset id, lock file) of what is being imported or deleted, or was when it died."""
    with read(engine) as session:
        rows = session.execute(
            select(DatasetRow.id, DatasetRow.lock_file)
            .where(DatasetRow.state != "ready")
            .order_by(DatasetRow.id)
        )
        return [(dataset_id, lock_file) for dataset_id, lock_file in rows]


def list_all(engine: Engine) -> list[DatasetInfo]:
    """Every ready dataset, by name."""
    with read(engine) as session:
        rows = session.scalars(
            select(DatasetRow).where(DatasetRow.state == "ready").order_by(DatasetRow.name)
        ).all()
        categories = _categories(session, [row.id for row in rows])
        return [mapping.dataset_info(row, categories[row.id]) for row in rows]


def find(engine: Engine, name: str) -> DatasetInfo:
    """The dataset of this name.

    Raises:
        UserError: there is none; the message names the known ones.
    """
    name = storable(unicodedata.normalize("NFC", name))  # names are kept in this spelling
    with read(engine) as session:
        ready = DatasetRow.state == "ready"
        row = session.scalar(select(DatasetRow).where(ready, DatasetRow.name == name))
        if row is not None:
            return mapping.dataset_info(row, _categories(session, [row.id])[row.id])
        known = session.scalars(select(DatasetRow.name).where(ready).order_by(DatasetRow.name))
        names = _first_names([known_name for known_name in known if known_name])
    raise UserError(
        f"There is no dataset {name!r}.",
        remedy=f"Known: {names}." if names else "No dataset has been imported yet.",
    )


def id_of(engine: Engine, name: str) -> int:
    """The id of the dataset of this name; far less work than `find`.

    Raises:
        UserError: as `find`.
    """
    wanted = storable(unicodedata.normalize("NFC", name))
    with read(engine) as session:
        found = session.scalar(
            select(DatasetRow.id).where(DatasetRow.state == "ready", DatasetRow.name == wanted)
        )
    return find(engine, name).id if found is None else found


def by_id(engine: Engine, dataset_id: int) -> DatasetInfo:
    """The dataset of this id, whatever it is called by now.

    Raises:
        UserError: it has been removed.
    """
    found = next((each for each in list_all(engine) if each.id == dataset_id), None)
    if found is None:
        raise UserError("This dataset is not there any more.")
    return found


def _first_names(names: Sequence[str]) -> str:
    """Names for a sentence; of very many only the first."""
    shown = ", ".join(repr(name) for name in names[:_MOST_NAMES_SAID])
    more = len(names) - _MOST_NAMES_SAID
    return f"{shown} and {more:,} more" if more > 0 else shown


def require_ready(session: Session, dataset_id: int, *, hold: bool = False) -> None:
    """Passes when the dataset is there.

    With `hold` it stays there until the write transaction ends, and a second writer of verdicts
    waits. (SQLite has one writer at a time anyway and is asked for no lock.)

    Raises:
        UserError: it has been removed.
    """
    state = select(DatasetRow.state).where(DatasetRow.id == dataset_id)
    if session.scalar(state.with_for_update(key_share=True) if hold else state) != "ready":
        raise UserError(
            "This dataset is not there any more; nothing was written.",
            remedy="It was deleted, or a newer version of its file took its place.",
        )


def sources_in_use(engine: Engine) -> set[str]:
    """The kept source files that a dataset still needs, relative to the data directory."""
    with read(engine) as session:
        return set(
            session.scalars(select(DatasetRow.source_file).where(DatasetRow.state != "deleting"))
        )


def _categories(session: Session, dataset_ids: Sequence[int]) -> dict[int, list[CategoryRow]]:
    found: dict[int, list[CategoryRow]] = defaultdict(list)
    rows = session.scalars(
        select(CategoryRow)
        .where(CategoryRow.dataset_id.in_(dataset_ids))
        .order_by(CategoryRow.dataset_id, CategoryRow.position)
    )
    for row in rows:
        found[row.dataset_id].append(row)
    return found


def _set_name(engine: Engine, dataset_id: int, name: str, *, before: str) -> None:
    """Names a dataset in the state `before` and makes it ready."""
    if not is_one_line(name, MAX_NAME):
        raise UserError(
            f"{name!r} cannot be the name of a dataset.",
            remedy=f"Use one line of 1 to {MAX_NAME} characters.",
        )
    try:
        with write(engine) as session:
            named = session.scalars(
                update(DatasetRow)
                .where(DatasetRow.id == dataset_id, DatasetRow.state == before)
                .values(name=name, state="ready")
                .returning(DatasetRow.id)
            ).all()
    except IntegrityError as error:
        raise UserError(
            f"There is already a dataset {name!r}.", remedy="Choose another name."
        ) from error
    if not named:
        raise UserError("This dataset has been removed meanwhile.")
