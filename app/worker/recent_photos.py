"""Photos decoded a moment ago: who draws a second box on one does not wait for it again."""

import threading
from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from app.workflow.browse import image_of
from app.workflow.datasets import find_dataset
from app.workflow.interactive import PhotoRef
from app.workflow.photos import photo_file
from app.workflow.uploads import uploaded_file, uploaded_photo
from app.workflow.workspace import Workspace
from core.data.photos import read_dataset_photo, read_photo, upright_size
from core.errors import UserError

MOST_BYTES = 512 << 20  # of pixels; one photo is at most 150 MB


class RecentPhotos:
    """Reads photos and keeps the last ones decoded, as far as there is room."""

    def __init__(self, ws: Workspace, *, most_bytes: int = MOST_BYTES) -> None:
        self._ws, self._most_bytes = ws, most_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[object, ...], NDArray[np.uint8]] = OrderedDict()

    def read(self, ref: PhotoRef) -> NDArray[np.uint8]:
        """The pixels (H, W, 3) BGR, turned by EXIF as screens show them; never to be written to.

        Raises:
            UserError: no such photo, or it cannot be read.
        """
        if ref.upload_id is not None:
            return self._upload(ref.upload_id)
        assert ref.dataset is not None
        assert ref.image_id is not None
        return self._of_dataset(ref.dataset, ref.image_id)

    def _upload(self, upload_id: str) -> NDArray[np.uint8]:
        path = uploaded_file(self._ws, upload_id)
        key = (path,)  # never written again
        kept = self._get(key)
        if kept is not None:
            return kept
        try:
            upright_size(path)
            return self._keep(key, read_photo(path))
        except UserError as error:
            name = uploaded_photo(self._ws, upload_id).name
            raise UserError(error.what, where=name, remedy=error.remedy) from error

    def _of_dataset(self, name: str, image_id: int) -> NDArray[np.uint8]:
        dataset = find_dataset(self._ws, name)
        image = image_of(self._ws, name, image_id)
        path = photo_file(self._ws, dataset, image)
        if path is None:
            raise UserError(
                f"The photo {image.file_name} is missing.",
                where=str(dataset.images_dir or ""),
                remedy="Say where the photos are with `move-photos`, or on the page Datasets.",
            )
        key = (path, path.stat().st_mtime_ns, image.size_wh_px)
        kept = self._get(key)
        if kept is not None:
            return kept
        return self._keep(key, read_dataset_photo(path, image.size_wh_px))

    def _get(self, key: tuple[object, ...]) -> NDArray[np.uint8] | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _keep(self, key: tuple[object, ...], photo_bgr: NDArray[np.uint8]) -> NDArray[np.uint8]:
        photo_bgr.flags.writeable = False
        with self._lock:
            self._kept[key] = photo_bgr
            while sum(each.nbytes for each in self._kept.values()) > self._most_bytes:
                self._kept.popitem(last=False)
        return photo_bgr
