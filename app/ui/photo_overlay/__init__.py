"""The photo with keypoints to look at: a component of plain JavaScript and SVG."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from app.ui.browser_modules import BrowserModules
from app.ui.photo_overlay.scene import Scene

MODULES = BrowserModules(
    Path(__file__).parent,
    entry="overlay.js",
    failure="The photo could not be shown. Reload the page.",
)
_mount = st.components.v2.component("photo_overlay", js=MODULES.stub)


def photo_overlay(
    scene: Scene, *, key: str, on_boxes: Callable[[], None], on_heat: Callable[[], None]
) -> None:
    """Show a photo with what is labelled and what a model says.

    Which person, layer, colours and limits are looked at stays in the browser.

    Args:
        scene: everything that is shown.
        key: of the component; `message(key, ...)` reads what the browser said.
        on_boxes: called when the boxes drawn by hand have changed.
        on_heat: called when somebody's heat maps are wanted.
    """
    data = scene.for_browser() | {"module": MODULES.address}
    _mount(key=key, data=data, on_boxes_change=on_boxes, on_heat_change=on_heat)


def message(key: str, name: str) -> Mapping[str, Any]:
    """What the browser said last of `boxes` or `heat`; untrusted."""
    state = st.session_state.get(key) or {}
    said = state.get(name)
    return said if isinstance(said, Mapping) else {}
