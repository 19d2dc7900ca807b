"""Datasets: what was imported, what the checks say of it, and bringing more in."""

import streamlit as st

from app.ui.chosen import DATASET, choose_newest, chosen_dataset
from app.ui.class_shares import class_shares_panel
from app.ui.dataset_table import dataset_facts, dataset_table, remarks_list
from app.ui.import_form import import_form
from app.ui.manage_dataset import manage_dataset
from app.ui.tasks import show_tasks
from app.ui.text import plain
from app.ui.workspace import the_workspace
from app.workflow.datasets import class_shares, list_datasets

ws = the_workspace()
datasets = list_datasets(ws)
dataset = chosen_dataset(datasets)

st.title("Datasets")
show_tasks(ws, {"import", "sample"}, on_done=lambda _: choose_newest(DATASET))
show_tasks(ws, {"update", "delete"})
if not datasets:
    st.info(
        "There is no dataset yet. Import a COCO keypoint file of your own, or add the drawn "
        "sample set to try things out.",
        icon=":material/waving_hand:",
    )
else:
    dataset_table(datasets)
with st.expander("Import a dataset", expanded=not datasets, icon=":material/add:"):
    import_form(ws)

if dataset is not None:
    st.subheader(plain(dataset.name))
    dataset_facts(dataset)
    keypoints, checks, manage = st.tabs(["Keypoints", "Checks", "Manage"])
    with keypoints:
        class_shares_panel(class_shares(ws, dataset.name), dataset.categories)
    with checks:
        remarks_list(dataset)
    with manage:
        manage_dataset(ws, dataset)
