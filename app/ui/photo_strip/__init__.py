"""A row of small photos to choose from: a component of plain JavaScript."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "photo_strip",
    html='<div class="strip"></div>',
    css=(_HERE / "strip.css").read_text(encoding="utf-8"),
    js=(_HERE / "strip.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Thumbnail:
    """One small photo; `persons` is shown in its corner, nothing for None."""

    id: str
    url: str
    title: str
    persons: int | None = None


def photo_strip(
    photos: Sequence[Thumbnail],
    *,
    chosen: str | None,
    key: str,
    on_choose: Callable[[str], None],
) -> None:
    """Show the photos in a row; `on_choose` gets the id of the one that was clicked."""

    def forward() -> None:
        clicked = st.session_state[key].get("photo")
        # The browser sends it: only what was offered may be chosen.
        if clicked in {photo.id for photo in photos}:
            on_choose(clicked)

    data = {"photos": [asdict(photo) for photo in photos], "chosen": chosen}
    _mount(key=key, data=data, on_photo_change=forward)
