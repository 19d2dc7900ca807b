"""Getting an export out: as a download, or written to a path on the server."""

from pathlib import Path

import streamlit as st

from app.ui.text import count, plain
from app.ui.typed import new_file_path
from app.workflow.export import export_bytes, export_dataset, export_report
from app.workflow.sources import require_source
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo


def downloads(ws: Workspace, dataset: DatasetInfo, labels: str) -> None:
    """Buttons for the file itself and for the report of what it changes.

    Raises:
        UserError: the imported file is gone, so that there is nothing to download.
    """
    require_source(ws, dataset)
    row = st.container(horizontal=True)
    # Made when clicked, so that opening the page does not patch a file of 50 MB.
    row.download_button(
        "Download the COCO file",
        lambda: export_bytes(ws, dataset.name, labels=labels)[0],
        file_name=export_name(dataset),
        mime="application/json",
        icon=":material/download:",
        type="primary",
        on_click="ignore",
        key="export_download",
    )
    row.download_button(
        "Download the report",
        lambda: export_report(ws, dataset.name, export_name(dataset), labels=labels),
        file_name=f"{Path(export_name(dataset)).stem}.report.json",
        mime="application/json",
        icon=":material/description:",
        on_click="ignore",
        key="export_report",
    )


def write_on_server(ws: Workspace, dataset: DatasetInfo, labels: str) -> None:
    """A form that writes the export to a path the server can reach."""
    with (
        st.form("export_form", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        typed = st.text_input(
            "Or write it to a path on the server",
            key="export_path",
            placeholder=f"/data/{export_name(dataset)}",
            help="Ends in .gz: written compressed. A file that is there is replaced whole.",
        )
        if not st.form_submit_button("Write", key="export_write"):
            return
    with st.spinner("Writing and reading again to compare"):
        written = export_dataset(ws, dataset.name, new_file_path(typed), labels=labels)
    st.success(
        plain(f"Wrote {count(written.num_bytes, 'byte')} to {written.out}; {written.checked}.")
    )


def export_name(dataset: DatasetInfo) -> str:
    """The imported file's own name, decompressed; only characters every system takes."""
    name = Path(dataset.source_name).name.removesuffix(".gz")
    safe = "".join(c if c.isalnum() or c in "._- " else "_" for c in name).strip(". ")
    return safe if safe.endswith(".json") else f"{safe or 'export'}.json"
