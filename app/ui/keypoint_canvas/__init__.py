"""The keypoint editor: a component of plain JavaScript and SVG, typed for Python."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from app.ui.browser_modules import BrowserModules

MODULES = BrowserModules(
    Path(__file__).parent,
    entry="editor.js",
    failure="The editor could not be loaded. Reload the page.",
)
_mount = st.components.v2.component("keypoint_canvas", js=MODULES.stub)


def keypoint_canvas(data: Mapping[str, Any], *, key: str, on_edit: Callable[[], None]) -> None:
    """Show the editor.

    Args:
        data: acknowledgement and items, as `EditorSession.for_browser` gives them.
        key: of the component; `message(key)` reads what the browser said.
        on_edit: called after every message of the browser.
    """
    _mount(key=key, data={**data, "module": MODULES.address}, on_edit_change=on_edit)


def message(key: str) -> Mapping[str, Any]:
    """The last message of the browser; untrusted."""
    state = st.session_state.get(key) or {}
    said = state.get("edit")
    return said if isinstance(said, Mapping) else {}
