"""Files that are there whole or not at all, whatever ends the process while it writes."""

import errno
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from core.errors import UserError

_FULL = ("The disk is full; nothing was written.", "Make room, or choose another folder.")
_NO_FOLDER = ("There is no such folder.", "Make the folder first, or choose another one.")
_SAYS = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.ENOENT: _NO_FOLDER,
    errno.ENOTDIR: _NO_FOLDER,
    errno.EISDIR: ("This is a folder.", "Name a file in it."),
    errno.EACCES: ("The folder may not be written to.", "Choose another folder."),
    errno.EROFS: ("The disk may only be read.", "Choose another folder."),
}
_HALF = ".tmp"  # ends the name of a file on its way
_READ_WRITE = 0o666  # less the umask, like any file a program makes


def write_whole(path: Path, content: bytes, *, mode: int = _READ_WRITE) -> None:
    """Put `content` at `path`, replacing what is there only once all of it is on disk.

    Raises:
        UserError: the folder is missing or may not be written to, or the disk is full.
    """
    with written_whole(path, mode=mode) as out:
        out.write(content)


@contextmanager
def written_whole(
    path: Path, *, mode: int = _READ_WRITE, check: Callable[[BufferedReader], None] | None = None
) -> Iterator[BinaryIO]:
    """A file to write to, which takes its name when the block ends without an error.

    Args:
        path: the name it gets.
        mode: its permissions, less the umask.
        check: is given what then stands on the disk, opened to read; if it raises, the file never
            gets its name.

    Raises:
        UserError: the folder is missing or may not be written to, the disk is full, or `path` is
            something else than a file.
    """
    target = Path(os.path.realpath(path))  # a link is followed, not replaced
    _refuse_device(target, path)
    with words_for_disk_errors(path), _unnamed(target, mode) as (out, give_name):
        yield out
        out.flush()
        os.fsync(out.fileno())
        if check is not None:
            with _read_again(out) as written:
                check(written)
        give_name()
        sync_folder(target.parent)


def forget_halves(path: Path) -> None:
    """Take away what a kill in the instant of naming left of `path`; nobody else may write it."""
    for half in path.parent.glob(f".{path.name[:80]}.*{_HALF}"):
        half.unlink(missing_ok=True)


@contextmanager
def words_for_disk_errors(path: Path) -> Iterator[None]:
    """Turn what the operating system refuses while writing `path` into words.

    Raises:
        UserError: instead of any OSError inside.
    """
    try:
        yield
    except OSError as error:
        raise _in_words(error, path) from error


def sync_folder(folder: Path) -> None:
    """Make a rename inside `folder` outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _unnamed(path: Path, mode: int) -> Iterator[tuple[BinaryIO, Callable[[], None]]]:
    """An open file without a name, so that a kill leaves nothing; else a named temporary one."""
    handle = _open_unnamed(path.parent, mode)
    temporary = _free_name(path)
    if handle is None:
        handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
        source = None
    else:
        source = Path(f"/proc/self/fd/{handle}")
    try:
        with os.fdopen(handle, "wb") as out:
            yield out, lambda: _give_name(source, temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _read_again(out: BinaryIO) -> Iterator[BufferedReader]:
    """What is on the disk, where the system can be told to forget what it has in memory."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(out.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    with os.fdopen(os.dup(out.fileno()), "rb") as written:
        written.seek(0)
        yield written


def _give_name(source: Path | None, temporary: Path, path: Path) -> None:
    if source is not None:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            # Only with a folder given does Python call linkat, which follows /proc/self/fd/N.
            os.link(source, temporary, src_dir_fd=folder, follow_symlinks=True)
        finally:
            os.close(folder)
    temporary.replace(path)


def _open_unnamed(folder: Path, mode: int) -> int | None:
    flag = getattr(os, "O_TMPFILE", None)  # Linux only, and not on every file system
    if flag is None or not Path("/proc/self/fd").is_dir():
        return None
    with suppress(OSError):
        return os.open(folder, flag | os.O_RDWR, mode)
    return None


def _refuse_device(target: Path, path: Path) -> None:
    """/dev/null is not to become a file, which the super-user could make of it."""
    with words_for_disk_errors(path):
        if os.path.lexists(target) and not (target.is_file() or target.is_dir()):
            raise UserError(
                "This is a device or a pipe, not a file.",
                where=str(path),
                remedy="Choose another file name.",
            )


def _free_name(path: Path) -> Path:
    return path.with_name(f".{path.name[:80]}.{secrets.token_hex(4)}{_HALF}")


def _in_words(error: OSError, path: Path) -> UserError:
    reason = error.strerror or str(error)
    other = (f"The file cannot be written: {reason}.", "Choose another place.")
    what, remedy = _SAYS.get(error.errno or 0, other)
    return UserError(what, where=str(path), remedy=remedy)
