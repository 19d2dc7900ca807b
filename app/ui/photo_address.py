"""Addresses of photos as browsers load them: signed, and another one when the file changes."""

import zlib

from app.workflow.photos import photo_file, sign_photo
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo, ImageInfo
from core.errors import UserError

THUMBNAIL_PX = 192
STRIP_PX = 480  # cut to a person in the strip of what comes next
SCREEN_PX = 1600  # of the longer side; a JPEG of this size is made in about 10 ms
NEAR_PX = 4800  # to zoom into


def photo_address(
    ws: Workspace, dataset: DatasetInfo, image: ImageInfo, *, max_side_px: int = SCREEN_PX
) -> str:
    """Where to load a photo from, relative to any page; the same all day."""
    token = sign_photo(ws, dataset.id, image.id, max_side_px)
    return f"img/{token}?v={photo_version(ws, dataset, image) or 'missing'}"


def photo_version(ws: Workspace, dataset: DatasetInfo, image: ImageInfo) -> str | None:
    """Changes with the photo's file or folder; None where there is no such file."""
    try:
        path = photo_file(ws, dataset, image)
        stat = path.stat() if path else None
    except (UserError, OSError):
        return None
    if path is None or stat is None:
        return None
    content = f"{path}|{stat.st_mtime_ns}".encode(errors="surrogateescape")
    return f"{zlib.crc32(content):08x}"
