"""Unpack an uploaded zip of one COCO JSON and its photos, trusting nothing in it."""

import shutil
import stat
import uuid
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from app.workflow.claims import hold
from app.workflow.photo_folder import first_photo_name, holds_photo
from app.workflow.workspace import Workspace
from core.data.progress import Cancelled, OnProgress, ignore, never
from core.data.whole_file import words_for_disk_errors
from core.errors import Cancelled as CancelledError
from core.errors import UserError

CHUNK_BYTES = 1 << 20
MOST_ENTRIES = 500_000
MOST_BYTES = 64 << 30  # unpacked, all together
# Labels shrink 10 to 30 times, an empty page of pixels 100 times; a bomb 1,000 times.
MOST_RATIO = 200
RATIO_FREE_BYTES = 10 << 20  # small files may shrink as they like
_PHOTOS = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"}
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


@dataclass
class Unpacked:
    """An unpacked upload; taken away at the end unless `keep` was called.

    Attributes:
        json_name: the JSON's name inside the zip.
        images_dir: the folder its file names start from; None where the zip has no photos.
    """

    folder: Path
    json_file: Path
    json_name: str
    images_dir: Path | None
    kept: bool = field(default=False, init=False)

    def keep(self) -> None:
        """Leave the photos in the data directory: a dataset uses them now."""
        self.kept = True


