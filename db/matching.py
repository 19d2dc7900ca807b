"""Every image of a dataset with those annotated on it, to match found people with."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from core.data.listing import ImageInfo
from core.data.person_match import AnnotatedPerson
from core.data.skeleton import Skeleton, fitted_skeleton
from db import mapping
from db.session import read
from db.tables import AnnotationRow, CategoryRow, ImageRow

ImageWithPeople = tuple[ImageInfo, tuple[AnnotatedPerson, ...]]


def images_with_people(
    engine: Engine, dataset_id: int, *, from_position: int = 0, images_per_batch: int = 64
) -> Iterator[ImageWithPeople]:
    """Every image in file order, also without a single annotation, with its people as imported.

    People are annotations with iscrowd = 0 of a category with keypoints.

    Args:
        from_position: place of the first image.
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
            found = _with_people(session, dataset_id, page)
        if not page:
            return
        position = page[-1].position + 1
        yield from found


def _with_people(
    session: Session, dataset_id: int, page: Sequence[ImageRow]
) -> list[ImageWithPeople]:
    skeletons = {
        row.id: mapping.category(row).skeleton
        for row in session.scalars(select(CategoryRow).where(CategoryRow.dataset_id == dataset_id))
    }
    rows = session.scalars(
        select(AnnotationRow)
        .where(
            AnnotationRow.dataset_id == dataset_id,
            AnnotationRow.image_id.in_([image.id for image in page]),
            AnnotationRow.iscrowd.is_(False),
        )
        .order_by(AnnotationRow.position)
    )
    by_image: dict[int, list[AnnotatedPerson]] = defaultdict(list)
    for row in rows:
        if skeletons.get(row.category_id) is not None:
            by_image[row.image_id].append(_annotated(row, skeletons))
    return [(mapping.image_info(image), tuple(by_image[image.id])) for image in page]


def _annotated(row: AnnotationRow, skeletons: Mapping[int, Skeleton | None]) -> AnnotatedPerson:
    labels = mapping.labels(row.xy, row.visibility)
    return AnnotatedPerson(
        annotation_id=row.id,
        skeleton=fitted_skeleton(skeletons[row.category_id], len(labels)),
        xy_image_px=np.array([(p.x_image_px, p.y_image_px) for p in labels]).reshape(-1, 2),
        visibility=np.array([p.visibility for p in labels], np.uint8),
        area_px2=row.area_px2,
        box_xywh_px=mapping.box(row),
    )
