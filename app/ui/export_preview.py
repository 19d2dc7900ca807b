"""What an export would change, as a page shows it: counted, chosen, and in pictures."""

import pandas as pd
import streamlit as st

from app.ui.change_cards import change_cards
from app.ui.change_cards.card_json import ChangeCard
from app.ui.export_filter import choose_by_row, choose_changes, choose_page, counts_key
from app.ui.flags import flag_words
from app.ui.frame import side_by_side
from app.ui.photo_address import NEAR_PX, SCREEN_PX, photo_address
from app.ui.photo_state import frame_size, photo_note
from app.ui.text import count
from app.workflow.changes import (
    ExportPreview,
    LabelChanges,
    images_of_changes,
    listed,
    persons_of_changes,
)
from app.workflow.workspace import Workspace

LONG_TABLE = 18  # rows; longer ones scroll
CARDS = 12  # on a page: no more photos are loaded


def export_summary(preview: ExportPreview) -> None:
    """How many labels an export changes, in a sentence."""
    if not preview.num_labels:
        st.info(
            "Nothing was changed: the export equals the imported file byte for byte.",
            icon=":material/check:",
        )
        return
    moved = f", {preview.num_moved:,} of them moved" if preview.num_moved else ""
    persons = count(len(preview.annotation_ids), "person")
    changed = count(preview.num_labels, "label")
    differ = "differs" if preview.num_labels == 1 else "differ"
    st.write(f"{changed} of {persons} {differ} from the imported file{moved}. Nothing else does.")


@st.fragment
def changes_browser(ws: Workspace, changes: LabelChanges, preview: ExportPreview) -> None:
    """The counts by keypoint, and pictures of those chosen; clicking a count chooses them."""
    if not preview.num_labels:
        return
    left, right = side_by_side("export", (2, 3))
    with left:
        st.caption("By keypoint; click a row to see its changes")
        key = counts_key()
        st.dataframe(
            counts_table(preview),
            hide_index=True,
            column_config={"labels": st.column_config.NumberColumn(format="localized")},
            height="content" if len(preview.changes) < LONG_TABLE else 600,
            selection_mode="single-cell",
            on_select=lambda: choose_by_row(key, preview.changes),
            key=key,
        )
    with right:
        keypoint, flags = choose_changes(preview.changes)
        rows = changes.rows(keypoint=keypoint, flags=flags)
        page = choose_page(len(rows), CARDS)
        change_cards(cards_of(ws, changes, rows[page].tolist()), key="export_cards")


def counts_table(preview: ExportPreview) -> pd.DataFrame:
    """How many labels of each keypoint went from which flag to which."""
    rows = [
        {
            "keypoint": change.keypoint,
            "from": flag_words(change.before),
            "to": f"{flag_words(change.after)}{', moved' if change.before == change.after else ''}",
            "labels": change.count,
        }
        for change in preview.changes
    ]
    return pd.DataFrame(rows, columns=["keypoint", "from", "to", "labels"])


def cards_of(ws: Workspace, changes: LabelChanges, rows: list[int]) -> list[ChangeCard]:
    """The cards of some of the changes."""
    dataset = changes.dataset
    images, persons = images_of_changes(ws, changes, rows), persons_of_changes(ws, changes, rows)
    cards = []
    for change in listed(ws, changes, rows):
        image = images[change.image_id]
        size_wh_px = frame_size(ws, dataset, image)
        side_px = NEAR_PX if max(size_wh_px) > SCREEN_PX else SCREEN_PX
        cards.append(
            ChangeCard(
                dataset=dataset.name,
                change=change,
                person=persons[change.annotation_id],
                photo_url=photo_address(ws, dataset, image, max_side_px=side_px),
                size_wh_px=size_wh_px,
                note=photo_note(ws, dataset, image),
            )
        )
    return cards
