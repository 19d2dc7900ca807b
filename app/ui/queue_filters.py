"""The sidebar of Relabel: which people or keypoints to go through, and in which order."""

import streamlit as st

from app.ui.chosen import choice_in_address
from app.workflow.queue import Queue, Unit
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo, RunInfo
from core.data.review import MAIN

_UNITS = {Unit.PEOPLE.value: "People", Unit.KEYPOINTS.value: "Single keypoints"}
_REVIEWED = {"all": None, "open": False, "reviewed": True}
_REVIEWED_WORDS = {"all": "All", "open": "Not reviewed yet", "reviewed": "Reviewed"}


def choose_queue(
    ws: Workspace, dataset: DatasetInfo, run: RunInfo | None, *, annotator: str
) -> Queue:
    """What to go through, by the sidebar; its values are in the address."""
    with st.sidebar:
        unit = choice_in_address(
            "Go through", "unit", list(_UNITS), default="people", words=_UNITS.__getitem__
        )
        reviewed = choice_in_address(
            "Which", "show", list(_REVIEWED), default="all", words=_REVIEWED_WORDS.__getitem__
        )
    return Queue(
        unit=Unit(unit),
        run=run.name if run else None,
        reviewed=_REVIEWED[reviewed],
        label_set=MAIN,
    )
