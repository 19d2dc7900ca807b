"""Images with those annotated on them."""

from sqlalchemy import Engine

from core.data.dataset import Category
from db.matching import images_with_people
from tests.db.builders import FACE, a_dataset, imported


def test_every_image_comes_with_its_people_in_file_order(engine: Engine) -> None:
    dataset = a_dataset(
        image_ids=(7, 5, 3),
        people=[(11, 7), (12, 7), (10, 3)],
        v=[(2, 1, 0), (0, 0, 0), (2, 2, 2)],
        iscrowd=[False, False, True],
        boxes=[(1.0, 2.0, 30.0, 40.0)] * 2 + [(float("nan"),) * 4],
    )
    dataset_id = imported(engine, dataset)

    found = list(images_with_people(engine, dataset_id, images_per_batch=2))

    assert [
        (image.id, image.position, [p.annotation_id for p in people]) for image, people in found
    ] == [
        (7, 0, [11, 12]),
        (5, 1, []),
        (3, 2, []),  # a crowd is nobody
    ]
    first = found[0][1][0]
    assert first.skeleton == FACE
    assert first.xy_image_px.tolist() == [[0.25, 1.25], [2.25, 3.25], [0.0, 0.0]]
    assert first.visibility.tolist() == [2, 1, 0]
    assert (first.area_px2, first.box_xywh_px) == (600.0, (1.0, 2.0, 30.0, 40.0))
    assert [image.id for image, _ in images_with_people(engine, dataset_id, from_position=1)] == [
        5,
        3,
    ]


def test_who_is_of_a_category_without_keypoints_is_nobody(engine: Engine) -> None:
    dataset_id = imported(engine, a_dataset(categories=[Category(1, "car", None)]))

    assert [people for _, people in images_with_people(engine, dataset_id)] == [(), ()]
