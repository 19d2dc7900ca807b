"""The one place where a UserError becomes words on a page."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from app.ui.text import count, plain
from core.errors import UserError

SHOWN_PROBLEMS = 500
_log = logging.getLogger(__name__)


@contextmanager
def shown_errors() -> Iterator[None]:
    """Show a UserError raised inside as words; the page goes on after the block."""
    try:
        yield
    except UserError as error:
        show_error(error)


def on_script_error(error: Exception) -> bool:
    """What slipped through, from callbacks too: words on the page, the traceback in the log."""
    if isinstance(error, UserError):
        show_error(error)
    else:
        _log.error("A page failed.", exc_info=error)
        st.error(
            "This page failed. What was saved is safe; the reason is in the server's log. "
            "Reload the page to go on.",
            icon=":material/error:",
        )
    return True


def show_error(error: UserError) -> None:
    """Say what is wrong, where and what to do, with every single problem."""
    head = f"{error.where}: {error.what}" if error.where else error.what
    show_problems(head, error.problems, remedy=error.remedy)


def show_problems(head: str, problems: tuple[str, ...] = (), *, remedy: str = "") -> None:
    """An error box with the head, the remedy and a list of problems below it."""
    st.error(plain(f"{head} {remedy}".strip()), icon=":material/error:")
    if not problems:
        return
    with st.container(border=True, height=240 if len(problems) > 10 else "content"):
        st.text("\n".join(problems[:SHOWN_PROBLEMS]))
        if len(problems) > SHOWN_PROBLEMS:
            st.caption(f"and {count(len(problems) - SHOWN_PROBLEMS, 'more problem')}")
