"""Which of an export's changes are looked at: one keypoint's, from one flag to another, a page."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.ui.flags import flag_words
from app.ui.text import count
from app.workflow.changes import FlagChange

T = TypeVar("T")
ALL = ()  # in place of the one that is chosen; a tuple of one, so that no name means all
_KEYPOINT, _FLAGS, _PAGE = "export_keypoint", "export_flags", "export_page"  # widgets
_CLICKS = "export_counts_clicks"  # how often the table's own choice was given up


def counts_key() -> str:
    """Of the table of counts; another one once its choice no longer holds."""
    return f"export_counts_{st.session_state.get(_CLICKS, 0)}"


def choose_by_row(key: str, counts: Sequence[FlagChange]) -> None:
    """Look at the changes of the row that was clicked in the table of counts; at all for none."""
    cells = st.session_state[key].selection.cells
    row = cells[0][0] if cells else None
    # A browser sends it: it may be of a table that was longer.
    chosen = counts[row] if row is not None and 0 <= row < len(counts) else None
    st.session_state[_KEYPOINT] = (chosen.keypoint,) if chosen else ALL
    st.session_state[_FLAGS] = ((chosen.before, chosen.after),) if chosen else ALL
    st.session_state[_PAGE] = 1


def choose_changes(
    counts: Sequence[FlagChange],
) -> tuple[str | None, tuple[int, int] | None]:
    """Lists to choose a keypoint and a change of flag from; None for all."""
    keypoints = list(dict.fromkeys(change.keypoint for change in counts))
    flags = sorted({(change.before, change.after) for change in counts})
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    with row:
        keypoint = _choice("Keypoint", _KEYPOINT, keypoints, words=lambda name: name)
        change = _choice("Change", _FLAGS, flags, words=change_words)
    return keypoint, change


def choose_page(total: int, size: int) -> slice:
    """Buttons to leaf through; the part of `total` rows that is on the page."""
    pages = max(1, -(-total // size))
    place: int = min(max(st.session_state.get(_PAGE, 1), 1), pages)
    st.session_state[_PAGE] = place
    if pages > 1:
        row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
        _step(row, "chevron_left", "Previous page", place - 1, pages)
        row.number_input(f"Page of {pages:,}", 1, pages, key=_PAGE, width=150)
        _step(row, "chevron_right", "Next page", place + 1, pages)
    st.caption(f"{count(total, 'change')}; click one to relabel its person")
    return slice((place - 1) * size, place * size)


def change_words(flags: tuple[int, int]) -> str:
    """`2 visible → 1 hidden`."""
    before, after = flags
    if before == after:
        return f"{flag_words(before)}, moved"
    return f"{flag_words(before)} → {flag_words(after)}"


def _choice(label: str, key: str, options: Sequence[T], *, words: Callable[[T], str]) -> T | None:
    offered = [ALL, *((option,) for option in options)]
    if st.session_state.get(key) not in offered:
        st.session_state[key] = ALL
    chosen: tuple[T, ...] = st.selectbox(
        label,
        offered,
        format_func=lambda option: words(option[0]) if option else "all",
        key=key,
        on_change=_by_hand,
        width=200,
    )
    return chosen[0] if chosen else None


def _by_hand() -> None:
    """What was clicked in the table is not what is looked at any more."""
    st.session_state[_CLICKS] = st.session_state.get(_CLICKS, 0) + 1
    st.session_state[_PAGE] = 1


def _step(row: DeltaGenerator, icon: str, name: str, to: int, pages: int) -> None:
    row.button(
        "",
        icon=f":material/{icon}:",
        key=f"export_{icon}",
        help=name,
        on_click=lambda: st.session_state.update({_PAGE: to}),
        disabled=not 1 <= to <= pages,
    )
