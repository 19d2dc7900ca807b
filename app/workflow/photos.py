"""Photos for screens: found safely, turned, resized once and kept, under addresses that expire."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
from itsdangerous import BadSignature, URLSafeSerializer
from numpy.typing import NDArray

from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo, ImageInfo
from core.data.photos import photo_path, read_dataset_photo
from core.data.whole_file import write_whole
from core.errors import UserError

SMALLEST_SIDE_PX, LARGEST_SIDE_PX = 64, 8192
JPEG_QUALITY = 90
GREY = 128
DAYS_VALID = 2  # the day it was signed and the next
_UNKNOWN_SIZE_WH_PX = (640, 480)  # of an image whose record does not say


@dataclass(frozen=True)
class PhotoAddress:
    """What a signed token stands for."""

    dataset_id: int
    image_id: int
    max_side_px: int


def photo_file(ws: Workspace, dataset: DatasetInfo, image: ImageInfo) -> Path | None:
    """Where the photo of an image is; None where it is missing or there is no photo folder.

    Raises:
        UserError: its file name leads outside the photo folder.
    """
    if dataset.images_dir is None:
        return None
    path = photo_path(dataset.images_dir, image.file_name)
    return path if path.is_file() else None


def resized_photo(ws: Workspace, dataset: DatasetInfo, image: ImageInfo, max_side_px: int) -> Path:
    """A JPEG of the image no larger than asked, made once and kept; grey where there is no photo.

    Only the display is resized: keypoints stay in the pixels of the image's record.

    Args:
        max_side_px: of the longer side, held within 64..8192.
    """
    max_side_px = held_side(max_side_px)
    path = _usable_photo(ws, dataset, image)
    kept = ws.data_dir / "resized" / f"{_content_key(path, image, max_side_px)}.jpg"
    if kept.is_file():
        return kept
    photo_bgr = _pixels(path, image)
    kept.parent.mkdir(parents=True, exist_ok=True)
    write_whole(kept, jpeg(shrunk(photo_bgr, max_side_px)))
    return kept


def held_side(max_side_px: int) -> int:
    """A wanted size within what is made."""
    return min(max(max_side_px, SMALLEST_SIDE_PX), LARGEST_SIDE_PX)


def sign_photo(ws: Workspace, dataset_id: int, image_id: int, max_side_px: int) -> str:
    """An address for one photo, the same all day, so that browsers keep what they loaded."""
    today = datetime.now(UTC).date().toordinal()
    return str(_signer(ws).dumps([dataset_id, image_id, max_side_px, today]))


def open_token(ws: Workspace, token: str) -> PhotoAddress:
    """What `sign_photo` was given.

    Raises:
        UserError: the token was not signed here, or is older than a day.
    """
    try:
        dataset_id, image_id, max_side_px, day = _signer(ws).loads(token)
    except (BadSignature, ValueError, TypeError) as error:
        raise UserError("This photo address is not one of ours.", remedy=_RELOAD) from error
    if datetime.now(UTC).date().toordinal() - day >= DAYS_VALID:
        raise UserError("This photo address has expired.", remedy=_RELOAD)
    return PhotoAddress(dataset_id, image_id, max_side_px)


_RELOAD = "Reload the page."


def _signer(ws: Workspace) -> URLSafeSerializer:
    return URLSafeSerializer(ws.secret, salt="photo")


def _usable_photo(ws: Workspace, dataset: DatasetInfo, image: ImageInfo) -> Path | None:
    try:
        return photo_file(ws, dataset, image)
    except UserError:
        return None  # said once in the dataset's remarks


def _content_key(path: Path | None, image: ImageInfo, max_side_px: int) -> str:
    """Changes when the photo, the record's size (which decides the turning) or the size does."""
    if path is None:
        content = "grey"
    else:
        stat = path.stat()
        content = f"{path}|{stat.st_size}|{stat.st_mtime_ns}"
    key = f"{content}|{image.size_wh_px}|{max_side_px}"
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def _pixels(path: Path | None, image: ImageInfo) -> NDArray[np.uint8]:
    """(H, W, 3) BGR."""
    if path is not None:
        try:
            return read_dataset_photo(path, image.size_wh_px)
        except UserError:
            pass  # not a photo: grey, and said in the dataset's remarks
    width, height = image.size_wh_px if min(image.size_wh_px) > 0 else _UNKNOWN_SIZE_WH_PX
    scale = min(1.0, LARGEST_SIDE_PX / max(width, height))
    shape = (max(1, round(height * scale)), max(1, round(width * scale)), 3)
    return np.full(shape, GREY, np.uint8)


def shrunk(photo_bgr: NDArray[np.uint8], max_side_px: int) -> NDArray[np.uint8]:
    """The photo, its longer side at most as long as asked."""
    height, width = photo_bgr.shape[:2]
    scale = max_side_px / max(height, width)
    if scale >= 1:
        return photo_bgr
    size_wh_px = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(photo_bgr, size_wh_px, interpolation=cv2.INTER_AREA).astype(np.uint8)


def jpeg(photo_bgr: NDArray[np.uint8]) -> bytes:
    """The photo packed for a browser."""
    done, packed = cv2.imencode(".jpg", photo_bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    assert done
    return packed.tobytes()
