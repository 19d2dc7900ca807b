"""Writing a file whole or not at all."""

import errno
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from core.errors import UserError

_SAYS = {
    errno.ENOSPC: ("The disk is full.", "Make room or choose another disk."),
    errno.EDQUOT: ("The disk quota is used up.", "Make room or choose another disk."),
    errno.ENOENT: ("There is no such folder.", "Make the folder first."),
    errno.ENOTDIR: ("There is no such folder.", "Make the folder first."),
    errno.EISDIR: ("That is a folder.", "Name a file."),
    errno.EACCES: ("The folder may not be written to.", "Choose another folder."),
    errno.EROFS: ("The disk may only be read.", "Choose another folder."),
}


def write_atomically(out: Path, content: bytes) -> None:
    """Write beside the target, flush to disk, then rename over it.

    A reader sees the old file or the new one, and after a crash there is no half file under
    `out`. A link is followed, not replaced.

    Raises:
        UserError: the file cannot be written; whatever stood there before still does.
    """
    target = Path(os.path.realpath(out))
    draft = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, "Is a directory")
        _write_draft(draft, content)
        draft.replace(target)
        _sync_folder(target.parent)
    except OSError as error:
        what, remedy = _SAYS.get(
            error.errno or 0, (f"It cannot be written: {error.strerror}.", "Choose another place.")
        )
        raise UserError(what, where=str(out), remedy=remedy) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _write_draft(draft: Path, content: bytes) -> None:
    """Write without a name first where the system can, so that a crash leaves no half file."""
    with suppress(AttributeError, OSError):  # Linux, and most of its disks; else the next lines
        handle = os.open(draft.parent, os.O_TMPFILE | os.O_WRONLY, 0o666)
        with os.fdopen(handle, "wb") as file:
            _write_through(file, content)
            folder = os.open(draft.parent, os.O_RDONLY)
            try:
                # a folder's handle makes Python call linkat, which follows the link in /proc
                os.link(f"/proc/self/fd/{handle}", draft.name, dst_dir_fd=folder)
            finally:
                os.close(folder)
        return
    with draft.open("xb") as file:
        _write_through(file, content)


def _write_through(file: BinaryIO, content: bytes) -> None:
    file.write(content)
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
