"""What is looked at: the dataset and photo that the address carries."""

from collections.abc import Sequence

import streamlit as st

from app.ui.text import plain
from core.data.listing import DatasetInfo

DATASET = "dataset"  # key of the widget and name in the address
IMAGE = "image"
_NEXT = "dataset_from_next_run"


def chosen_dataset(datasets: Sequence[DatasetInfo]) -> DatasetInfo | None:
    """The dataset chosen in the sidebar; the newest one where none was. None where there is none.

    A reload or a shared link shows the same one.
    """
    by_name = {dataset.name: dataset for dataset in datasets}
    if not by_name:
        return None
    if _NEXT in st.session_state:
        st.session_state[DATASET] = st.session_state.pop(_NEXT)
    asked = st.query_params.get(DATASET)
    if asked is not None and asked not in by_name:
        st.warning(f"There is no dataset {plain(asked)}; another one is shown.")
    if st.session_state.get(DATASET, asked) not in by_name:
        newest = max(datasets, key=lambda dataset: dataset.created_at)
        st.session_state[DATASET] = newest.name
    name = st.sidebar.selectbox(
        "Dataset",
        list(by_name),
        index=None,
        key=DATASET,
        bind="query-params",
        persist_state="session",
        on_change=forget_image,
    )
    return by_name.get(name or "")


def choose_dataset(name: str) -> None:
    """Look at another dataset from the next run on."""
    # The widget may be drawn already, and then its own state must not be touched.
    st.session_state[_NEXT] = name
    forget_image()


def chosen_image() -> int | None:
    """The photo id of the address; None without or where it is no number."""
    asked = st.query_params.get(IMAGE, "")
    return int(asked) if asked.isascii() and asked.removeprefix("-").isdigit() else None


def choose_image(image_id: int) -> None:
    """Put the photo into the address."""
    st.query_params[IMAGE] = str(image_id)


def forget_image() -> None:
    """Take the photo out of the address, as with another dataset it means nothing."""
    st.query_params.pop(IMAGE, None)
