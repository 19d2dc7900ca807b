"""The frame around every page: icon, spacing, where the pages are."""

from pathlib import Path

import streamlit as st

_ICON = Path(__file__).with_name("icon.svg")
# Streamlit keeps 6 rem free above every page.
_STYLE = """<style>
.stMainBlockContainer { padding: 3rem 3rem 2rem; }
[data-testid="stSidebarHeader"] { height: 2.5rem; }
</style>"""


def page_frame() -> None:
    """Name, icon and spacing of the browser page."""
    st.set_page_config(page_title="Halfseen", page_icon=str(_ICON), layout="wide")
    st.html(_STYLE)
