"""Images of a dataset and the people on them, as screens and models need them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, func, or_, select
from sqlalchemy.orm import Session

from core.data.boxes import BoxXywh, box_to_cut
from core.data.listing import ImageInfo, Person
from core.data.prediction import Prediction
from core.data.review import MAIN
from core.errors import UserError
from db import mapping
from db.appending import Packed
from db.datasets import require_ready
from db.runs import find_run_id, predictions_on
from db.session import id_parts, read
from db.standing import held, verdicts_of
from db.tables import AnnotationRow, CategoryRow, ImageRow

_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True)
class PersonBox:
    """A person to run a model on.

    Attributes:
        index: place among the persons of its image that are looked at, from 0.
        box_xywh_px: image frame, width and height at least 1.
    """

    annotation_id: int
    image: ImageInfo
    index: int
    box_xywh_px: tuple[float, float, float, float]


@dataclass(frozen=True)
class Opened:
    """One person to be edited, as things stand.

    Attributes:
        given: the imported labels as `append_steps` takes them.
    """

    person: Person
    image: ImageInfo
    given: Packed


def images(
    engine: Engine, dataset_id: int, *, offset: int = 0, limit: int = 50, search: str = ""
) -> tuple[int, list[ImageInfo]]:
    """One page of images in file order, and how many there are in all.

    Args:
        search: part of a file name, or the id of an image or of an annotation; empty: all.
    """
    chosen = [ImageRow.dataset_id == dataset_id]
    if search.strip():
        chosen.append(_matches(dataset_id, search.strip()))
    with read(engine) as session:
        total = session.scalar(select(func.count()).select_from(ImageRow).where(*chosen)) or 0
        rows = session.scalars(
            select(ImageRow).where(*chosen).order_by(ImageRow.position).offset(offset).limit(limit)
        )
        return total, [mapping.image_info(row) for row in rows]


def image(engine: Engine, dataset_id: int, image_id: int) -> ImageInfo:
    """One image.

    Raises:
        UserError: the dataset has no such image.
    """
    with read(engine) as session:
        row = session.get(ImageRow, (dataset_id, image_id))
        if row is None:
            raise UserError(f"There is no image {image_id} in this dataset.")
        return mapping.image_info(row)


def image_of_annotation(engine: Engine, dataset_id: int, annotation_id: int) -> int:
    """The id of the image an annotation is on.

    Raises:
        UserError: the dataset has no such annotation.
    """
    with read(engine) as session:
        found = session.scalar(
            select(AnnotationRow.image_id).where(
                AnnotationRow.dataset_id == dataset_id, AnnotationRow.id == annotation_id
            )
        )
    if found is None:
        raise UserError(f"There is no annotation {annotation_id} in this dataset.")
    return found


def people(
    engine: Engine,
    dataset_id: int,
    image_id: int,
    *,
    label_set: str = MAIN,
    run: str | None = None,
) -> list[Person]:
    """Every annotation of an image in file order, with labels, verdicts and predictions.

    Raises:
        UserError: there is no such run.
    """
    found = people_by_image(engine, dataset_id, [image_id], label_set=label_set, run=run)
    return found[image_id]


def people_by_image(
    engine: Engine,
    dataset_id: int,
    image_ids: Sequence[int],
    *,
    label_set: str = MAIN,
    run: str | None = None,
) -> dict[int, list[Person]]:
    """`people` of a few images at once.

    Raises:
        UserError: there is no such run.
    """
    with read(engine) as session:
        rows = session.scalars(
            select(AnnotationRow)
            .where(AnnotationRow.dataset_id == dataset_id, AnnotationRow.image_id.in_(image_ids))
            .order_by(AnnotationRow.position)
        ).all()
        said: dict[int, Prediction] = {}
        if run is not None:
            found = predictions_on(session, find_run_id(session, dataset_id, run), image_ids)
            said = {p.of_annotation: p for p in found if p.of_annotation is not None}
        by_image: dict[int, list[Person]] = {image_id: [] for image_id in image_ids}
        for person in _people(session, dataset_id, rows, label_set, said):
            by_image[person.image_id].append(person)
        return by_image


def persons(
    engine: Engine, dataset_id: int, annotation_ids: Sequence[int], *, label_set: str = MAIN
) -> list[Person]:
    """These annotations in file order, with labels and verdicts; ids that are none are left out."""
    rows: list[AnnotationRow] = []
    with read(engine) as session:
        for part in id_parts(annotation_ids):
            rows += session.scalars(
                select(AnnotationRow).where(
                    AnnotationRow.dataset_id == dataset_id,
                    AnnotationRow.id.in_(part),
                )
            )
        rows.sort(key=lambda row: row.position)
        return _people(session, dataset_id, rows, label_set, {})


def opened(engine: Engine, dataset_id: int, annotation_id: int, *, label_set: str) -> Opened:
    """One person with labels and verdicts, and its image, all of one moment.

    Raises:
        UserError: the dataset has been removed, or there is no such annotation in it.
    """
    with read(engine) as session:
        require_ready(session, dataset_id)
        row = session.get(AnnotationRow, (dataset_id, annotation_id))
        if row is None:
            raise UserError(f"There is no annotation {annotation_id} in this dataset.")
        image_row = session.get_one(ImageRow, (dataset_id, row.image_id))
        (person,) = _people(session, dataset_id, [row], label_set, {})
        return Opened(person, mapping.image_info(image_row), (row.xy, row.visibility))


def images_by_id(engine: Engine, dataset_id: int, image_ids: Sequence[int]) -> dict[int, ImageInfo]:
    """These images by id; ids that are none are left out."""
    found: dict[int, ImageInfo] = {}
    with read(engine) as session:
        for part in id_parts(image_ids):
            rows = session.scalars(
                select(ImageRow).where(
                    ImageRow.dataset_id == dataset_id,
                    ImageRow.id.in_(part),
                )
            )
            found |= {row.id: mapping.image_info(row) for row in rows}
    return found


def boxes(
    engine: Engine, dataset_id: int, *, from_position: int = 0, images_per_batch: int = 64
) -> Iterator[list[PersonBox]]:
    """Everybody a model should look at, image by image in file order, in batches.

    That is every annotation with iscrowd = 0 of a category with keypoints, also without a single
    labelled one, by its box or, lacking one that can be on a photo, by the box of its labelled
    points. Who has neither is left out: there is nothing to cut out.

    Args:
        from_position: place of the first image to look at.
    """
    position = from_position
    while True:
        with read(engine) as session:
            page = session.scalars(
                select(ImageRow)
                .where(ImageRow.dataset_id == dataset_id, ImageRow.position >= position)
                .order_by(ImageRow.position)
                .limit(images_per_batch)
            ).all()
            found = _boxes_on(session, dataset_id, page)
        if not page:
            return
        position = page[-1].position + 1
        if found:
            yield found


def spans(
    engine: Engine, dataset_id: int, annotation_ids: Sequence[int]
) -> dict[int, tuple[int, int]]:
    """Where each annotation lies in the decompressed source: its first byte and the one after."""
    found: dict[int, tuple[int, int]] = {}
    with read(engine) as session:
        for part in id_parts(annotation_ids):
            rows = session.execute(
                select(AnnotationRow.id, AnnotationRow.span_start, AnnotationRow.span_end).where(
                    AnnotationRow.dataset_id == dataset_id,
                    AnnotationRow.id.in_(part),
                )
            )
            found |= {annotation_id: (first, end) for annotation_id, first, end in rows}
    return found


def _matches(dataset_id: int, search: str) -> ColumnElement[bool]:
    by_name = ImageRow.file_name.icontains(search, autoescape=True)
    # isdecimal() is true of other scripts' digits as well, which int() reads.
    if not search.isdecimal() or int(search) > _LARGEST_ID:
        return by_name
    of_annotation = select(AnnotationRow.image_id).where(
        AnnotationRow.dataset_id == dataset_id, AnnotationRow.id == int(search)
    )
    return or_(by_name, ImageRow.id == int(search), ImageRow.id.in_(of_annotation))


def _people(
    session: Session,
    dataset_id: int,
    rows: Sequence[AnnotationRow],
    label_set: str,
    said: dict[int, Prediction],
) -> list[Person]:
    histories = verdicts_of(session, dataset_id, label_set, [row.id for row in rows])
    found = []
    for row in rows:
        given = mapping.labels(row.xy, row.visibility)
        mine = [histories.get((row.id, k), []) for k in range(len(given))]
        stands = tuple(held(h, label) for h, label in zip(mine, given, strict=True))
        found.append(
            Person(
                annotation_id=row.id,
                image_id=row.image_id,
                category_id=row.category_id,
                box_xywh_px=mapping.box(row),
                iscrowd=row.iscrowd,
                given=given,
                current=tuple(h.label for h in stands),
                revision=tuple(h[-1].revision if h else 0 for h in mine),
                reviewed=tuple(h.reviewed for h in stands),
                prediction=said.get(row.id),
                history=tuple(tuple(h) for h in mine),
                held=stands,
            )
        )
    return found


def _boxes_on(session: Session, dataset_id: int, page: Sequence[ImageRow]) -> list[PersonBox]:
    rows = session.scalars(
        select(AnnotationRow)
        .join(
            CategoryRow,
            (CategoryRow.dataset_id == AnnotationRow.dataset_id)
            & (CategoryRow.id == AnnotationRow.category_id),
        )
        .where(
            AnnotationRow.dataset_id == dataset_id,
            AnnotationRow.image_id.in_([image.id for image in page]),
            AnnotationRow.iscrowd.is_(False),
            CategoryRow.keypoint_names.is_not(None),
        )
        .order_by(AnnotationRow.position)
    )
    by_image: dict[int, list[AnnotationRow]] = defaultdict(list)
    for row in rows:
        by_image[row.image_id].append(row)
    found = []
    for image in page:
        cuts = [(row.id, cut) for row in by_image[image.id] if (cut := _box_to_cut(row))]
        info = mapping.image_info(image)
        found += [PersonBox(id_, info, index, cut) for index, (id_, cut) in enumerate(cuts)]
    return found


def _box_to_cut(row: AnnotationRow) -> BoxXywh | None:
    labels = mapping.labels(row.xy, row.visibility)
    places = [(each.x_image_px, each.y_image_px) for each in labels if each.visibility > 0]
    return box_to_cut(mapping.box(row), places)
