"""Choosing a photo of a dataset: search, a row of small photos, previous and next."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.ui.chosen import choose_image, chosen_image
from app.ui.photo_address import THUMBNAIL_PX, photo_address
from app.ui.photo_strip import Thumbnail, photo_strip
from app.ui.text import count, plain
from app.workflow.browse import image_of, images_of
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo, ImageInfo
from core.errors import UserError

STRIP = 24  # photos in the row
_SEARCH = "photo_search"  # widget
_PLACE = "photo_number"  # widget: the photo's place among those found, from 1
_SHOWN = "photo_shown"  # (dataset id, image id) of the last run


def choose_photo(ws: Workspace, dataset: DatasetInfo) -> ImageInfo | None:
    """The photo the address names, or the one chosen here; None where there is none."""
    _follow_address(ws, dataset)
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    search = row.text_input(
        "Search",
        key=_SEARCH,
        placeholder="file name, image id or annotation id",
        on_change=_go_to,
        args=(1,),
    )
    total, _ = images_of(ws, dataset.name, limit=0, search=search)
    if total == 0:
        st.info("No photo fits this search." if search else "This dataset has no photos.")
        return None
    place = _place_buttons(row, total)
    first = (place - 1) // STRIP * STRIP
    _, images = images_of(ws, dataset.name, offset=first, limit=STRIP, search=search)
    image = images[place - 1 - first]
    _strip(ws, dataset, images, image, first)
    choose_image(image.id)
    st.session_state[_SHOWN] = (dataset.id, image.id)
    return image


def _place_buttons(row: DeltaGenerator, total: int) -> int:
    """Previous, the number, next; gives the number, from 1."""
    place: int = min(max(st.session_state.get(_PLACE, 1), 1), total)
    st.session_state[_PLACE] = place

    def step(icon: str, name: str, to: int) -> None:
        row.button(
            "",
            icon=f":material/{icon}:",
            key=f"photo_{name}",
            help=f"{name.capitalize()} photo",
            on_click=_go_to,
            args=(to,),
            disabled=not 1 <= to <= total,
        )

    step("chevron_left", "previous", place - 1)
    row.number_input(f"Photo of {total:,}", 1, total, key=_PLACE, width=150)
    step("chevron_right", "next", place + 1)
    return place


def _follow_address(ws: Workspace, dataset: DatasetInfo) -> None:
    """Go to the photo of the address, or back to the last one of this dataset."""
    shown = st.session_state.get(_SHOWN, (None, None))
    asked = chosen_image()
    if asked is None and shown[0] == dataset.id:
        asked = shown[1]
    if (dataset.id, asked) == shown and _PLACE in st.session_state:
        return
    st.session_state[_SEARCH] = ""
    _go_to(1)
    if asked is not None:
        try:
            _go_to(image_of(ws, dataset.name, asked).position + 1)
        except UserError as error:
            st.warning(plain(f"{error} The first photo is shown."))


def _strip(
    ws: Workspace,
    dataset: DatasetInfo,
    images: Sequence[ImageInfo],
    shown: ImageInfo,
    first: int,
) -> None:
    places = {str(image.id): first + k + 1 for k, image in enumerate(images)}
    thumbnails = [
        Thumbnail(
            str(image.id),
            photo_address(ws, dataset, image, max_side_px=THUMBNAIL_PX),
            f"{image.file_name} ({count(image.num_annotations, 'person', 'persons')})",
            image.num_annotations,
        )
        for image in images
    ]
    photo_strip(
        thumbnails,
        chosen=str(shown.id),
        key="photo_strip",
        on_choose=lambda image_id: _go_to(places[image_id]),
    )


def _go_to(place: int) -> None:
    st.session_state[_PLACE] = place
