"""What an export would change, as a page shows it."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.ui.flags import WORDS
from app.ui.frame import side_by_side
from app.ui.text import count
from app.workflow.changes import ListedChange
from app.workflow.export import ExportPreview
from core.data.review import Label
from core.data.visibility import Visibility


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
    st.write(f"{changed} of {persons} differ from the imported file{moved}. Nothing else does.")


def export_tables(preview: ExportPreview, changes: Sequence[ListedChange]) -> None:
    """Counts by keypoint, and every single change."""
    if not changes:
        return
    left, right = side_by_side("export", (2, 3))
    with left:
        st.caption("By keypoint")
        st.dataframe(counts_table(preview), hide_index=True, key="export_counts")
    with right:
        st.caption("Every change")
        st.dataframe(
            changes_table(changes),
            hide_index=True,
            column_config={
                "annotation": st.column_config.NumberColumn(format="%d"),
                "when": st.column_config.DatetimeColumn(
                    format="YYYY-MM-DD HH:mm", timezone=st.context.timezone
                ),
            },
            key="export_changes",
        )


def counts_table(preview: ExportPreview) -> pd.DataFrame:
    """How many labels of each keypoint went from which flag to which."""
    rows = [
        {
            "keypoint": change.keypoint,
            "from": flag_words(change.before),
            "to": flag_words(change.after),
            "labels": change.count,
        }
        for change in preview.changes
    ]
    return pd.DataFrame(rows, columns=["keypoint", "from", "to", "labels"])


def changes_table(changes: Sequence[ListedChange]) -> pd.DataFrame:
    """One row per changed keypoint."""
    rows = [
        {
            "annotation": change.annotation_id,
            "keypoint": change.keypoint,
            "from": _label_words(change.before),
            "to": _label_words(change.after),
            "who": change.annotator,
            "when": change.at,
        }
        for change in changes
    ]
    return pd.DataFrame(rows, columns=["annotation", "keypoint", "from", "to", "who", "when"])


def flag_words(flag: int) -> str:
    """`2 visible`."""
    return f"{flag} {WORDS[Visibility(flag)]}"


def _label_words(label: Label) -> str:
    place = f" ({label.x_image_px:g}, {label.y_image_px:g})" if label.visibility else ""
    return f"{flag_words(label.visibility)}{place}"
