"""What is looked at: dataset, photo and run, carried by the address.

A reload or a shared link shows the same; the session remembers it from page to page.
"""

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from app.ui.text import plain
from core.data.listing import DatasetInfo

DATASET, IMAGE, RUN = "dataset", "image", "run"  # names in the address


def chosen_dataset(datasets: Sequence[DatasetInfo]) -> DatasetInfo | None:
    """The dataset chosen in the sidebar; at first the newest one. None where there is none."""
    by_name = {dataset.name: dataset for dataset in datasets}
    if not by_name:
        return None
    asked = st.query_params.get(DATASET)
    if asked is not None and asked not in by_name:
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
    candidates = (
        st.session_state.pop(_next(name), None),
        st.query_params.get(name),
        st.session_state.get(_last(name)),
    )
    value = next((str(each) for each in candidates if each in options), default)
    widget = f"choose_{name}"
    st.session_state[widget] = value
    st.session_state[_last(name)] = value
    st.query_params[name] = value
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
    st.session_state[_next(name)] = value
    if name == DATASET:
        # With another dataset they mean nothing.
        st.query_params.pop(IMAGE, None)
        st.query_params.pop(RUN, None)


def chosen_image() -> int | None:
    """The photo id of the address; None without or where it is no number."""
    asked = st.query_params.get(IMAGE, "")
    return int(asked) if asked.isascii() and asked.removeprefix("-").isdigit() else None


def choose_image(image_id: int) -> None:
    """Put the photo into the address."""
    st.query_params[IMAGE] = str(image_id)


def _next(name: str) -> str:
    return f"next_{name}"


def _last(name: str) -> str:
    return f"last_{name}"
