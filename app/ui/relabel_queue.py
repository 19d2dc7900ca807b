"""The Relabel screen's parts: which people come, and the editor that is fed with them."""

from typing import Any

import streamlit as st

from app.error_log import log_unexpected
from app.ui.chosen import number_in_address, put_into_address
from app.ui.errors import show_error
from app.ui.keypoint_canvas import keypoint_canvas, message
from app.ui.keypoint_canvas.item_json import (
    PhotoFrame,
    entry_json,
    item_json,
    photo_json,
    steps_json,
    why_in_queue,
)
from app.ui.keypoint_canvas.session import EditorSession, View
from app.ui.photo_address import STRIP_PX, photo_address
from app.ui.photo_state import frame_size, photo_note
from app.workflow.browse import is_still_there
from app.workflow.my_work import work_today
from app.workflow.queue import Item, Queue, Unit
from app.workflow.relabel_item import RelabelItem, RelabelWindow, load_window
from app.workflow.relabel_steps import save_steps
from app.workflow.undo_log import undo_log
from app.workflow.workspace import Workspace
from core.errors import UserError

ITEM, KEYPOINT = "item", "k"  # names in the address: an annotation id, a keypoint from 0
CANVAS = "relabel_canvas"
GO_ON = "relabel_go_on"
PREFETCHED = 2  # photos after the one on screen
_SESSION = "relabel_session"


def follow_sidebar(view: View) -> EditorSession:
    """This browser session of the editor, looking at what sidebar and address say."""
    session: EditorSession = st.session_state.setdefault(_SESSION, EditorSession())
    session.look_at(view, _asked_item(view.queue))
    if CANVAS not in st.session_state:  # back from another page
        session.come_back()
    return session


@st.fragment
def relabel_editor(ws: Workspace, session: EditorSession) -> None:
    """The editor with everything around the current person."""
    view = session.view
    assert view is not None

    def save() -> None:
        said = message(CANVAS)
        try:
            answers, error = save_steps(ws, said.get("snapshots"), annotator=view.annotator)
        except Exception:
            # An error page would take the editor away with all that is not saved.
            answers, error = [], log_unexpected("saving what the editor sent")
        session.told(said, answers, error)

    problem = _load(ws, session, view)
    # Without new people the old ones stay, so that an editor with unsaved work never vanishes.
    if session.window.content is not None:
        keypoint_canvas(session.for_browser(), key=CANVAS, on_edit=save)
    elif problem is None:
        _nobody(view.queue)
    if problem is not None:  # below: an editor that moves on the page would be mounted anew
        show_error(problem)
        if session.window.content is None and session.at is not None:
            st.button("Go on where you stopped", on_click=_go_on, args=[session], key=GO_ON)


def _go_on(session: EditorSession) -> None:
    """Leave an item that cannot be shown."""
    put_into_address(ITEM, None)
    session.go(None)


def _load(ws: Workspace, session: EditorSession, view: View) -> UserError | None:
    """Load what is outdated; gives what kept it from that.

    Where dataset or run are not what the sidebar said they are, the whole page runs again.
    """
    try:
        if session.window.outdated:
            _load_window(ws, session, view)
        if session.log.outdated:
            _load_log(ws, session, view)
    except UserError as error:
        if _is_gone(ws, view):
            st.rerun()
        return error
    return None


def _is_gone(ws: Workspace, view: View) -> bool:
    """Whether dataset or run are not what the sidebar said; False where that cannot be asked."""
    try:
        return not is_still_there(ws, view.dataset, view.version, run=view.queue.run)
    except UserError:
        return False


def _load_window(ws: Workspace, session: EditorSession, view: View) -> None:
    window = load_window(
        ws,
        view.dataset,
        view.queue,
        annotator=view.annotator,
        at=session.at,
        anchor=session.anchor,
        hand_out=session.handed_out,
    )
    if window is None:
        session.nobody()
        return
    if window.items[0].dataset.id != view.version:
        st.rerun()
    session.loaded(_window_json(ws, window, view), window.at, in_queue=window.here is not None)
    put_into_address(ITEM, window.at.annotation_id)
    put_into_address(KEYPOINT, window.at.keypoint)


