"""Photos: which file an image means, how large it is, and its pixels.

File names come from strangers' files and photos from uploads, so nothing is opened outside the
photo folder and nothing is decoded before its header was looked at.
"""

import io
import os
import re
import struct
import warnings
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from core.errors import UserError

MAX_PIXELS = 50_000_000
SMALLEST_SIDE_PX = 8  # nobody can be seen on less
_FORMATS = ("JPEG", "PNG", "WEBP", "BMP")  # JPEG opens MPO, too, which many phones write
_READS = "JPEG, PNG, WebP and BMP are read."
_DRIVE = re.compile(r"[A-Za-z]:")
# In bytes: what file systems take of one part, and half of what Linux takes of a whole path.
_LONGEST_PART, _LONGEST_PATH = 255, 2048
_OTHER_KINDS = (
    (b"GIF8", "a GIF"), (b"II*\0", "a TIFF"), (b"MM\0*", "a TIFF"), (b"%PDF", "a PDF"),
)  # fmt: skip
_HEIF = re.compile(rb"....ftyp(heic|heix|hevc|heim|mif1|msf1|avif)", re.DOTALL)
_ORIENTATION = 0x0112  # EXIF tag
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What Pillow's decoders raise on damaged files.
_DAMAGE = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, MemoryError,
    struct.error, zlib.error,
)  # fmt: skip
# Pillow warns of photos larger than its own limit, which is not ours, and of damaged EXIF.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


def name_problem(file_name: str) -> str:
    """Why a file name may not be joined to a photo folder, to follow "which"; empty if it may."""
    if not file_name.strip("./"):
        return "names no file"
    if "\0" in file_name:
        return "holds a NUL character"
    if "\\" in file_name:
        return "holds a backslash (folders are parted by /)"
    if file_name.startswith("/") or _DRIVE.match(file_name):
        return "is an absolute path"
    if ".." in file_name.split("/"):
        return "leaves the photo folder"
    try:
        encoded = os.fsencode(file_name)
    except UnicodeEncodeError:
        return "holds characters no file name can have"
    if len(encoded) > _LONGEST_PATH or max(map(len, encoded.split(b"/"))) > _LONGEST_PART:
        return "is longer than file names can be"
    return ""


def photo_path(images_dir: Path, file_name: str) -> Path:
    """The file an image means; it need not exist.

    Raises:
        UserError: the name, or a link it goes through, leaves the folder.
    """
    problem = name_problem(file_name)
    root = os.path.realpath(images_dir)
    if not problem:
        # realpath follows links and, unlike Path.resolve, does not stumble over circular ones
        target = os.path.realpath(Path(root) / file_name)
        if os.path.commonpath([root, target]) == root and target != root:
            return Path(target)
        problem = "leads out of the photo folder"
    raise UserError(
        f"The file name {file_name!r} {problem}; it is not read.",
        remedy="Photos are named relative to the photo folder.",
    )


def photo_size(path: Path) -> tuple[int, int]:
    """Width and height in pixels as stored, from the header alone.

    Raises:
        UserError: the file is missing or no photo.
    """
    with _open(path) as photo:
        return photo.size


def upright_size(path_or_bytes: Path | bytes, *, max_pixels: int = MAX_PIXELS) -> tuple[int, int]:
    """Width and height as the photo is meant to be seen, from the header alone.

    Raises:
        UserError: no photo, more than `max_pixels`, or too small to see anybody.
    """
    name = _name(path_or_bytes)
    with _open(path_or_bytes) as photo:
        width, height = photo.size
        if width * height > max_pixels:
            raise _too_large(name, f"{width:,} x {height:,}", max_pixels)
        if min(width, height) < SMALLEST_SIDE_PX:
            raise UserError(
                f"The photo has {width} x {height} pixels; nobody can be seen on it.",
                where=name,
                remedy=f"Both sides need at least {SMALLEST_SIDE_PX} pixels.",
            )
        return (height, width) if _orientation(photo) in (5, 6, 7, 8) else (width, height)


def read_photo(
    path_or_bytes: Path | bytes, *, max_pixels: int = MAX_PIXELS, turn_by_exif: bool = True
) -> NDArray[np.uint8]:
    """The pixels as (H, W, 3) uint8 BGR; what is transparent lies on white, 16 bits become 8.

    Raises:
        UserError: no photo, cut off, or more than `max_pixels`.
    """
    name = _name(path_or_bytes)
    with _open(path_or_bytes) as photo:
        width, height = photo.size
        if width * height > max_pixels:
            raise _too_large(name, f"{width:,} x {height:,}", max_pixels)
        turn = _TURNS.get(_orientation(photo)) if turn_by_exif else None
        try:
            rgb = _as_rgb(photo)
        except _DAMAGE as error:
            raise _damaged(name) from error
    turned = rgb if turn is None else rgb.transpose(turn)
    return np.ascontiguousarray(np.asarray(turned)[:, :, ::-1])  # (H, W, 3) RGB -> BGR


