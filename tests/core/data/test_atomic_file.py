"""A file is written whole or not at all."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.data.atomic_file import write_atomically
from core.errors import UserError

ROOT = Path(__file__).resolve().parents[3]


def refusal(out: Path) -> str:
    with pytest.raises(UserError) as refused:
        write_atomically(out, b"new")
    return str(refused.value)


def test_a_file_is_made_or_replaced_and_nothing_is_left_beside_it(tmp_path: Path):
    out = tmp_path / "out.json"
    write_atomically(out, b"one")
    write_atomically(out, b"two")
    assert out.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [out]


def test_the_file_may_be_read_by_whoever_new_files_may_be(tmp_path: Path):
    (tmp_path / "usual").touch()
    write_atomically(tmp_path / "out", b"one")
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_link_is_followed_not_replaced(tmp_path: Path):
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write_atomically(tmp_path / "link", b"one")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"one"


def test_content_and_name_are_on_disk_before_it_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    synced = []
    sync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (synced.append(os.fstat(handle)), sync(handle)))
    write_atomically(tmp_path / "out", b"one")
    assert [stat.st_ino for stat in synced] == [
        (tmp_path / "out").stat().st_ino,
        tmp_path.stat().st_ino,
    ]


KILLED = """
import os, signal, sys
from pathlib import Path
from core.data.atomic_file import write_atomically
os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)
write_atomically(Path(sys.argv[1]), b"new" * 1000)
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


def test_where_files_need_a_name_they_are_written_under_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    write_atomically(tmp_path / "out", b"one")
    write_atomically(tmp_path / "out", b"two")
    assert (tmp_path / "out").read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]


def test_a_missing_folder_is_said(tmp_path: Path):
    out = tmp_path / "none" / "out"
    assert refusal(out) == f"{out}: There is no such folder. Make the folder first."
    (tmp_path / "file").touch()
    out = tmp_path / "file" / "out"
    assert refusal(out) == f"{out}: There is no such folder. Make the folder first."


def test_a_folder_is_not_overwritten(tmp_path: Path):
    assert refusal(tmp_path) == f"{tmp_path}: That is a folder. Name a file."


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (errno.ENOSPC, "The disk is full. Make room or choose another disk."),
        (errno.EDQUOT, "The disk quota is used up. Make room or choose another disk."),
        (errno.EACCES, "The folder may not be written to. Choose another folder."),
        (errno.EROFS, "The disk may only be read. Choose another folder."),
        (errno.EIO, "It cannot be written: Input/output error. Choose another place."),
    ],
)
def test_what_stops_the_writing_is_said_and_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, message: str
):
    out = tmp_path / "out"
    out.write_bytes(b"old")

    def fail(handle: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    assert refusal(out) == f"{out}: {message}"
    assert out.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [out]
