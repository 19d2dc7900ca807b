"""Rename a dataset, move its photos, bring a newer version of its file, delete it."""

import streamlit as st

from app.ui.chosen import DATASET, choose
from app.ui.errors import shown_errors
from app.ui.frame import side_by_side
from app.ui.tasks import start_task
from app.ui.text import plain
from app.ui.typed import file_path, folder_path
from app.workflow.datasets import move_photos, rename_dataset
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo


def manage_dataset(ws: Workspace, dataset: DatasetInfo) -> None:
    """Four small forms; each says itself what went wrong."""
    left, right = side_by_side("manage", (1, 1))
    with left, shown_errors():
        _rename(ws, dataset)
    with left, shown_errors():
        _move_photos(ws, dataset)
    with right, shown_errors():
        _newer_version(ws, dataset)
    with right, shown_errors():
        _delete(ws, dataset)


def _rename(ws: Workspace, dataset: DatasetInfo) -> None:
    with st.form(f"rename_{dataset.id}", border=False):
        name = st.text_input("Name", value=dataset.name, key=f"rename_to_{dataset.id}")
        if not st.form_submit_button("Rename", key="rename_submit"):
            return
    choose(DATASET, rename_dataset(ws, dataset.name, name.strip()).name)
    st.rerun()


def _move_photos(ws: Workspace, dataset: DatasetInfo) -> None:
    with st.form(f"photos_{dataset.id}", border=False):
        folder = st.text_input(
            "Photo folder",
            value=str(dataset.images_dir or ""),
            key=f"photos_to_{dataset.id}",
            help="The file names of the JSON start from here.",
        )
        if not st.form_submit_button("Use this folder", key="photos_submit"):
            return
    move_photos(ws, dataset.name, folder_path(folder))
    st.rerun()


def _newer_version(ws: Workspace, dataset: DatasetInfo) -> None:
    with st.form(f"newer_{dataset.id}", border=False):
        file = st.text_input(
            "A newer version of the same file",
            key=f"newer_file_{dataset.id}",
            placeholder="path on the server",
            help="Changes made here are carried over where the newer file says what the old one "
            "said; the others are listed.",
        )
        if not st.form_submit_button("Take the newer version", key="newer_submit"):
            return
    verb = ["update", "--", dataset.name, str(file_path(file))]
    start_task(ws, verb, title=f"Newer version of {dataset.name}")
    st.rerun()


def _delete(ws: Workspace, dataset: DatasetInfo) -> None:
    with st.form(f"delete_{dataset.id}", border=False):
        typed = st.text_input(
            "Delete the dataset with every change made to it: type its name",
            key=f"delete_typed_{dataset.id}",
            placeholder=dataset.name,
        )
        if not st.form_submit_button("Delete", key="delete_submit"):
            return
    if typed.strip() != dataset.name:
        st.warning(f"Nothing was deleted: type {plain(dataset.name)} to delete it.")
        return
    start_task(ws, ["delete", "--yes", "--", dataset.name], title=f"Deleting {dataset.name}")
    st.rerun()
