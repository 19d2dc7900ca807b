"""Persons to learn from, read once into memory. No torch."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.data.augment import LabelledPerson
from core.data.dataset import Annotations, PoseDataset
from core.data.photos import photo_path, read_dataset_photo
from core.data.progress import Cancelled, never
from core.data.skeleton import Skeleton
from core.errors import Cancelled as CancelledError
from core.errors import UserError

MOST_OF_MEMORY = 0.6  # of the machine's, for persons
LARGEST_PX = 1e6  # beyond any photo
AROUND_PERSON = 2.0  # side of the kept part of a photo over the crop's: room for turned views
LEAST_SIDE_PX = 400  # of the kept part, if the photo has as many


@dataclass
class ReadPeople:
    """The persons of a file.

    Attributes:
        people: those with a labelled keypoint, ordered by image.
        image_ids: the image of each.
        problems: photos that could not be read, with why; their persons are left out.
    """

    people: list[LabelledPerson] = field(default_factory=list)
    image_ids: list[int] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read_people(
    dataset: PoseDataset,
    images_dir: Path,
    skeleton: Skeleton,
    *,
    zero_is_known: bool,
    keep: Callable[[int], bool] = lambda image_id: True,
    side_px: int = LEAST_SIDE_PX,
    cancelled: Cancelled = never,
) -> ReadPeople:
    """Every person with a labelled keypoint, on the model's keypoints, mapped by name.

    Args:
        images_dir: its photos.
        skeleton: the model's; keypoints the file does not have carry no loss.
        zero_is_known: False where flag 0 means "nobody labelled it".
        keep: which image ids to take.
        side_px: longest side of what is kept of a photo, as `kept_side_px`.

    Raises:
        UserError: so many persons that they do not fit into memory.
        Cancelled: the caller asked to stop.
    """
    rows_of: dict[int, list[int]] = {}
    for row in usable_rows(dataset.annotations).tolist():
        rows_of.setdefault(int(dataset.annotations.image_id[row]), []).append(row)
    place = {image_id: n for n, image_id in enumerate(dataset.images.id.tolist())}
    found, num_bytes = ReadPeople(), 0
    for image_id in sorted(filter(keep, rows_of)):
        if cancelled():
            raise CancelledError
        try:
            photo = read_image(dataset, place[image_id], images_dir)
        except UserError as error:
            found.problems.append(f"{dataset.images.file_name[place[image_id]]}: {error.what}")
            continue
        for row in rows_of[image_id]:
            whole = _person(dataset, row, photo, skeleton, zero_is_known=zero_is_known)
            person = around_person(whole, side_px=side_px)
            if person is not None:
                found.people.append(person)
                found.image_ids.append(image_id)
                num_bytes += person.photo_bgr.nbytes
        _require_memory(num_bytes)
    return found


def kept_side_px(crop_size_wh_px: tuple[int, int]) -> int:
    """Longest side of what is kept of a photo, so that crops of it are as sharp as of the photo."""
    return max(LEAST_SIDE_PX, int(AROUND_PERSON * max(crop_size_wh_px)))


def usable_rows(people: Annotations) -> NDArray[np.int64]:
    """Persons to learn from: one labelled keypoint at least, and no crowd."""
    return np.flatnonzero((people.visibility > 0).any(axis=1) & ~people.iscrowd)


def _require_memory(num_bytes: int) -> None:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if num_bytes > MOST_OF_MEMORY * total:
        raise UserError(
            f"The persons to learn from take more than {num_bytes / 2**30:.0f} GB, and this "
            f"machine has {total / 2**30:.0f} GB of memory.",
            remedy="Train on a part of the set, or on a larger machine.",
        )


def read_image(dataset: PoseDataset, place: int, images_dir: Path) -> NDArray[np.uint8]:
    """The photo of the image at `place` in the file, turned only if the file means it turned."""
    width, height = dataset.images.size_wh_px[place].tolist()
    path = photo_path(images_dir, dataset.images.file_name[place])
    return read_dataset_photo(path, (width, height))


def _person(
    dataset: PoseDataset,
    row: int,
    photo: NDArray[np.uint8],
    skeleton: Skeleton,
    *,
    zero_is_known: bool,
) -> LabelledPerson:
    people = dataset.annotations
    own = dataset.skeleton_of(int(people.category_id[row]))
    assert own is not None
    places = skeleton.places_in(own)
    has = places >= 0
    visibility = np.where(has, people.visibility[row][places], 0).astype(np.int8)
    return LabelledPerson(
        photo,
        box_to_cut(people.box_xywh_px[row], people.xy_image_px[row][people.visibility[row] > 0]),
        np.where(has[:, None], people.xy_image_px[row][places], 0.0),
        visibility,
        has & (zero_is_known | (visibility > 0)),
        area_to_use(people.area_px2[row]),
    )


def area_to_use(area_px2: float) -> float | None:
    """The annotation's own area; None where it has none, or one that nobody can have."""
    return float(area_px2) if 0 < area_px2 <= LARGEST_PX**2 else None


def box_to_cut(
    box_xywh_px: NDArray[np.float64], labelled_xy_px: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(4,) the annotation's own box, else that of its labelled points (N, 2), N > 0."""
    usable = np.isfinite(box_xywh_px).all() and (box_xywh_px[2:] > 0).all()
    if usable and np.abs(box_xywh_px).max() <= LARGEST_PX:
        return box_xywh_px.copy()
    points = labelled_xy_px.clip(-LARGEST_PX, LARGEST_PX)
    low, high = points.min(axis=0), points.max(axis=0)
    return np.concatenate([low, np.maximum(high - low, 1.0)])


def around_person(person: LabelledPerson, *, side_px: int = LEAST_SIDE_PX) -> LabelledPerson | None:
    """The same person with only the part of the photo that views can show, kept small.

    None where that is nothing: the box lies outside the photo.

    Args:
        side_px: longest side of that part.
    """
    x, y, width, height = person.box_xywh_px
    reach = max(width, height) * 1.25 * AROUND_PERSON / 2
    photo_height, photo_width = person.photo_bgr.shape[:2]
    left, top = int(max(0, x + width / 2 - reach)), int(max(0, y + height / 2 - reach))
    right = int(min(photo_width, np.ceil(x + width / 2 + reach)))
    bottom = int(min(photo_height, np.ceil(y + height / 2 + reach)))
    part = person.photo_bgr[top : max(bottom, 0), left : max(right, 0)]
    if 0 in part.shape:
        return None
    shrink = min(1.0, side_px / max(part.shape[:2]))
    if shrink < 1:
        size = (max(1, round(part.shape[1] * shrink)), max(1, round(part.shape[0] * shrink)))
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    corner = np.array([left, top])
    return LabelledPerson(
        np.ascontiguousarray(part),
        np.concatenate([(person.box_xywh_px[:2] - corner), person.box_xywh_px[2:]]) * shrink,
        # Pixel centres are whole numbers, box edges are not.
        (person.xy_px - corner + 0.5) * shrink - 0.5,
        person.visibility,
        person.flag_known,
        person.oks_area_px2 * shrink**2,
    )