def read_dataset_photo(path: Path, size_wh_px: tuple[int, int]) -> NDArray[np.uint8]:
    """A dataset's photo, turned by EXIF only if that makes its size the one its labels mean."""
    return read_photo(path, turn_by_exif=turned_size(path, size_wh_px) is not None)


def turned_size(path: Path, size_wh_px: tuple[int, int]) -> tuple[int, int] | None:
    """The wanted size where the stored photo gets it only by its EXIF turn, else None."""
    with _open(path) as photo:
        if photo.size == size_wh_px or photo.size[::-1] != size_wh_px:
            return None
        return size_wh_px if _orientation(photo) in (5, 6, 7, 8) else None


def _open(path_or_bytes: Path | bytes) -> Image.Image:
    """Read the header; nothing is decoded."""
    name = _name(path_or_bytes)
    source = io.BytesIO(path_or_bytes) if isinstance(path_or_bytes, bytes) else path_or_bytes
    if isinstance(source, Path) and not source.is_file():
        raise UserError(f"There is no photo {source.name}.", remedy="Check the photo folder.")
    try:
        return Image.open(source, formats=_FORMATS)
    except UnidentifiedImageError as error:
        raise UserError(_no_photo(path_or_bytes), where=name, remedy=_READS) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(name, "more than 89 million pixels", MAX_PIXELS) from error
    except _DAMAGE as error:
        if isinstance(error, OSError) and error.errno:
            raise UserError(f"The photo cannot be read: {error.strerror}.", where=name) from error
        raise _damaged(name) from error


def _no_photo(path_or_bytes: Path | bytes) -> str:
    """What the file is instead, where its first bytes tell."""
    if isinstance(path_or_bytes, Path):
        with path_or_bytes.open("rb") as file:
            head = file.read(12)
    else:
        head = path_or_bytes[:12]
    kind = next((kind for start, kind in _OTHER_KINDS if head.startswith(start)), "")
    if _HEIF.match(head):
        kind = "a HEIC or AVIF"
    return f"This is {kind} file, which is not read." if kind else "This is no photo."


def _too_large(name: str, size: str, max_pixels: int) -> UserError:
    return UserError(
        f"The photo has {size}; at most {max_pixels:,} pixels are decoded.",
        where=name,
        remedy="Make it smaller.",
    )


def _damaged(name: str) -> UserError:
    return UserError("The photo is damaged or cut off.", where=name, remedy="Get it again.")


def _name(path_or_bytes: Path | bytes) -> str:
    return path_or_bytes.name if isinstance(path_or_bytes, Path) else ""


def _orientation(photo: Image.Image) -> int:
    """The EXIF turn, without decoding a pixel."""
    try:
        if photo.format == "PNG" and "exif" not in photo.info:
            photo.info.update(_late_png_exif(photo))
        # Not the PNG plugin's own way, which decodes the whole picture in search of EXIF.
        found = Image.Image.getexif(photo).get(_ORIENTATION, 1)
    except _DAMAGE:
        return 1  # damaged EXIF turns nothing
    return found if isinstance(found, int) else 1


def _late_png_exif(photo: Image.Image) -> dict[str, bytes]:
    """The EXIF of a PNG that comes after the pixels, where some tools write it."""
    file: BinaryIO = photo.fp  # type: ignore[attr-defined]
    before = file.tell()
    file.seek(len(b"\x89PNG\r\n\x1a\n"))
    try:
        while len(head := file.read(8)) == 8:
            length = int.from_bytes(head[:4])
            if head[4:] == b"eXIf":
                return {"exif": b"Exif\0\0" + file.read(length)}
            file.seek(length + 4, os.SEEK_CUR)  # and its checksum
    finally:
        file.seek(before)
    return {}


def _as_rgb(photo: Image.Image) -> Image.Image:
    """Decode to 8-bit RGB."""
    if photo.mode.startswith("I"):  # 16-bit grey; "I" holds the same values in 32 bits
        grey = np.asarray(photo, dtype=np.int64) >> 8
        return Image.fromarray(grey.clip(0, 255).astype(np.uint8)).convert("RGB")
    if photo.has_transparency_data:
        return _on_white(photo.convert("RGBA"))
    return photo.convert("RGB")


def _on_white(rgba: Image.Image) -> Image.Image:
    """As a browser shows it; what lies under transparent pixels is often black or noise."""
    seen = Image.new("RGB", rgba.size, "white")
    seen.paste(rgba, mask=rgba.getchannel("A"))
    return seen