def _load_log(ws: Workspace, session: EditorSession, view: View) -> None:
    log = undo_log(
        ws,
        view.dataset,
        annotator=view.annotator,
        label_set=view.queue.label_set,
        before=session.older,
    )
    session.log_loaded(
        {
            "before": session.older,
            "done": steps_json(log.done),
            "undone": steps_json(log.undone),
            "more": log.more,
        }
    )


def _window_json(ws: Workspace, window: RelabelWindow, view: View) -> dict[str, Any]:
    queue = view.queue
    dataset = window.items[0].dataset
    by_id = {item.person.annotation_id: item for item in window.items}
    on_photo = {item.image.id: item for item in window.items}
    photos = {image: photo_json(item, _photo(ws, item)) for image, item in on_photo.items()}
    whys = [
        why_in_queue(entry, by_id[entry.annotation_id].skeleton.names, queue.run)
        for entry in window.order
    ]
    why_of = {entry.annotation_id: why for entry, why in zip(window.order, whys, strict=True)}
    progress, today = window.progress, work_today(ws, view.annotator, st.context.timezone)
    return {
        "annotator": view.annotator,
        "label_set": queue.label_set,
        "dataset": dataset.name,
        "version": dataset.id,
        "unit": queue.unit.value,
        "current": {"id": window.at.annotation_id, "keypoint": window.at.keypoint},
        "order": [
            entry_json(entry, unit_is_keypoint=queue.unit is Unit.KEYPOINTS, why=why)
            for entry, why in zip(window.order, whys, strict=True)
        ],
        "is_first": window.is_first,
        "is_last": window.is_last,
        "progress": {
            "place": window.place,
            "total": progress.total,
            "reviewed": progress.reviewed,
            "changed": progress.changed,
            "today": {"keypoints": today.keypoints, "persons": today.persons},
        },
        "photos": {str(image): photo for image, photo in photos.items()},
        "items": [
            item_json(
                item,
                why=why_of.get(item.person.annotation_id, "Another person of this photo"),
                held_by=window.held_by.get(item.person.annotation_id),
            )
            for item in window.items
        ],
        "prefetch": _prefetched(window, photos),
    }


def _prefetched(window: RelabelWindow, photos: dict[int, dict[str, Any]]) -> list[str]:
    """Addresses of the next photos of the queue."""
    start = 0 if window.here is None else window.here + 1
    here = next(
        i.image.id for i in window.items if i.person.annotation_id == window.at.annotation_id
    )
    ahead = dict.fromkeys(entry.image_id for entry in window.order[start:])
    return [photos[image]["url"] for image in ahead if image != here][:PREFETCHED]


def _photo(ws: Workspace, item: RelabelItem) -> PhotoFrame:
    return PhotoFrame(
        url=photo_address(ws, item.dataset, item.image),
        thumb_url=photo_address(ws, item.dataset, item.image, max_side_px=STRIP_PX),
        size_wh_px=frame_size(ws, item.dataset, item.image),
        note=photo_note(ws, item.dataset, item.image),
    )


def _nobody(queue: Queue) -> None:
    if queue == Queue(run=queue.run, label_set=queue.label_set):
        st.info("Nobody in this dataset has a list of keypoints.")
        return
    what = "keypoint" if queue.unit is Unit.KEYPOINTS else "person"
    st.info(f"No {what} is left that fits the filters. Loosen them in the sidebar to go on.")


def _asked_item(queue: Queue) -> Item | None:
    """The item of the address; None without one, or where it is no number."""
    annotation_id, keypoint = number_in_address(ITEM), number_in_address(KEYPOINT)
    if annotation_id is None:
        return None
    return Item(annotation_id, keypoint if queue.unit is Unit.KEYPOINTS else None)
