"""Keeps the traceback of what nobody foresaw, and gives the words for people."""

import logging
import traceback
from datetime import UTC, datetime

from app.settings import Settings
from core.errors import UserError


def log_unexpected(what: str) -> str:
    """Keep the traceback of the exception at hand for whoever mends the program.

    Args:
        what: was being done.

    Returns:
        Words for whoever uses it.
    """
    said = f"{datetime.now(UTC).isoformat()} {what}\n{traceback.format_exc()}\n"
    try:
        log = Settings().data_dir / "errors.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8", errors="backslashreplace") as out:
            out.write(said)
    except (OSError, UserError):
        logging.getLogger(__name__).exception("unexpected")
        return "Something unexpected went wrong in the program itself; please report it."
    return f"Something unexpected went wrong in the program itself; please report it with {log}."
