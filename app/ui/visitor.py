"""Who is looking: who signed in, else a name asked once and kept in a cookie.

The name is written with every verdict.
"""

from urllib.parse import unquote

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.ui.errors import show_error, shown_errors
from app.ui.sign_in import (
    is_signed_in,
    lead_back,
    sign_in_buttons,
    sign_in_is_on,
    signed_in_name,
)
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
    """The visitor's name, None as long as it was not given.

    Raises:
        UserError: the name of who signed in cannot be kept with verdicts.
    """
    if sign_in_is_on():
        return signed_in_name() if is_signed_in() else None
    if _STATE in st.session_state:
        name: str = st.session_state[_STATE]
        return name
    return _usable(unquote(st.context.cookies.get(COOKIE, "")))


def let_in() -> bool:
    """Show who is looking in the sidebar; False where sign-in is asked for on screen instead."""
    try:
        return _is_let_in()
    except UserError as error:
        show_error(error)
        return False


def _is_let_in() -> bool:
    if not sign_in_is_on():
        _name_in_sidebar()
        return True
    if is_signed_in():
        _signed_in_sidebar()
        return True
    st.title("Halfseen")
    st.write("Sign in to see the datasets. Your name is kept with every label you change.")
    sign_in_buttons()
    lead_back(signed_in=False)
    return False


def _name_in_sidebar() -> None:
    """Ask for the visitor's name, or show it with a way to change it."""
    name = annotator()
    with st.sidebar, shown_errors():
        if name is None:
            st.caption("Your name is kept with every label you change.")
            _ask("")
            return
        with _menu(name):
            _ask(name)
        if _STATE in st.session_state:
            _keep_cookie(key="keep_annotator", data={"name": COOKIE, "value": name})


def _signed_in_sidebar() -> None:
    """Who signed in, with a way out even where the name cannot be kept.

    Raises:
        UserError: it cannot.
    """
    try:
        name, problem = signed_in_name(), None
    except UserError as error:
        name, problem = "?", error
    with st.sidebar, _menu(name):
        st.button("Sign out", on_click=st.logout, key="sign_out", icon=":material/logout:")
    with st.sidebar:
        lead_back(signed_in=True)
    if problem is not None:
        raise problem


def _menu(name: str) -> DeltaGenerator:
    return st.popover(f":material/person: {plain(name)}", width="stretch", key="annotator_menu")


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
