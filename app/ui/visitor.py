"""Who is looking: a name asked once, kept in a cookie, written with every verdict."""

from urllib.parse import unquote

import streamlit as st

from app.ui.errors import shown_errors
from app.ui.text import plain
from app.workflow.names import checked_annotator
from core.errors import UserError

COOKIE = "halfseen_annotator"
_STATE = "annotator"
# Plain document.cookie: Streamlit reads cookies but has no way to set one.
_keep_cookie = st.components.v2.component(
    "keep_cookie",
    js="""export default function ({ data }) {
      const year = 365 * 24 * 3600;
      const value = encodeURIComponent(data.value);
      document.cookie = `${data.name}=${value}; path=/; max-age=${year}; SameSite=Lax`;
    }""",
)


def annotator() -> str | None:
    """The visitor's name, None as long as it was not given."""
    if _STATE in st.session_state:
        name: str = st.session_state[_STATE]
        return name
    return _usable(unquote(st.context.cookies.get(COOKIE, "")))


def name_in_sidebar() -> None:
    """Ask for the visitor's name, or show it with a way to change it."""
    name = annotator()
    with st.sidebar, shown_errors():
        if name is None:
            st.caption("Your name is kept with every label you change.")
            _ask("")
            return
        with st.popover(f":material/person: {plain(name)}", width="stretch", key="annotator_menu"):
            _ask(name)
        if _STATE in st.session_state:
            _keep_cookie(key="keep_annotator", data={"name": COOKIE, "value": name})


def _ask(before: str) -> None:
    with st.form("annotator_form", border=False):
        name = st.text_input("Your name", value=before, max_chars=100, key="annotator_name")
        if st.form_submit_button("Keep", width="stretch", key="annotator_keep"):
            st.session_state[_STATE] = checked_annotator(name)
            st.rerun()


def _usable(name: str) -> str | None:
    """A cookie is anybody's text: one that is no name counts as none."""
    try:
        return checked_annotator(name)
    except UserError:
        return None
