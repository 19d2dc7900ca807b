"""The order in which people are relabelled: photo by photo, as in the file."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from core.data.review import MAIN
from db.session import read
from db.standing import is_decided, verdicts_of
from db.tables import AnnotationRow, ImageRow

_IMAGES = 64  # walked in one short read


@dataclass(frozen=True)
class QueuedPerson:
    """Somebody with keypoints, and the photo it is on."""

    annotation_id: int
    image_id: int


def walk(
    engine: Engine,
    dataset_id: int,
    *,
    start: int,
    backward: bool = False,
    reviewed: bool | None = None,
    label_set: str = MAIN,
) -> Iterator[QueuedPerson]:
    """Everybody with a keypoint list who is no crowd, photo by photo from one photo on.

    Args:
        start: position of the first photo looked at.
        backward: towards the beginning of the file, within a photo too.
        reviewed: only people whose keypoints are all decided (True) or not all (False).
    """
    position = start
    while True:
        with read(engine) as session:
            photos = _photos(session, dataset_id, position, backward)
            found = _people_on(session, dataset_id, list(photos), backward)
            if reviewed is not None:
                decided = _decided(session, dataset_id, label_set, found)
                found = [row for row in found if (row[0] in decided) is reviewed]
        yield from (QueuedPerson(annotation_id, image_id) for annotation_id, image_id, _ in found)
        if not photos:
            return
        position = min(photos.values()) - 1 if backward else max(photos.values()) + 1


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
    return {image_id: place for image_id, place in rows}


def _people_on(
    session: Session, dataset_id: int, image_ids: list[int], backward: bool
) -> list[tuple[int, int, int]]:
    """(annotation id, image id, number of keypoints), in the order of the queue."""
    rows = session.execute(
        select(
            AnnotationRow.id,
            AnnotationRow.image_id,
            func.length(AnnotationRow.visibility),
            ImageRow.position,
            AnnotationRow.position,
        )
        .join(
            ImageRow,
            (ImageRow.dataset_id == AnnotationRow.dataset_id)
            & (ImageRow.id == AnnotationRow.image_id),
        )
        .where(
            AnnotationRow.dataset_id == dataset_id,
            AnnotationRow.image_id.in_(image_ids),
            AnnotationRow.iscrowd.is_(False),
            func.length(AnnotationRow.visibility) > 0,
        )
    ).all()
    ordered = sorted(rows, key=lambda row: (row[3], row[4]), reverse=backward)
    return [(row[0], row[1], row[2]) for row in ordered]


def _decided(
    session: Session, dataset_id: int, label_set: str, people: list[tuple[int, int, int]]
) -> set[int]:
    histories = verdicts_of(session, dataset_id, label_set, [row[0] for row in people])
    counts: dict[int, int] = {}
    for (annotation_id, _), history in histories.items():
        counts[annotation_id] = counts.get(annotation_id, 0) + is_decided(history)
    return {annotation_id for annotation_id, _, size in people if counts.get(annotation_id) == size}
