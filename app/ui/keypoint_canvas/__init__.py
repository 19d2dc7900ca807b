"""The keypoint editor: a component of plain JavaScript and SVG, typed for Python."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from app.ui.keypoint_canvas.assets import module_address

# Only this stub travels with every message; the modules are loaded once and kept by the browser.
_STUB = """
export default async function (component) {
  const address = new URL(component.data.module, document.baseURI).href;
  try {
    const { default: mount } = await import(address);
    return mount(component);
  } catch (error) {
    const words = document.createElement("p");
    words.textContent = "The editor could not be loaded. Reload the page.";
    component.parentElement.replaceChildren(words);
    console.error(error);
  }
}
"""
_mount = st.components.v2.component("keypoint_canvas", js=_STUB)


def keypoint_canvas(data: Mapping[str, Any], *, key: str, on_edit: Callable[[], None]) -> None:
    """Show the editor.

    Args:
        data: acknowledgement and items, as `EditorSession.for_browser` gives them.
        key: of the component; `message(key)` reads what the browser said.
        on_edit: called after every message of the browser.
    """
    _mount(key=key, data={**data, "module": module_address()}, on_edit_change=on_edit)


def message(key: str) -> Mapping[str, Any]:
    """The last message of the browser; untrusted."""
    state = st.session_state.get(key) or {}
    said = state.get("edit")
    return said if isinstance(said, Mapping) else {}
