"""Builders with defaults: a small dataset, an edit, and the dataset imported."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sqlalchemy import Engine

from core.data.dataset import Annotations, Category, Images, PoseDataset
from core.data.report import CheckReport
from core.data.review import Edit, Label, VerdictKind
from core.data.skeleton import Skeleton
from core.data.visibility import Visibility
from db import datasets

FACE = Skeleton(("nose", "left_eye", "right_eye"), ((0, 1), (0, 2)))
NAN = float("nan")


def a_dataset(
    *,
    image_ids: Sequence[int] = (7, 3),
    people: Sequence[tuple[int, int]] = ((11, 7), (12, 7), (10, 3)),
    v: Sequence[Sequence[int]] = ((2, 1, 0),),
    boxes: Sequence[Sequence[float]] = ((1.0, 2.0, 30.0, 40.0),),
    iscrowd: Sequence[bool] = (False,),
    categories: Sequence[Category] = (Category(1, "person", FACE),),
) -> PoseDataset:
    """A dataset in memory.

    Args:
        people: (annotation id, image id) in file order.
        v, boxes, iscrowd: one per person; a single one is that of all.
    """
    n, m, k = len(people), len(image_ids), FACE.size
    flags = np.array(_each(v, n), np.int8).reshape(n, k)
    xy = np.arange(2.0 * n * k).reshape(n, k, 2) + 0.25
    xy[flags == 0] = 0.0
    return PoseDataset(
        categories=tuple(categories),
        images=Images(
            id=np.array(image_ids, np.int64),
            file_name=tuple(f"{image_id:06d}.jpg" for image_id in image_ids),
            size_wh_px=np.tile(np.array([640, 480], np.int32), (m, 1)),
        ),
        annotations=Annotations(
            id=np.array([a for a, _ in people], np.int64),
            image_id=np.array([i for _, i in people], np.int64),
            category_id=np.full(n, categories[0].id, np.int64),
            box_xywh_px=np.array(_each(boxes, n), np.float64).reshape(n, 4),
            area_px2=np.full(n, 600.0),
            iscrowd=np.array(_each(iscrowd, n), np.bool_),
            num_keypoints=(flags > 0).sum(axis=1).astype(np.int64),
            size=np.full(n, k, np.int64),
            xy_image_px=xy,
            visibility=flags,
            span_bytes=np.arange(2 * n, dtype=np.int64).reshape(n, 2) * 100,
        ),
        info="made by hand",
        licences=("CC BY 4.0",),
    )


def many_people(count: int) -> PoseDataset:
    """One photo per person, ids from 1."""
    return a_dataset(image_ids=range(1, count + 1), people=[(n, n) for n in range(1, count + 1)])


def _each(values: Sequence[object], n: int) -> Sequence[object]:
    return list(values) * n if len(values) == 1 else values


def begun(engine: Engine, dataset: PoseDataset, *, lock_file: str = "import.lock") -> int:
    """The dataset in the state importing, still without contents."""
    return datasets.begin_import(
        engine,
        dataset,
        CheckReport(()),
        source_file="sources/ab.json",
        source_name="labels.json",
        source_sha256="ab" * 32,
        images_dir=Path("/photos"),
        lock_file=lock_file,
    )


def imported(engine: Engine, dataset: PoseDataset | None = None, name: str = "photos") -> int:
    """The dataset, ready; its id."""
    dataset = a_dataset() if dataset is None else dataset
    dataset_id = begun(engine, dataset)
    datasets.insert_contents(engine, dataset_id, dataset)
    return datasets.finish_import(engine, dataset_id, name).id


def a_label(x: float = 5.0, y: float = 6.0, v: int = 2) -> Label:
    """A label; visible unless said."""
    return Label(x, y, Visibility(v))


def an_edit(
    annotation_id: int = 11,
    keypoint: int = 0,
    *,
    base: int = 0,
    kind: VerdictKind = VerdictKind.SET,
    after: Label | None = None,
    reason: str = "",
) -> Edit:
    """An edit of the first keypoint of annotation 11."""
    return Edit(annotation_id, keypoint, base, kind, after or a_label(), reason)
