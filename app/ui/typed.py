"""Paths as people type them."""

from pathlib import Path

from core.errors import UserError


def file_path(typed: str) -> Path:
    """An existing file on the server.

    Raises:
        UserError: nothing was typed, or there is no such file.
    """
    path = _path(typed)
    if not path.is_file():
        raise UserError(
            "There is no such file on the server.", where=str(path), remedy="Check the path."
        )
    return path


def folder_path(typed: str) -> Path:
    """An existing folder on the server.

    Raises:
        UserError: nothing was typed, or there is no such folder.
    """
    path = _path(typed)
    if not path.is_dir():
        raise UserError(
            "There is no such folder on the server.", where=str(path), remedy="Check the path."
        )
    return path


def new_file_path(typed: str) -> Path:
    """A path whose folder exists, to write a file to.

    Raises:
        UserError: nothing was typed, or the folder is not there, or the path is a folder.
    """
    path = _path(typed)
    if path.is_dir():
        raise UserError(
            "This is a folder.", where=str(path), remedy="Add the name of the file to write."
        )
    if not path.parent.is_dir():
        raise UserError(
            "There is no such folder on the server.",
            where=str(path.parent),
            remedy="Make it first.",
        )
    return path


def _path(typed: str) -> Path:
    # People paste paths with the quotes of their shell.
    text = typed.strip().strip("\"'")
    if not text or "\0" in text:
        raise UserError("No path was given.", remedy="Type a path on the server.")
    return Path(text).expanduser().resolve()
