"""Export: what would change, and the file with just those numbers changed."""

import streamlit as st

from app.ui.chosen import chosen_dataset
from app.ui.empty import no_dataset_yet
from app.ui.errors import shown_errors
from app.ui.export_preview import changes_browser, export_summary
from app.ui.export_ways import downloads, write_on_server
from app.ui.kept_changes import kept_changes
from app.ui.workspace import the_workspace
from app.workflow.browse import label_sets_of
from app.workflow.changes import BY, CURRENT, ORIGINAL
from app.workflow.datasets import list_datasets
from core.data.review import MAIN

ws = the_workspace()
dataset = chosen_dataset(list_datasets(ws))

st.title("Export")
if dataset is None:
    no_dataset_yet()
    st.stop()

WORDS = {CURRENT: "as they are now", ORIGINAL: "as imported"}
annotators = [f"{BY}{who}" for who in label_sets_of(ws, dataset.name) if who != MAIN]
labels = st.selectbox(
    "Labels",
    [CURRENT, ORIGINAL, *annotators],
    format_func=lambda labels: WORDS.get(labels, f"of {labels.removeprefix(BY)} alone"),
    key="export_labels",
    width=360,
)
changes = kept_changes(ws, dataset, labels)
preview = changes.preview()
export_summary(preview)
with shown_errors():
    downloads(ws, dataset, labels)
    write_on_server(ws, dataset, labels)
changes_browser(ws, changes, preview)
