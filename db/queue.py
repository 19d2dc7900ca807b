"""The order in which people are relabelled: photo by photo, as in the file."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from core.data.review import MAIN
from core.errors import UserError
from db.session import read
from db.standing import is_decided, verdicts_of
from db.tables import AnnotationRow, ImageRow

_IMAGES = 64  # walked in one short read
_ON_PHOTO = (ImageRow.dataset_id == AnnotationRow.dataset_id) & (
    ImageRow.id == AnnotationRow.image_id
)
_Place = tuple[int, int]  # position of the photo, position of the annotation


@dataclass(frozen=True)
class QueuedPerson:
    """Somebody with keypoints, and the photo it is on."""

    annotation_id: int
    image_id: int


@dataclass(frozen=True)
class _Candidate:
    person: QueuedPerson
    size: int  # keypoints
    place: _Place


def walk(
    engine: Engine,
    dataset_id: int,
    *,
    beyond: int | None = None,
    backward: bool = False,
    reviewed: bool | None = None,
    label_set: str = MAIN,
) -> Iterator[QueuedPerson]:
    """Everybody with a keypoint list who is no crowd, photo by photo.

    Args:
        beyond: the annotation to start behind (before it, when walking backward); None: all.
        backward: towards the beginning of the file.
        reviewed: only people whose keypoints are all decided (True) or not all (False).

    Raises:
        UserError: there is no annotation `beyond`.
    """
    start = (-1, -1) if beyond is None else _place_of(engine, dataset_id, beyond)
    position = start[0]
    while True:
        with read(engine) as session:
            photos = _photos(session, dataset_id, position, backward)
            found = _people_on(session, dataset_id, list(photos), backward)
            found = [c for c in found if (c.place < start if backward else c.place > start)]
            if reviewed is not None:
                decided = _decided(session, dataset_id, label_set, found)
                found = [c for c in found if (c.person.annotation_id in decided) is reviewed]
        yield from (candidate.person for candidate in found)
        if not photos:
            return
        position = min(photos.values()) - 1 if backward else max(photos.values()) + 1


def _place_of(engine: Engine, dataset_id: int, annotation_id: int) -> _Place:
    with read(engine) as session:
        found = session.execute(
            select(ImageRow.position, AnnotationRow.position)
            .join(AnnotationRow, _ON_PHOTO)
            .where(AnnotationRow.dataset_id == dataset_id, AnnotationRow.id == annotation_id)
        ).one_or_none()
    if found is None:
        raise UserError(f"There is no annotation {annotation_id} in this dataset.")
    return found[0], found[1]


def _photos(session: Session, dataset_id: int, position: int, backward: bool) -> dict[int, int]:
    """Position by image id."""
    column = ImageRow.position
    rows = session.execute(
        select(ImageRow.id, column)
        .where(
            ImageRow.dataset_id == dataset_id,
            column <= position if backward else column >= position,
        )
        .order_by(column.desc() if backward else column)
        .limit(_IMAGES)
    )
    return {row.id: row.position for row in rows}


def _people_on(
    session: Session, dataset_id: int, image_ids: list[int], backward: bool
) -> list[_Candidate]:
    size = func.length(AnnotationRow.visibility)
    rows = session.execute(
        select(
            AnnotationRow.id,
            AnnotationRow.image_id,
            size,
            ImageRow.position,
            AnnotationRow.position,
        )
        .join(ImageRow, _ON_PHOTO)
        .where(
            AnnotationRow.dataset_id == dataset_id,
            AnnotationRow.image_id.in_(image_ids),
            AnnotationRow.iscrowd.is_(False),
            size > 0,
        )
    )
    found = [
        _Candidate(QueuedPerson(annotation_id, image_id), keypoints, (photo, place))
        for annotation_id, image_id, keypoints, photo, place in rows
    ]
    return sorted(found, key=lambda candidate: candidate.place, reverse=backward)


def _decided(
    session: Session, dataset_id: int, label_set: str, found: list[_Candidate]
) -> set[int]:
    ids = [candidate.person.annotation_id for candidate in found]
    counts: Counter[int] = Counter()
    for (annotation_id, _), history in verdicts_of(session, dataset_id, label_set, ids).items():
        counts[annotation_id] += is_decided(history)
    return {
        candidate.person.annotation_id
        for candidate in found
        if counts[candidate.person.annotation_id] == candidate.size
    }
