"""Where the photo comes from that is inspected: a dataset, or the visitor's own upload."""

import streamlit as st

from app.ui.chosen import NO_UPLOAD_YET, choose_upload, chosen_upload

DATASET_PHOTO, OWN_PHOTO = "Dataset photo", "Upload a photo"
LAST_UPLOAD = "last_own_photo"  # id to come back to
_SOURCE = "photo_source"  # widget


def choose_source(*, has_dataset: bool) -> str:
    """The upload looked at, `NO_UPLOAD_YET` before there is one, "" for a dataset's photo."""
    upload = chosen_upload(default="" if has_dataset else NO_UPLOAD_YET)
    st.session_state[_SOURCE] = OWN_PHOTO if upload else DATASET_PHOTO
    st.segmented_control(
        "Source of the photo",
        [DATASET_PHOTO, OWN_PHOTO],
        key=_SOURCE,
        required=True,
        label_visibility="collapsed",
        on_change=_follow,
    )
    return upload


def _follow() -> None:
    if st.session_state[_SOURCE] == DATASET_PHOTO:
        choose_upload("")
    else:
        choose_upload(st.session_state.get(LAST_UPLOAD, NO_UPLOAD_YET))
