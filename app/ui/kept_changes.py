"""What an export changes, kept from one run of a page to the next."""

from dataclasses import replace

import streamlit as st

from app.workflow.changes import LabelChanges, changes_version, find_changes
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo


def kept_changes(ws: Workspace, dataset: DatasetInfo, labels: str) -> LabelChanges:
    """As `find_changes`, read again only after somebody decided.

    Raises:
        UserError: as `find_changes`.
    """
    version = changes_version(ws, dataset, labels)
    address = str(ws.engine.url)
    kept = _found(ws, dataset, address, dataset.id, labels, version)
    # Its name or its photo folder may have changed.
    return replace(kept, dataset=dataset)


@st.cache_resource(max_entries=4, show_spinner="Reading what was changed")
def _found(
    _ws: Workspace,
    _dataset: DatasetInfo,
    address: str,
    dataset_id: int,
    labels: str,
    version: tuple[int, int],
) -> LabelChanges:
    return find_changes(_ws, _dataset, labels)
