"""The frame around every page: navigation, who is looking, the page itself."""

from pathlib import Path

import streamlit as st

from app.ui.errors import shown_errors
from app.ui.frame import page_frame
from app.ui.visitor import let_in

PAGES = Path(__file__).resolve().parent.parent / "pages"

page_frame()
page = st.navigation(
    [
        st.Page(PAGES / "datasets.py", title="Datasets", icon=":material/database:", default=True),
        st.Page(PAGES / "inspect.py", title="Inspect", icon=":material/image_search:"),
        st.Page(PAGES / "relabel.py", title="Relabel", icon=":material/edit:"),
        st.Page(PAGES / "export.py", title="Export", icon=":material/download:"),
        st.Page(PAGES / "jobs.py", title="Jobs", icon=":material/checklist:"),
    ]
)
if let_in():
    with shown_errors():
        page.run()