@contextmanager
def unpack_zip(
    ws: Workspace, zip_path: Path, *, on_progress: OnProgress = ignore, cancelled: Cancelled = never
) -> Iterator[Unpacked]:
    """Unpack into a folder of its own in the data directory.

    Raises:
        UserError: it is no zip, is encrypted or damaged, names places outside itself, holds
            links, unpacks to too much, or holds no JSON or several to choose from.
        Cancelled: the caller asked to stop; nothing stays.
    """
    claim = f"upload-{uuid.uuid4().hex}"
    folder = ws.uploads_dir / claim
    unpacked: Unpacked | None = None
    with hold(ws, claim):
        try:
            with _opened(zip_path) as archive:
                entries = _wanted(archive, zip_path)
                json_entry = _the_json(entries, zip_path)
                _check_room(entries, ws, zip_path)
                _extract(archive, entries, folder, zip_path, on_progress, cancelled)
            json_file = folder / json_entry.filename
            images_dir = _photo_root(folder, json_file)
            unpacked = Unpacked(folder, json_file, json_entry.filename, images_dir)
            yield unpacked
        finally:
            if unpacked is None or not unpacked.kept:
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _opened(zip_path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(zip_path)
    except FileNotFoundError as error:
        raise UserError(
            "There is no such file.", where=str(zip_path), remedy="Check the path."
        ) from error
    except (OSError, *_DAMAGED) as error:
        raise UserError(
            "This is not a zip file, or it is damaged.",
            where=str(zip_path),
            remedy="Pack the JSON and its photos into a .zip and try again.",
        ) from error
    with archive:
        yield archive


def _wanted(archive: zipfile.ZipFile, zip_path: Path) -> list[zipfile.ZipInfo]:
    """JSON files and photos; everything else in the zip is left in it.

    Raises:
        UserError: every unsafe entry, listed.
    """
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise UserError(
            f"The zip holds {len(entries):,} files; {MOST_ENTRIES:,} is the most.",
            where=str(zip_path),
            remedy="Unpack it on the server and import the JSON with its photo folder.",
        )
    problems = [problem for entry in entries if (problem := _danger(entry))]
    names = [PurePosixPath(entry.filename) for entry in entries]  # ./a.png is a.png
    if len(set(names)) < len(names):
        problems.append("Two files have the same name.")
    if problems:
        raise UserError(
            "The zip is not safe to unpack; nothing was unpacked.",
            where=str(zip_path),
            remedy="Pack the JSON and its photos anew.",
            problems=problems,
        )
    return [entry for entry in entries if _is_wanted(entry)]


def _danger(entry: zipfile.ZipInfo) -> str:
    """Why an entry is refused, in words; empty where it is not."""
    name = entry.filename
    shown = repr(name[:200])
    path = PurePosixPath(name)
    # zipfile cuts a name at NUL; orig_filename is what stands in the zip.
    odd = "\\" in name or "\0" in entry.orig_filename or not path.parts
    if odd or path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        return f"{shown} leads outside the zip."
    if entry.flag_bits & 0x1:
        return f"{shown} is encrypted."
    if stat.S_ISLNK(entry.external_attr >> 16):
        return f"{shown} is a link."
    if entry.file_size > max(RATIO_FREE_BYTES, MOST_RATIO * entry.compress_size):
        return f"{shown} unpacks to {entry.file_size:,} bytes from {entry.compress_size:,}."
    return ""


def _is_wanted(entry: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(entry.filename)
    junk = path.parts[0] == "__MACOSX" or path.name.startswith("._")
    return not entry.is_dir() and not junk and (_is_json(path) or path.suffix.lower() in _PHOTOS)


def _is_json(path: PurePosixPath) -> bool:
    return path.name.lower().endswith((".json", ".json.gz"))


def _the_json(entries: list[zipfile.ZipInfo], zip_path: Path) -> zipfile.ZipInfo:
    found = [entry for entry in entries if _is_json(PurePosixPath(entry.filename))]
    if len(found) > 1:
        preferred = [
            entry
            for entry in found
            if PurePosixPath(entry.filename).name.startswith("person_keypoints")
        ]
        found = preferred if len(preferred) == 1 else found
    if not found:
        raise UserError(
            "The zip holds no .json file.",
            where=str(zip_path),
            remedy="Pack the COCO keypoint JSON together with the photos.",
        )
    if len(found) > 1:
        raise UserError(
            f"The zip holds {len(found)} JSON files and it is not clear which one is meant.",
            where=str(zip_path),
            remedy="Leave one in the zip, or name it person_keypoints….json.",
            problems=[entry.filename for entry in found[:20]],
        )
    return found[0]


def _check_room(entries: list[zipfile.ZipInfo], ws: Workspace, zip_path: Path) -> None:
    total = sum(entry.file_size for entry in entries)
    if total > MOST_BYTES:
        raise UserError(
            f"The zip unpacks to {total:,} bytes; {MOST_BYTES:,} is the most.",
            where=str(zip_path),
            remedy="Unpack it on the server and import the JSON with its photo folder.",
        )
    free = shutil.disk_usage(ws.data_dir).free
    if total > free:
        raise UserError(
            f"The zip unpacks to {total:,} bytes and the disk has {free:,} left.",
            where=str(zip_path),
            remedy="Make room in the data directory first.",
        )


def _extract(
    archive: zipfile.ZipFile,
    entries: list[zipfile.ZipInfo],
    folder: Path,
    zip_path: Path,
    on_progress: OnProgress,
    cancelled: Cancelled,
) -> None:
    total = max(1, sum(entry.file_size for entry in entries))
    done = 0
    for entry in entries:
        path = folder / entry.filename
        with words_for_disk_errors(zip_path / entry.filename):  # the name people know
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with archive.open(entry) as packed, path.open("xb") as out:
                    while chunk := packed.read(CHUNK_BYTES):
                        if cancelled():
                            raise CancelledError
                        done += out.write(chunk)
                        on_progress(done / total)
            except _DAMAGED as error:
                raise UserError(
                    f"{entry.filename} in the zip is damaged.",
                    where=str(zip_path),
                    remedy="Pack or upload it again.",
                ) from error


def _photo_root(folder: Path, json_file: Path) -> Path | None:
    """The folder whose photos the JSON names: the JSON's own, else any that has the first."""
    folders = [json_file.parent, folder, *sorted(p for p in folder.rglob("*") if p.is_dir())]
    first = first_photo_name(json_file)
    found = next((f for f in folders if first is not None and holds_photo(f, first)), None)
    if found is not None:
        return found
    has_photos = any(p.suffix.lower() in _PHOTOS for p in folder.rglob("*"))
    return folder if has_photos else None
