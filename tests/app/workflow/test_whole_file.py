import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.workflow.whole_file import write_whole, written_whole
from core.errors import UserError


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
    assert str(refused.value) == (
        f"{path}: The disk is full; nothing was written. Make room, or choose another folder."
    )
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_a_folder_and_a_forbidden_place_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UserError, match=r"There is no folder .*/none\. Make the folder first"):
        write_whole(tmp_path / "none" / "out.json", b"")
    with pytest.raises(UserError, match="This is a folder"):
        write_whole(tmp_path, b"")

    def forbidden(*_: object, **__: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", forbidden)
    with pytest.raises(UserError, match="cannot be written: Permission denied"):
        write_whole(tmp_path / "out.json", b"")
