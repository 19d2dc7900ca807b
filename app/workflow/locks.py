"""File locks of the operating system: released by the kernel however their holder dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class LockTaken(Exception):  # noqa: N818  (an answer, not an error)
    """Somebody else holds the lock and we did not want to wait."""


@contextmanager
def locked(path: Path, *, shared: bool = False, wait: bool = True) -> Iterator[None]:
    """Hold the lock at `path`; the file is taken away when its last holder lets go.

    Args:
        path: the lock file; made when missing, with its folder.
        shared: several may hold it at once, none of them together with an exclusive holder.
        wait: wait for another holder; otherwise raise.

    Raises:
        LockTaken: `wait` is False and another holds it.
    """
    handle = open_locked(path, shared=shared, wait=wait)
    try:
        yield
    finally:
        with suppress(BlockingIOError):  # other shared holders: the last one takes it away
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still(handle, path):
                path.unlink()
        os.close(handle)


def open_locked(path: Path, *, shared: bool = False, wait: bool = True) -> int:
    """Open and lock a file; the lock lives as long as the descriptor or a child's copy of it.

    Raises:
        LockTaken: `wait` is False and another holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    how = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, how)
        except BlockingIOError:
            os.close(handle)
            raise LockTaken(path.name) from None
        except BaseException:
            os.close(handle)
            raise
        # The holder before us took the file away while we waited: lock the new one instead.
        if _is_still(handle, path):
            return handle
        os.close(handle)


def is_locked(path: Path) -> bool:
    """Whether a living process holds the lock."""
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        # Shared, so that two who ask at once do not take each other for the holder.
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _is_still(handle: int, path: Path) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(handle), path.stat())
    return False
