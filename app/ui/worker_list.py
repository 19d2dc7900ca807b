"""The living workers and what they compute on."""

import streamlit as st

from app.ui.errors import shown_errors
from app.ui.job_words import START_ONE
from app.ui.text import plain
from app.workflow.jobs import living_workers
from app.workflow.workspace import Workspace

POLL_S = 5.0


def worker_list(ws: Workspace) -> None:
    """One line for each living worker; how to start one where there is none."""
    st.fragment(_workers, run_every=POLL_S)(ws)


def _workers(ws: Workspace) -> None:
    with shown_errors():
        found = living_workers(ws)
        if not found:
            st.warning(f"No worker is running. {START_ONE}", icon=":material/pause_circle:")
        for worker in found:
            device = worker.device or "not known yet, it has just started"
            st.markdown(f":material/memory: {plain(worker.name)} · {plain(device)}")
