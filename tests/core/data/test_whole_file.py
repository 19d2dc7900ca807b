"""A file is written whole or not at all."""

import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

import pytest

from core.data.whole_file import forget_halves, write_whole, written_whole
from core.errors import UserError

ROOT = Path(__file__).resolve().parents[3]
FULL = "The disk is full; nothing was written. Make room, or choose another folder."


@contextmanager
def no_file_larger_than(most_bytes: int) -> Iterator[None]:
    """What a full disk is like, without one."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("old")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("old")
    with pytest.raises(TypeError), written_whole(path) as out:
        out.writelines([b"half", None])  # type: ignore[list-item]
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_has_a_name_before_it_is_complete(tmp_path: Path) -> None:
    with written_whole(tmp_path / "out.json") as out:
        out.write(b"half")
        out.flush()
        if hasattr(os, "O_TMPFILE"):
            assert list(tmp_path.iterdir()) == []
        assert not (tmp_path / "out.json").exists()
    assert (tmp_path / "out.json").read_bytes() == b"half"


def test_where_files_need_a_name_it_works_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    write_whole(tmp_path / "out.json", b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["out.json"]


def test_a_file_gets_the_usual_permissions_or_the_ones_asked_for(tmp_path: Path) -> None:
    umask = os.umask(0o022)
    try:
        write_whole(tmp_path / "usual", b"")
        write_whole(tmp_path / "secret", b"", mode=0o600)
    finally:
        os.umask(umask)
    assert [oct((tmp_path / n).stat().st_mode & 0o777) for n in ("usual", "secret")] == [
        "0o644",
        "0o600",
    ]


def test_a_link_is_followed_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link.json").symlink_to(tmp_path / "real" / "out.json")
    write_whole(tmp_path / "link.json", b"new")
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real" / "out.json").read_bytes() == b"new"


def test_a_full_disk_is_said_and_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("old")
    with no_file_larger_than(4096), pytest.raises(UserError) as refused:
        write_whole(path, bytes(100_000))
    assert str(refused.value) == f"{path}: {FULL}"
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_content_and_name_are_on_disk_before_it_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    synced = []
    sync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (synced.append(os.fstat(handle)), sync(handle)))
    write_whole(tmp_path / "out", b"one")
    assert [stat.st_ino for stat in synced] == [
        (tmp_path / "out").stat().st_ino,
        tmp_path.stat().st_ino,
    ]


def test_what_stands_on_the_disk_is_checked_before_it_gets_its_name(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("old")
    seen = []

    def check(written: BufferedReader) -> None:
        seen.append((written.read(), path.read_text()))

    with written_whole(path, check=check) as out:
        out.write(b"new")
    assert seen == [(b"new", "old")]
    assert path.read_text() == "new"


@pytest.mark.parametrize("unnamed", [True, False])
def test_what_fails_its_check_never_gets_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unnamed: bool
) -> None:
    if not unnamed:
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    path = tmp_path / "out.json"
    path.write_text("old")

    def check(written: BufferedReader) -> None:
        raise UserError("wrong")

    with pytest.raises(UserError, match="wrong"), written_whole(path, check=check) as out:
        out.write(b"new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


KILLED = """
import os, signal, sys
from pathlib import Path
from core.data.whole_file import write_whole
os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)
write_whole(Path(sys.argv[1]), b"new" * 1000)
"""


def test_a_writer_that_is_killed_leaves_the_old_file_and_nothing_else(tmp_path: Path):
    try:
        os.close(os.open(tmp_path, os.O_TMPFILE | os.O_WRONLY))
    except (AttributeError, OSError):
        pytest.skip("needs a system and a disk that can write files without a name")
    out = tmp_path / "out"
    out.write_bytes(b"old")
    killed = subprocess.run([sys.executable, "-c", KILLED, str(out)], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert out.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            errno.ENOSPC,
            "The disk is full; nothing was written. Make room, or choose another folder.",
        ),
        (
            errno.EDQUOT,
            "The disk is full; nothing was written. Make room, or choose another folder.",
        ),
        (errno.EACCES, "The folder may not be written to. Choose another folder."),
        (errno.EROFS, "The disk may only be read. Choose another folder."),
        (errno.EIO, "The file cannot be written: Input/output error. Choose another place."),
    ],
)
def test_what_stops_the_writing_is_said_and_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, message: str
) -> None:
    out = tmp_path / "out"
    out.write_bytes(b"old")

    def fail(handle: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(UserError) as refused:
        write_whole(out, b"new")
    assert str(refused.value) == f"{out}: {message}"
    assert out.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("folder", ["none", "file"])
def test_a_missing_folder_is_said(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").touch()
    out = tmp_path / folder / "out.json"
    with pytest.raises(UserError) as refused:
        write_whole(out, b"")
    assert str(refused.value) == (
        f"{out}: There is no such folder. Make the folder first, or choose another one."
    )


def test_a_folder_is_not_overwritten(tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused:
        write_whole(tmp_path, b"")
    assert str(refused.value) == f"{tmp_path}: This is a folder. Name a file in it."


def test_a_pipe_or_device_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(UserError) as refused:
        write_whole(pipe, b"new")
    assert str(refused.value) == (
        f"{pipe}: This is a device or a pipe, not a file. Choose another file name."
    )
    assert pipe.is_fifo()


def test_halves_of_one_file_are_forgotten_and_nothing_else(tmp_path: Path) -> None:
    for name in ("state.pt", ".state.pt.0a1b2c3d.tmp", ".other.pt.0a1b2c3d.tmp"):
        (tmp_path / name).write_text("x")
    forget_halves(tmp_path / "state.pt")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".other.pt.0a1b2c3d.tmp",
        "state.pt",
    ]
