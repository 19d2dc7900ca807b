"""The read-only photo with keypoints: a component of plain JavaScript and SVG."""

from pathlib import Path

import streamlit as st

from app.ui.photo_overlay.scene import Scene

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "photo_overlay",
    html='<div class="overlay"></div>',
    css=(_HERE / "overlay.css").read_text(encoding="utf-8"),
    js="".join((_HERE / name).read_text(encoding="utf-8") for name in ("marks.js", "overlay.js")),
)


def photo_overlay(scene: Scene, *, key: str) -> None:
    """Show a photo with the labels of its persons and, where a run is looked at, its predictions.

    Which person, layer, names and threshold are looked at stays in the browser.
    """
    _mount(key=key, data=scene.for_browser())
