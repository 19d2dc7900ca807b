"""Pictures of changed labels: a component of plain JavaScript and SVG."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from app.ui import keypoint_canvas
from app.ui.browser_modules import BrowserModules
from app.ui.change_cards.card_json import ChangeCard, card_json

_EDITOR = Path(keypoint_canvas.__file__).parent
MODULES = BrowserModules(
    Path(__file__).parent,
    entry="cards.js",
    failure="The pictures could not be shown. Reload the page.",
    borrowed=[_EDITOR / "glyph.js", _EDITOR / "glyph.css"],
)
_mount = st.components.v2.component("change_cards", js=MODULES.stub)


def change_cards(cards: Sequence[ChangeCard], *, key: str) -> None:
    """Show one card for each change, with a link to its person."""
    data = {"module": MODULES.address, "cards": [card_json(card) for card in cards]}
    _mount(key=key, data=data)
