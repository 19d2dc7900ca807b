"""Uploaded single photos: kept for a while, looked at, deleted; decoded only by the worker."""

import json
import re
import shutil
import time
import unicodedata
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from itsdangerous import BadSignature, URLSafeSerializer
from numpy.typing import NDArray

from app.workflow.claims import SINGLE_PHOTOS
from app.workflow.photos import DAYS_VALID, held_side, jpeg, shrunk
from app.workflow.worker_client import ask_worker
from app.workflow.workspace import Workspace
from core.data.photos import MAX_PIXELS, upright_size
from core.data.whole_file import words_for_disk_errors, write_whole
from core.errors import UserError

MOST_BYTES = 100 << 20
KEPT_DAYS = 7
LONGEST_NAME = 200
_HALF_MADE_S = 3600  # a folder that is older and holds no description is left over from a kill
_ID = re.compile("[0-9a-f]{32}")
_GONE = "This photo is not there any more."
_UPLOAD_AGAIN = f"Uploads are kept for {KEPT_DAYS} days. Upload it again."


@dataclass(frozen=True)
class UploadedPhoto:
    """One upload.

    Attributes:
        id: 32 hexadecimal digits.
        name: what its owner called the file; never used as one.
        size_wh_px: after the turn EXIF asks for.
        kept_until: then it is removed.
    """

    id: str
    name: str
    size_wh_px: tuple[int, int]
    kept_until: datetime


def keep_photo(ws: Workspace, name: str, packed: bytes) -> UploadedPhoto:
    """Keep an uploaded photo; only its header is read.

    Args:
        name: what the browser called the file.
        packed: the file as it came.

    Raises:
        UserError: no photo, or too large in bytes or pixels; nothing is kept.
    """
    if len(packed) > MOST_BYTES:
        raise UserError(
            f"The photo has {len(packed) / (1 << 20):,.0f} MB; "
            f"at most {MOST_BYTES >> 20} MB are taken.",
            remedy="Make it smaller.",
        )
    upload = UploadedPhoto(
        uuid.uuid4().hex,
        _shown_name(name),
        upright_size(packed, max_pixels=MAX_PIXELS),
        _now() + timedelta(days=KEPT_DAYS),
    )
    folder = _folder(ws, upload.id)
    try:
        with words_for_disk_errors(folder):
            folder.mkdir(parents=True)
            # Not synced to the disk: somebody waits, and who loses power uploads again.
            (folder / "photo").write_bytes(packed)
            (folder / "photo.json").write_text(json.dumps(_described(upload)))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return upload


def uploaded_photo(ws: Workspace, upload_id: str) -> UploadedPhoto:
    """One upload.

    Raises:
        UserError: there is none of this id, or its time is over.
    """
    upload = _read(_folder(ws, upload_id)) if _ID.fullmatch(upload_id) else None
    if upload is None or upload.kept_until <= _now():
        raise UserError(_GONE, remedy=_UPLOAD_AGAIN)
    return upload


def uploaded_file(ws: Workspace, upload_id: str) -> Path:
    """Where the photo lies as it came.

    Raises:
        UserError: as `uploaded_photo`.
    """
    return _folder(ws, uploaded_photo(ws, upload_id).id) / "photo"


def delete_photo(ws: Workspace, upload_id: str) -> None:
    """Remove an upload with everything made of it; one that is gone is no error."""
    if _ID.fullmatch(upload_id):
        shutil.rmtree(_folder(ws, upload_id), ignore_errors=True)


def drop_expired(ws: Workspace) -> None:
    """Remove the uploads whose time is over, and what a kill left half made."""
    for folder in _folders(ws):
        upload = _read(folder)
        with suppress(FileNotFoundError):  # removed by somebody else just now
            age_s = time.time() - folder.stat().st_mtime
            over = age_s > _HALF_MADE_S if upload is None else upload.kept_until <= _now()
            if over:
                shutil.rmtree(folder, ignore_errors=True)


def sign_upload(ws: Workspace, upload_id: str, max_side_px: int) -> str:
    """An address for an upload, to be put after `img/`; the same all day."""
    today = _now().date().toordinal()
    return str(_signer(ws).dumps([upload_id, max_side_px, today]))


def open_upload_token(ws: Workspace, token: str) -> tuple[str, int] | None:
    """The upload and the size `sign_upload` was given; None where the token is none of its.

    Raises:
        UserError: the token is older than a day.
    """
    try:
        upload_id, max_side_px, day = _signer(ws).loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    if _now().date().toordinal() - day >= DAYS_VALID:
        raise UserError("This photo address has expired.", remedy="Reload the page.")
    return upload_id, max_side_px


def shown_photo(ws: Workspace, upload_id: str, max_side_px: int) -> Path:
    """A JPEG of an upload no larger than asked; the worker makes it the first time.

    Raises:
        UserError: the upload is gone, is damaged, or no worker is running.
    """
    kept = _shown_file(ws, uploaded_photo(ws, upload_id).id, max_side_px)
    if not kept.is_file():
        ask_worker(ws, "/photo", {"upload_id": upload_id, "max_side_px": max_side_px})
    return kept


def make_shown_photo(
    ws: Workspace, upload_id: str, max_side_px: int, photo_bgr: NDArray[np.uint8]
) -> None:
    """What the worker does for `shown_photo`."""
    kept = _shown_file(ws, uploaded_photo(ws, upload_id).id, max_side_px)
    write_whole(kept, jpeg(shrunk(photo_bgr, held_side(max_side_px))))


def _shown_file(ws: Workspace, upload_id: str, max_side_px: int) -> Path:
    return _folder(ws, upload_id) / f"{held_side(max_side_px)}.jpg"


def _folders(ws: Workspace) -> Iterator[Path]:
    yield from sorted((ws.uploads_dir / SINGLE_PHOTOS).glob("*"))


def _folder(ws: Workspace, upload_id: str) -> Path:
    return ws.uploads_dir / SINGLE_PHOTOS / upload_id


def _now() -> datetime:
    return datetime.now(UTC)


def _signer(ws: Workspace) -> URLSafeSerializer:
    return URLSafeSerializer(ws.secret, salt="upload")


def _shown_name(name: str) -> str:
    """The last part of the name, on one line."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join("_" if unicodedata.category(x)[0] == "C" else x for x in last)
    return seen.strip()[-LONGEST_NAME:] or "photo"


def _described(upload: UploadedPhoto) -> dict[str, object]:
    return {
        "id": upload.id,
        "name": upload.name,
        "size_wh_px": upload.size_wh_px,
        "kept_until": upload.kept_until.isoformat(),
    }


def _read(folder: Path) -> UploadedPhoto | None:
    """None where the folder is gone or half made."""
    try:
        said = json.loads((folder / "photo.json").read_bytes())
    except (OSError, ValueError):
        return None
    width, height = said["size_wh_px"]
    kept_until = datetime.fromisoformat(said["kept_until"])
    return UploadedPhoto(said["id"], said["name"], (width, height), kept_until)
