"""Batches of augmented views, made while the network works."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from itertools import islice

import numpy as np
import torch
from torch import Tensor

from core.data.augment import LabelledPerson, View, augmented_view
from core.training.config import TrainConfig
from core.training.losses import IGNORED


@dataclass(frozen=True)
class Batch:
    """Views as tensors.

    Attributes:
        crops: (B, H, W, 3) uint8, the network's channel order.
        xy_px: (B, K, 2) float32, crop frame.
        placed: (B, K) bool.
        flags: (B, K) int64, `IGNORED` where not to be learned from.
        area_px: (B,) float32, area of each person as OKS takes it, square pixels of the crop frame.
    """

    crops: Tensor
    xy_px: Tensor
    placed: Tensor
    flags: Tensor
    area_px: Tensor

    def to(self, device: torch.device) -> "Batch":
        """The same on a device; itself where it lies there already."""
        moved = {f.name: getattr(self, f.name).to(device) for f in fields(self)}
        return replace(self, **moved)


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
        torch.tensor([view.area_px2 for view in views], dtype=torch.float32),
    )


def steps_per_epoch(order: Sequence[int], batch_size: int) -> int:
    """Batches of an epoch: what is over after whole ones waits for another epoch."""
    return max(1, len(order) // batch_size)


def augmented_batches(
    people: Sequence[LabelledPerson],
    order: Sequence[int],
    config: TrainConfig,
    *,
    epoch: int,
    first: int = 0,
) -> Iterator[Batch]:
    """One epoch over `order` (indices of `people`, repeats allowed), shuffled.

    What comes depends on the seed, the epoch and the place alone, so a resumed run sees the same:
    it begins with batch `first`, and no pixel of those before is made.
    The next batches are made in threads of their own while the network works.
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

    starts = iter(range(first * size, steps_per_epoch(order, size) * size, size))
    threads = config.loop.view_threads
    with ThreadPoolExecutor(threads) as pool:
        coming = deque(pool.submit(make, start) for start in islice(starts, threads + 1))
        while coming:
            batch = coming.popleft().result()
            coming.extend(pool.submit(make, start) for start in islice(starts, 1))
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
        padding=config.model.padding,
        alignment=config.model.alignment,
    )
