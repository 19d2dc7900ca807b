"""Whole pictures to learn from: labels in memory, photos read when they are needed. No torch."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.data.boxes import box_to_cut
from core.data.dataset import PoseDataset
from core.data.photos import photo_path, photo_size
from core.data.pictures import LabelledPicture, PicturePeople
from core.data.progress import Cancelled, never
from core.data.skeleton import Skeleton
from core.errors import Cancelled as CancelledError
from core.errors import UserError
from core.training.people_data import read_image


@dataclass
class ReadPictures:
    """The pictures of a file.

    Attributes:
        pictures: those with a person, ordered by image id.
        image_ids: the image of each.
        problems: photos that cannot be read, with why; they are left out.
    """

    pictures: list[LabelledPicture] = field(default_factory=list)
    image_ids: list[int] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read_pictures(
    dataset: PoseDataset,
    images_dir: Path,
    skeleton: Skeleton,
    *,
    zero_is_known: bool,
    keep: Callable[[int], bool] = lambda image_id: True,
    cancelled: Cancelled = never,
) -> ReadPictures:
    """Every picture with a person on it, on the model's keypoints, mapped by name.

    Of a photo its header alone is read; a picture reads its photo anew for every view. Persons
    without a labelled keypoint are there all the same: they are persons. Crowds are not.

    Args:
        images_dir: its photos.
        skeleton: the model's; keypoints the file does not have carry no loss.
        zero_is_known: False where flag 0 means "nobody labelled it".
        keep: which image ids to take.

    Raises:
        Cancelled: the caller asked to stop.
    """
    rows_of: dict[int, list[int]] = {}
    for row in _with_box(dataset):
        rows_of.setdefault(int(dataset.annotations.image_id[row]), []).append(row)
    place = {image_id: n for n, image_id in enumerate(dataset.images.id.tolist())}
    found = ReadPictures()
    for image_id in sorted(filter(keep, rows_of)):
        if cancelled():
            raise CancelledError
        name = dataset.images.file_name[place[image_id]]
        try:
            photo_size(photo_path(images_dir, name))
        except UserError as error:
            found.problems.append(f"{name}: {error.what}")
            continue
        people = people_of(dataset, rows_of[image_id], skeleton, zero_is_known=zero_is_known)
        read = partial(read_image, dataset, place[image_id], images_dir)
        found.pictures.append(LabelledPicture(read, people))
        found.image_ids.append(image_id)
    return found


def people_of(
    dataset: PoseDataset, rows: list[int], skeleton: Skeleton, *, zero_is_known: bool
) -> PicturePeople:
    """The persons of some rows, on the model's keypoints.

    Each row has keypoints' names and a box, or a labelled point to make one of.
    """
    boxes = [_box(dataset, row) for row in rows]
    assert all(box is not None for box in boxes)
    xy = np.zeros((len(rows), skeleton.size, 2))
    visibility = np.zeros((len(rows), skeleton.size), dtype=np.int8)
    known = np.zeros((len(rows), skeleton.size), dtype=bool)
    for n, row in enumerate(rows):
        own = dataset.skeleton_of(int(dataset.annotations.category_id[row]))
        assert own is not None
        places = skeleton.places_in(own)
        has = places >= 0
        xy[n, has] = dataset.annotations.xy_image_px[row][places[has]]
        visibility[n, has] = dataset.annotations.visibility[row][places[has]]
        known[n] = has & (zero_is_known | (visibility[n] > 0))
    return PicturePeople(np.array(boxes, dtype=np.float64), xy, visibility, known)


def _with_box(dataset: PoseDataset) -> list[int]:
    """Rows of persons of a category with keypoints that have a box or points; no crowds."""
    people = dataset.annotations
    posed = np.isin(
        people.category_id, [c.id for c in dataset.categories if c.skeleton is not None]
    )
    rows: NDArray[np.int64] = np.flatnonzero(posed & ~people.iscrowd)
    return [row for row in rows.tolist() if _box(dataset, row) is not None]


def _box(dataset: PoseDataset, row: int) -> tuple[float, float, float, float] | None:
    people = dataset.annotations
    x, y, width, height = people.box_xywh_px[row].tolist()
    labelled = people.xy_image_px[row][people.visibility[row] > 0]
    own = None if np.isnan([x, y, width, height]).any() else (x, y, width, height)
    return box_to_cut(own, [(float(a), float(b)) for a, b in labelled])
