"""The photos of a dataset one after the other, some of them read before they are asked for."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from app.workflow.photos import photo_file
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo, ImageInfo
from core.data.photos import read_dataset_photo
from core.errors import UserError

PHOTOS_AHEAD = 8  # read while the model works; each takes up to 150 MB
READERS = 2

PeopleT = TypeVar("PeopleT")


@dataclass(frozen=True)
class ReadPhoto(Generic[PeopleT]):
    """One photo and those annotated on it; without pixels, why not.

    Attributes:
        photo_bgr: (H, W, 3), turned by EXIF where the record's size asks for it.
    """

    image: ImageInfo
    people: tuple[PeopleT, ...]
    photo_bgr: NDArray[np.uint8] | None
    problem: str = ""


class PhotosAhead(Generic[PeopleT]):
    """Reads photos in threads and gives them in order.

    Args:
        wanted: images with their people, in the order in which they are given.
        let_pass: waits while others need the processor more.
    """

    def __init__(
        self,
        ws: Workspace,
        dataset: DatasetInfo,
        wanted: Iterator[tuple[ImageInfo, tuple[PeopleT, ...]]],
        let_pass: Callable[[], None],
    ) -> None:
        self._ws, self._dataset, self._let_pass = ws, dataset, let_pass
        self._pool = ThreadPoolExecutor(max_workers=READERS, thread_name_prefix="photos")
        self._wanted = wanted
        self._reading = deque(self._submit(PHOTOS_AHEAD))

    def __iter__(self) -> Iterator[ReadPhoto[PeopleT]]:
        while self._reading:
            photo = self._reading.popleft().result()
            self._reading.extend(self._submit(1))
            yield photo

    def close(self) -> None:
        """Stop reading."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _submit(self, count: int) -> list[Future[ReadPhoto[PeopleT]]]:
        return [self._pool.submit(self._read, *each) for each in islice(self._wanted, count)]

    def _read(self, image: ImageInfo, people: tuple[PeopleT, ...]) -> ReadPhoto[PeopleT]:
        self._let_pass()
        try:
            path = photo_file(self._ws, self._dataset, image)
            if path is None:
                return ReadPhoto(image, people, None, "the photo is missing")
            return ReadPhoto(image, people, read_dataset_photo(path, image.size_wh_px))
        except UserError as error:
            return ReadPhoto(image, people, None, error.what)
