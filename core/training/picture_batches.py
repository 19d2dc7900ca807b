"""Batches of whole pictures with all their persons, made while the network works."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from itertools import islice

import numpy as np
import torch
from torch import Tensor

from core.data.picture_views import augmented_view
from core.data.pictures import LabelledPicture, PictureView
from core.data.visibility import Visibility
from core.training.batches import steps_per_epoch
from core.training.config import TrainConfig
from core.training.losses import IGNORED


@dataclass(frozen=True)
class PictureBatch:
    """Views of B pictures with P persons in all, as tensors; everything in a view's pixels.

    Attributes:
        crops: (B, H, W, 3) uint8, the network's channel order: whole pictures.
        picture: (P,) int64, which picture a person is on.
        boxes_xyxy_px: (P, 4) float32, edges.
        xy_px: (P, K, 2) float32.
        placed: (P, K) bool.
        flags: (P, K) int64, `IGNORED` where not to be learned from.
    """

    crops: Tensor
    picture: Tensor
    boxes_xyxy_px: Tensor
    xy_px: Tensor
    placed: Tensor
    flags: Tensor

    def to(self, device: torch.device) -> "PictureBatch":
        """The same on a device; itself where it lies there already."""
        moved = {f.name: getattr(self, f.name).to(device) for f in fields(self)}
        return replace(self, **moved)


def to_picture_batch(views: Sequence[PictureView], *, channel_order: str) -> PictureBatch:
    """Stack views; photos are BGR, networks may want RGB."""
    crops = np.stack([view.picture_bgr for view in views])
    if channel_order == "RGB":
        crops = np.ascontiguousarray(crops[..., ::-1])
    people = [view.people for view in views]
    boxes = np.concatenate([p.boxes_xywh_px for p in people])
    visibility = np.concatenate([p.visibility for p in people])
    known = np.concatenate([p.flag_known for p in people])
    return PictureBatch(
        torch.from_numpy(crops),
        torch.arange(len(views)).repeat_interleave(torch.tensor([len(p) for p in people])),
        torch.from_numpy(np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], 1)).float(),
        torch.from_numpy(np.concatenate([p.xy_px for p in people])).float(),
        torch.from_numpy(visibility > Visibility.UNLABELLED),
        torch.from_numpy(np.where(known, visibility, IGNORED).astype(np.int64)),
    )


def picture_batches(
    pictures: Sequence[LabelledPicture],
    order: Sequence[int],
    config: TrainConfig,
    *,
    epoch: int,
    first: int = 0,
) -> Iterator[PictureBatch]:
    """One epoch over `order` (indices of `pictures`, repeats allowed), shuffled.

    As `core.training.batches.augmented_batches`: what comes depends on the seed, the epoch and the
    place alone, and the next batches are made in threads of their own.
    """
    seed, size = config.loop.seed, config.loop.batch_size
    shuffled = np.random.default_rng((seed, epoch)).permutation(np.asarray(order))

    def make(start: int) -> PictureBatch:
        views = [
            _view(pictures, int(index), np.random.default_rng((seed, epoch, start, place)), config)
            for place, index in enumerate(shuffled[start : start + size])
        ]
        return to_picture_batch(views, channel_order=config.model.channel_order)

    starts = iter(range(first * size, steps_per_epoch(order, size) * size, size))
    threads = config.loop.view_threads
    with ThreadPoolExecutor(threads) as pool:
        coming = deque(pool.submit(make, start) for start in islice(starts, threads + 1))
        while coming:
            batch = coming.popleft().result()
            coming.extend(pool.submit(make, start) for start in islice(starts, 1))
            yield batch


def _view(
    pictures: Sequence[LabelledPicture], index: int, rng: np.random.Generator, config: TrainConfig
) -> PictureView:
    return augmented_view(
        pictures,
        index,
        rng,
        config=config.picture_augmentation,
        skeleton=config.model.skeleton,
        canvas_wh_px=config.model.crop_size_wh_px,
    )
