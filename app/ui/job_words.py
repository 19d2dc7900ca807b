"""Jobs in words: how one stands, what became of it."""

from collections.abc import Collection

import streamlit as st

from app.ui.errors import show_problems
from app.ui.text import plain
from app.workflow.jobs import Job, JobState
from core.data.listing import WorkerInfo

START_ONE = "Start one with `python -m app worker`, or everything with `python -m app serve`."
NO_WORKER = f"Waiting: no worker is running. {START_ONE}"
SILENT = "Its worker is silent; another one takes over within a minute."


def how_it_stands(job: Job) -> str:
    """What the bar of a job that has not ended says."""
    if job.state is JobState.WAITING:
        return f"{plain(job.title)} … waiting"
    return f"{plain(job.title)} … {job.fraction:.0%}"


def what_it_waits_for(job: Job, living: Collection[WorkerInfo]) -> str:
    """Why a job does not get on, where the reason is that its worker is not there; else empty."""
    names = {worker.name for worker in living}
    if job.state is JobState.RUNNING and job.worker not in names:
        return SILENT if names else NO_WORKER
    return NO_WORKER if job.state is JobState.WAITING and not names else ""


def show_outcome(job: Job) -> None:
    """What became of a job that has ended, with every problem."""
    head, *lines = job.message.splitlines() or [f"{job.title}: done."]
    if job.state is JobState.FAILED:
        show_problems(head, tuple(line.removeprefix("  - ") for line in lines))
    elif job.state is JobState.CANCELLED:
        st.info(f"{plain(job.title)}: cancelled.")
    else:
        st.success(plain(head))
        if lines:
            with st.expander("More of what it said"):
                st.text("\n".join(lines))
