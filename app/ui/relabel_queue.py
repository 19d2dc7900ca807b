"""The Relabel screen's parts: which people come, and the editor that is fed with them."""

from typing import Any

import streamlit as st

from app.ui.errors import show_error
from app.ui.keypoint_canvas import keypoint_canvas, message
from app.ui.keypoint_canvas.item_json import PhotoFrame, item_json
from app.ui.keypoint_canvas.session import EditorSession, View
from app.ui.photo_address import photo_address
from app.ui.photo_state import frame_size, photo_note
from app.workflow.relabel_item import RelabelItem, RelabelWindow, load_window
from app.workflow.relabel_steps import save_steps
from app.workflow.workspace import Workspace
from core.errors import UserError

ITEM = "item"  # name in the address: an annotation id
CANVAS = "relabel_canvas"
WHY = "In the order of the file"
_SESSION = "relabel_session"
_REVIEWED = {"All people": None, "Not reviewed yet": False, "Reviewed": True}


def choose_reviewed() -> bool | None:
    """Which people come next: all, those with open keypoints, or those without."""
    words = st.sidebar.selectbox("People", list(_REVIEWED), key="relabel_filter")
    return _REVIEWED[words]


def follow_sidebar(view: View) -> EditorSession:
    """This browser session of the editor, looking at what sidebar and address say."""
    session: EditorSession = st.session_state.setdefault(_SESSION, EditorSession())
    session.look_at(view, _asked_item())
    if CANVAS not in st.session_state:  # back from another page: people may have changed meanwhile
        session.outdated = True
    return session


@st.fragment
def relabel_editor(ws: Workspace, session: EditorSession, *, who: str) -> None:
    """The editor with everything around the current person."""

    def save() -> None:
        said = message(CANVAS)
        answers, error = save_steps(ws, said.get("snapshots"), annotator=who)
        session.told(said, answers, error)

    problem = _load(ws, session) if session.outdated else None
    # Without new people the old ones stay, so that an editor with unsaved work never vanishes.
    if session.window is not None:
        keypoint_canvas(session.for_browser(), key=CANVAS, on_edit=save)
    elif problem is None:
        st.info("Nobody with keypoints is left in this choice of people.")
    if problem is not None:  # below: an editor that moves on the page would be mounted anew
        show_error(problem)


def _load(ws: Workspace, session: EditorSession) -> UserError | None:
    view = session.view
    assert view is not None
    try:
        window = load_window(ws, view.dataset, session.item, run=view.run, reviewed=view.reviewed)
        if window is None:
            session.nobody()
            return None
        session.loaded(_window_json(ws, window), window.current)
    except UserError as error:
        return error
    st.query_params[ITEM] = str(window.current)
    return None


def _window_json(ws: Workspace, window: RelabelWindow) -> dict[str, Any]:
    photos = {item.image.id: _photo(ws, item) for item in window.items}
    dataset = window.items[0].dataset
    return {
        "dataset": dataset.name,
        "current": window.current,
        "order": list(window.order),
        "total": dataset.num_images,
        "items": [item_json(item, photos[item.image.id], why=WHY) for item in window.items],
        "prefetch": [photo.url for photo in photos.values()],
    }


def _photo(ws: Workspace, item: RelabelItem) -> PhotoFrame:
    return PhotoFrame(
        url=photo_address(ws, item.dataset, item.image),
        size_wh_px=frame_size(ws, item.dataset, item.image),
        note=photo_note(ws, item.dataset, item.image),
    )


def _asked_item() -> int | None:
    """The annotation id of the address; None without, or where it is no number."""
    asked = st.query_params.get(ITEM, "")
    return int(asked) if asked.isascii() and asked.removeprefix("-").isdigit() else None
