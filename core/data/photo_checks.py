"""Whether the photos a file names are there, can be read and have the size it says."""

from pathlib import Path, PurePosixPath

from core.data.dataset import Images
from core.data.findings import PHOTOS, Findings
from core.data.photos import name_problem, photo_path, photo_size, turned_size
from core.data.progress import Cancelled as CancelledWish
from core.data.progress import OnProgress, ignore, never
from core.errors import Cancelled, UserError

_EXAMPLES = 10
_HERE = PurePosixPath()


def require_folder(images_dir: Path) -> None:
    """Make sure that there is a photo folder.

    Raises:
        UserError: there is none.
    """
    if not images_dir.is_dir():
        raise UserError(
            f"There is no photo folder {images_dir}.", remedy="Name the folder that holds them."
        )


def check_photos(
    images: Images,
    images_dir: Path,
    findings: Findings,
    *,
    on_progress: OnProgress = ignore,
    cancelled: CancelledWish = never,
) -> None:
    """Look for every photo; each folder is listed once, and of a photo only its header is read.

    Raises:
        Cancelled: the caller asked to stop.
    """
    findings = findings.of(PHOTOS)
    listed = _list_photos(images, images_dir)
    missing = []
    for row, file_name in enumerate(images.file_name):
        if row % 256 == 0:
            on_progress(row / len(images.file_name))
            if cancelled():
                raise Cancelled
        if name_problem(file_name):
            continue  # remarked where the image was read
        if str(PurePosixPath(file_name)) in listed:
            _check_photo(images, row, images_dir, findings)
        else:
            missing.append(file_name)
    if missing:
        examples = ", ".join(missing[:_EXAMPLES])
        findings.remark(
            "missing_photos",
            f"{len(missing):,} of {len(images.file_name):,} photos are not in {images_dir}: "
            f"{examples}{' ...' if len(missing) > _EXAMPLES else ''}",
        )


def _list_photos(images: Images, images_dir: Path) -> set[str]:
    """Names, relative to the photo folder, of everything in the folders that the images name."""
    names = (name for name in images.file_name if not name_problem(name))
    listed: set[str] = set()
    for folder in {PurePosixPath(name).parent for name in names}:
        try:
            at = images_dir if folder == _HERE else photo_path(images_dir, str(folder))
            listed.update(str(folder / entry.name) for entry in at.iterdir())
        except (OSError, UserError):
            continue  # its photos count as missing
    return listed


def _check_photo(images: Images, row: int, images_dir: Path, findings: Findings) -> None:
    image_id, file_name = int(images.id[row]), images.file_name[row]
    width, height = map(int, images.size_wh_px[row])
    try:
        path = photo_path(images_dir, file_name)
        stored = photo_size(path)
        if (width, height) == (0, 0) or stored == (width, height):
            return
        if turned_size(path, (width, height)):
            return
    except UserError as error:
        findings.remark(
            "unreadable_photo", f"Image {image_id}: {error}", row=row, image_id=image_id
        )
        return
    findings.remark(
        "different_photo_size",
        f"Image {image_id} is {width} x {height} in the file; "
        f"its photo {file_name} is {stored[0]} x {stored[1]}.",
        row=row,
        image_id=image_id,
    )
