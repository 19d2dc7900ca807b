"""The visitor's own photos: brought in, listed, one of them chosen, deleted.

An id cannot be guessed; it is known to the session and the address alone.
"""

from datetime import UTC

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.ui.asked_predictions import forget_photo
from app.ui.chosen import (
    NO_UPLOAD_YET,
    choose_upload,
    list_uploads,
    show_upload,
    uploads_in_address,
)
from app.ui.errors import show_error
from app.ui.photo_address import THUMBNAIL_PX
from app.ui.photo_source import LAST_UPLOAD
from app.ui.photo_strip import Thumbnail, photo_strip
from app.ui.text import plain
from app.workflow.interactive import PhotoRef
from app.workflow.uploads import (
    KEPT_DAYS,
    MOST_BYTES,
    UploadedPhoto,
    delete_photo,
    keep_photo,
    sign_upload,
    uploaded_file,
    uploaded_photo,
)
from app.workflow.workspace import Workspace
from core.data.photos import photo_size
from core.errors import UserError

MOST_LISTED = 24
_LISTED = "own_photos"  # ids, oldest first
_REFUSED = "own_photos_refused"  # problems of the last upload
_ROUND = "own_photos_round"  # a new number gives an empty uploader


def choose_own_photo(ws: Workspace, asked: str) -> UploadedPhoto | None:
    """The upload of the address or the last one; None where there is none yet.

    Args:
        asked: an id from the address, which may be anything.
    """
    _uploader(ws)
    listed = _listed(ws, asked)
    list_uploads([upload.id for upload in listed])
    if not listed:
        st.caption(
            f"A photo stays on this server for {KEPT_DAYS} days, or until you delete it. "
            "Who has the address of this page sees it, nobody else."
        )
        show_upload(NO_UPLOAD_YET)
        return None
    chosen = next((upload for upload in listed if upload.id == asked), listed[-1])
    show_upload(chosen.id)
    st.session_state[LAST_UPLOAD] = chosen.id
    if len(listed) > 1:
        _strip(ws, listed, chosen)
    _about(ws, chosen)
    return chosen


def _uploader(ws: Workspace) -> None:
    key = f"own_photos_{st.session_state.get(_ROUND, 0)}"
    st.file_uploader(
        "Photos to look at: JPEG, PNG, WebP or BMP, at most 50 megapixels; several at once",
        accept_multiple_files=True,
        max_upload_size=MOST_BYTES >> 20,
        key=key,
        on_change=_take,
        args=(ws, key),
    )
    for error in st.session_state.pop(_REFUSED, ()):
        show_error(error)


def _take(ws: Workspace, key: str) -> None:
    """Keep what was dropped; the first of it is looked at."""
    kept, refused = [], []
    for file in st.session_state[key]:
        try:
            kept.append(keep_photo(ws, file.name, file.getvalue()).id)
        except UserError as error:
            refused.append(UserError(error.what, where=file.name, remedy=error.remedy))
    st.session_state[_REFUSED] = refused
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1  # its memory is freed
    if kept:
        st.session_state[_LISTED] = [*_ids(), *kept][-MOST_LISTED:]
        choose_upload(kept[0])


def _ids() -> list[str]:
    if _LISTED not in st.session_state:
        st.session_state[_LISTED] = list(dict.fromkeys(uploads_in_address()))[:MOST_LISTED]
    ids: list[str] = st.session_state[_LISTED]
    return ids


def _listed(ws: Workspace, asked: str) -> list[UploadedPhoto]:
    """The uploads that are still there; the one of the address is missed in words."""
    ids = _ids()
    if asked != NO_UPLOAD_YET and asked not in ids:
        ids = [*ids, asked]
    found = []
    for upload_id in ids:
        try:
            found.append(uploaded_photo(ws, upload_id))
        except UserError as error:
            if upload_id == asked:
                st.warning(plain(str(error)), icon=":material/info:")
    st.session_state[_LISTED] = [upload.id for upload in found]
    return found


def _strip(ws: Workspace, listed: list[UploadedPhoto], chosen: UploadedPhoto) -> None:
    thumbnails = [
        Thumbnail(upload.id, f"img/{sign_upload(ws, upload.id, THUMBNAIL_PX)}", upload.name)
        for upload in listed
    ]
    photo_strip(thumbnails, chosen=chosen.id, key="own_photos_strip", on_choose=choose_upload)


def _about(ws: Workspace, upload: UploadedPhoto) -> None:
    row = st.container(horizontal=True, vertical_alignment="center")
    row.caption(" · ".join([f"**{plain(upload.name)}**", *_facts(ws, upload)]), width="content")
    _delete_button(ws, row, upload)


def _facts(ws: Workspace, upload: UploadedPhoto) -> list[str]:
    width, height = upload.size_wh_px
    turned = photo_size(uploaded_file(ws, upload.id)) != upload.size_wh_px
    until = upload.kept_until.astimezone(UTC)
    return [
        f"{width:,} x {height:,} pixels{', turned upright' if turned else ''}",
        f"kept until {until.day} {until:%B %Y}",
    ]


def _delete_button(ws: Workspace, row: DeltaGenerator, upload: UploadedPhoto) -> None:
    def delete() -> None:
        delete_photo(ws, upload.id)
        forget_photo(PhotoRef(upload_id=upload.id))
        left = [each for each in _ids() if each != upload.id]
        st.session_state[_LISTED] = left
        choose_upload(left[-1] if left else NO_UPLOAD_YET)

    row.button(
        "Delete this photo",
        icon=":material/delete:",
        type="tertiary",
        key="own_photo_delete",
        on_click=delete,
    )
