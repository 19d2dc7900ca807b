"""What is looked at: dataset, photo and run, carried by the address.

A reload or a shared link shows the same; the session remembers it from page to page.
"""

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from app.ui.text import plain
from core.data.listing import DatasetInfo

DATASET, IMAGE, RUN = "dataset", "image", "run"  # names in the address
_NEWEST = object()


def chosen_dataset(datasets: Sequence[DatasetInfo]) -> DatasetInfo | None:
    """The dataset chosen in the sidebar; at first the newest one. None where there is none."""
    by_name = {dataset.name: dataset for dataset in datasets}
    if not by_name:
        return None
    asked = _asked(DATASET)
    # One we wrote ourselves was renamed or deleted just now.
    if asked is not None and asked not in (*by_name, *_written(DATASET)):
        st.warning(f"There is no dataset {plain(asked)}; another one is shown.")
    newest = max(datasets, key=lambda dataset: dataset.created_at)
    with st.sidebar:
        return by_name[choice_in_address("Dataset", DATASET, list(by_name), default=newest.name)]


def choice_in_address(
    label: str,
    name: str,
    options: Sequence[str],
    *,
    default: str,
    width: int | Literal["stretch"] = "stretch",
) -> str:
    """A list to choose from whose value is the address's parameter `name`.

    Streamlit's own binding leaves a value out of the address that was not chosen by hand.
    """
    asked_for = st.session_state.pop(_next(name), None)
    candidates = (
        default if asked_for is _NEWEST else asked_for,
        _asked(name),
        st.session_state.get(_last(name)),
    )
    value = next((str(each) for each in candidates if each in options), default)
    widget = f"choose_{name}"
    st.session_state[widget] = value
    st.session_state[_last(name)] = value
    _write(name, value)
    st.selectbox(
        label,
        options,
        key=widget,
        width=width,
        on_change=lambda: choose(name, st.session_state[widget]),
    )
    return value


def choose(name: str, value: str) -> None:
    """Look at another dataset or run from the next run of the page on."""
    _choose_next(name, value)


def choose_newest(name: str) -> None:
    """Look at the newest dataset or run from the next run of the page on."""
    # Not by clearing the address: what a fragment changes there is lost in the rerun it asks for.
    _choose_next(name, _NEWEST)


def _choose_next(name: str, value: object) -> None:
    st.session_state[_next(name)] = value
    if name == DATASET:
        # With another dataset they mean nothing.
        _forget(IMAGE)
        _forget(RUN)


def chosen_image() -> int | None:
    """The photo id of the address; None without or where it is no number."""
    asked = _asked(IMAGE) or ""
    return int(asked) if asked.isascii() and asked.removeprefix("-").isdigit() else None


def choose_image(image_id: int) -> None:
    """Put the photo into the address."""
    _write(IMAGE, str(image_id))


def _asked(name: str) -> str | None:
    """The address's value, unless the browser has not taken up yet what we wrote since.

    Who clicks fast sends the address of two clicks ago.
    """
    value = st.query_params.get(name)
    written = _written(name)
    if written and value == written[-1]:
        del written[:-1]
    return None if value in written[:-1] else value


def _write(name: str, value: str) -> None:
    st.query_params[name] = value
    written = _written(name)
    if written[-1:] != [value]:
        written.append(value)


def _forget(name: str) -> None:
    st.query_params.pop(name, None)
    st.session_state.pop(_last(name), None)
    _written(name).append("")


def _written(name: str) -> list[str]:
    """What we put into the address, oldest first, since the browser last showed our newest."""
    written: list[str] = st.session_state.setdefault(f"written_{name}", [])
    return written


def _next(name: str) -> str:
    return f"next_{name}"


def _last(name: str) -> str:
    return f"last_{name}"
