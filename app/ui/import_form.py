"""Bring a dataset in: from a path on the server, from an upload, or the drawn sample set."""

import streamlit as st

from app.ui.errors import shown_errors
from app.ui.tasks import start_task
from app.ui.typed import file_path, folder_path
from app.ui.uploads import kept_upload
from app.workflow.import_dataset import require_free
from app.workflow.names import checked_name
from app.workflow.workspace import Workspace
from core.errors import UserError


def import_form(ws: Workspace) -> None:
    """Three ways in, each a job of the worker."""
    from_path, upload, sample = st.tabs(["Path on the server", "Zip upload", "Drawn sample set"])
    with from_path, shown_errors():
        _from_path(ws)
    with upload, shown_errors():
        _from_upload(ws)
    with sample, shown_errors():
        st.write("60 drawn pictures of people, some with planted label errors, to try things out.")
        if st.button("Add the sample set", key="import_sample"):
            start_task(ws, ["sample"], title="Drawing the sample set")
            st.rerun()


def _from_path(ws: Workspace) -> None:
    with st.form("import_path", border=False):
        name = st.text_input("Name", key="import_name", placeholder="what you want to call it")
        file = st.text_input(
            "COCO keypoint file",
            key="import_file",
            placeholder="/data/annotations/person_keypoints_val2017.json",
            help="A .json or .json.gz that the server can read.",
        )
        photos = st.text_input(
            "Photo folder (optional)",
            key="import_photos",
            placeholder="/data/val2017",
            help="Left empty, it is looked for beside the file. It can be named later, too.",
        )
        if not st.form_submit_button("Import", type="primary", key="import_path_submit"):
            return
    name = _free_name(ws, name)
    path = file_path(file)
    images = ["--images", str(folder_path(photos))] if photos.strip() else []
    start_task(ws, ["import", *images, "--", name, str(path)], title=f"Importing {name}")
    st.rerun()


def _from_upload(ws: Workspace) -> None:
    with st.form("import_upload", border=False):
        name = st.text_input("Name", key="upload_name", placeholder="what you want to call it")
        upload = st.file_uploader(
            "A zip of one COCO keypoint file and its photos, or the file alone",
            type=["zip", "json", "gz"],
            key="upload_file",
        )
        if not st.form_submit_button("Import", type="primary", key="import_upload_submit"):
            return
    name = _free_name(ws, name)
    if upload is None:
        raise UserError("No file was chosen.", remedy="Choose a zip or a JSON file first.")
    start_task(ws, ["import", "--", name, str(kept_upload(ws, upload))], title=f"Importing {name}")
    st.rerun()


def _free_name(ws: Workspace, name: str) -> str:
    """The name as it would be kept; said at once, not after a long import."""
    name = checked_name(name.strip())
    require_free(ws, name)
    return name
