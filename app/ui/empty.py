"""What a page says while there is nothing to show."""

import streamlit as st


def no_dataset_yet() -> None:
    """There is no dataset; where to get one."""
    st.info("There is no dataset yet.", icon=":material/info:")
    st.page_link("../pages/datasets.py", label="Import one on the page Datasets")
