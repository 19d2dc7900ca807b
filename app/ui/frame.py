"""The frame around every page: icon, spacing, where the pages are."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

_ICON = Path(__file__).with_name("icon.svg")
# Streamlit keeps 6 rem free above every page, where its header is while the sidebar is closed.
_STYLE = """<style>
.stMainBlockContainer { padding: 3rem 3rem 2rem; }
[data-testid="stHeader"] { height: 2.75rem; min-height: 0; }
[data-testid="stSidebarHeader"] { height: 2.5rem; }
/* Columns stand below each other where they would be too narrow to read. */
[class*="st-key-side_by_side"] [data-testid="stColumn"] { min-width: min(24rem, 100%); }
</style>"""


def page_frame() -> None:
    """Name, icon and spacing of the browser page."""
    st.set_page_config(page_title="Halfseen", page_icon=str(_ICON), layout="wide")
    st.html(_STYLE)


def side_by_side(name: str, shares: tuple[int, int]) -> Sequence[DeltaGenerator]:
    """Two columns, or one below the other on a narrow screen."""
    frame = st.container(key=f"side_by_side_{name}")
    return frame.columns(shares, gap="medium")
