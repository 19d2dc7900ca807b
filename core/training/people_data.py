"""Persons to learn from: read once into memory, handed out as batches of augmented views."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.data.augment import LabelledPerson, View, augmented_view
from core.data.coco_json import read_coco
from core.data.dataset import PoseDataset
from core.data.photos import photo_path, read_dataset_photo
from core.data.skeleton import Skeleton
from core.training.config import TrainConfig
from core.training.losses import IGNORED

AROUND_PERSON = 2.0  # side of the kept part of a photo over the crop's: room for turned views
LONGEST_SIDE_PX = 400  # of the kept part


@dataclass(frozen=True)
class Batch:
    """Views as tensors.

    Attributes:
        crops: (B, H, W, 3) uint8, the network's channel order.
        xy_px: (B, K, 2) float32, crop frame.
        placed: (B, K) bool.
        flags: (B, K) int64, `IGNORED` where not to be learned from.
    """

    crops: Tensor
    xy_px: Tensor
    placed: Tensor
    flags: Tensor


def read_people(
    json_file: Path,
    images_dir: Path,
    skeleton: Skeleton,
    *,
    zero_is_known: bool,
    keep: Callable[[int], bool] = lambda image_id: True,
) -> list[LabelledPerson]:
    """Every person with a labelled keypoint, on the model's keypoints, mapped by name.

    Args:
        json_file: COCO JSON.
        images_dir: its photos.
        skeleton: the model's; keypoints the file does not have carry no loss.
        zero_is_known: False where flag 0 of this file means "nobody labelled it".
        keep: which image ids to take.
    """
    dataset = read_coco(json_file)
    people = dataset.annotations
    place = {image_id: n for n, image_id in enumerate(dataset.images.id.tolist())}
    found: list[LabelledPerson] = []
    photo_id, photo = None, np.zeros((1, 1, 3), dtype=np.uint8)
    for row in np.argsort(people.image_id, kind="stable"):
        image_id = int(people.image_id[row])
        usable = (people.visibility[row] > 0).any() and not people.iscrowd[row]
        if not usable or not keep(image_id):
            continue
        if image_id != photo_id:
            photo_id, photo = image_id, read_image(dataset, place[image_id], images_dir)
        person = _person(dataset, int(row), photo, skeleton, zero_is_known=zero_is_known)
        found.append(person)
    return found


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
    person = LabelledPerson(
        photo,
        people.box_xywh_px[row].copy(),
        np.where(has[:, None], people.xy_image_px[row][places], 0.0),
        visibility,
        has & (zero_is_known | (visibility > 0)),
    )
    return around_person(person)


def around_person(person: LabelledPerson) -> LabelledPerson:
    """The same person with only the part of the photo that views can show, kept small."""
    x, y, width, height = person.box_xywh_px
    reach = max(width, height) * 1.25 * AROUND_PERSON / 2
    photo_height, photo_width = person.photo_bgr.shape[:2]
    left, top = int(max(0, x + width / 2 - reach)), int(max(0, y + height / 2 - reach))
    right = int(min(photo_width, np.ceil(x + width / 2 + reach)))
    bottom = int(min(photo_height, np.ceil(y + height / 2 + reach)))
    part = person.photo_bgr[top:bottom, left:right]
    shrink = min(1.0, LONGEST_SIDE_PX / max(part.shape[:2]))
    if shrink < 1:
        size = (round(part.shape[1] * shrink), round(part.shape[0] * shrink))
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    corner = np.array([left, top])
    return LabelledPerson(
        np.ascontiguousarray(part),
        np.concatenate([(person.box_xywh_px[:2] - corner), person.box_xywh_px[2:]]) * shrink,
        # Pixel centres are whole numbers, box edges are not.
        (person.xy_px - corner + 0.5) * shrink - 0.5,
        person.visibility,
        person.flag_known,
    )


def to_batch(views: Sequence[View], *, channel_order: str) -> Batch:
    """Stack views; photos are BGR, networks may want RGB."""
    crops = np.stack([view.crop_bgr for view in views])
    if channel_order == "RGB":
        crops = np.ascontiguousarray(crops[..., ::-1])
    flags = np.stack(
        [np.where(view.flag_known, view.visibility, IGNORED).astype(np.int64) for view in views]
    )
    return Batch(
        torch.from_numpy(crops),
        torch.from_numpy(np.stack([view.xy_px for view in views])),
        torch.from_numpy(np.stack([view.placed for view in views])),
        torch.from_numpy(flags),
    )


def augmented_batches(
    people: Sequence[LabelledPerson], order: Sequence[int], config: TrainConfig, *, epoch: int
) -> Iterator[Batch]:
    """One epoch over `order` (indices of `people`, repeats allowed), shuffled.

    What comes depends on the seed, the epoch and the place alone, so a resumed run sees the same.
    The next batch is made in a second thread while the network works.
    """
    seed, size = config.loop.seed, config.loop.batch_size
    shuffled = np.random.default_rng((seed, epoch)).permutation(np.asarray(order))

    def make(start: int) -> Batch:
        chosen = shuffled[start : start + size]
        views = [
            _view(people, int(index), np.random.default_rng((seed, epoch, start, place)), config)
            for place, index in enumerate(chosen)
        ]
        return to_batch(views, channel_order=config.model.channel_order)

    starts = range(0, len(shuffled) - len(shuffled) % size or len(shuffled), size)
    with ThreadPoolExecutor(1) as pool:
        coming = [pool.submit(make, start) for start in starts[:2]]
        for start in [*starts[2:], None, None][: len(starts)]:
            batch = coming.pop(0).result()
            if start is not None:
                coming.append(pool.submit(make, start))
            yield batch


def _view(
    people: Sequence[LabelledPerson], index: int, rng: np.random.Generator, config: TrainConfig
) -> View:
    other = people[int(rng.integers(len(people)))].photo_bgr
    return augmented_view(
        people[index],
        rng,
        config=config.augmentation,
        skeleton=config.model.skeleton,
        crop_size_wh_px=config.model.crop_size_wh_px,
        texture_bgr=other,
    )


def data_hash(files: Sequence[Path]) -> str:
    """SHA-256 over label files; says which data a model saw."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()
