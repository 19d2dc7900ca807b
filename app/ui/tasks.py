"""Jobs as the pages that asked for them show them: a bar that survives a reload, the outcome."""

from collections.abc import Callable, Collection

import streamlit as st

from app.ui.errors import shown_errors
from app.ui.job_words import how_it_stands, show_outcome, what_it_waits_for
from app.workflow import jobs
from app.workflow.jobs import Job, JobState
from app.workflow.workspace import Workspace

POLL_S = 0.5
ENDED = {JobState.DONE, JobState.FAILED, JobState.CANCELLED}
_WATCHED = "watched_jobs"  # ids this session has seen running and not dismissed yet


def start_task(ws: Workspace, verb: list[str], *, title: str) -> None:
    """Have a worker run a verb of the command line, and watch it."""
    watch(jobs.ask_verb(ws, verb, title=title))


def watch(job_id: str) -> None:
    """Show this job until it is dismissed, also when it has ended."""
    _watched().add(job_id)


def show_tasks(
    ws: Workspace, verbs: Collection[str], *, on_done: Callable[[str], None] | None = None
) -> None:
    """Jobs of these verbs that have not ended, and those of this session that just have.

    Args:
        on_done: called once with the verb when one of them has ended well.
    """
    with shown_errors():  # without the job store the rest of the page still works
        shown = [job for job in jobs.recent(ws) if job.verb in verbs]
        running = {job.id for job in shown if job.state not in ENDED}
        _watched().update(running)
        for job in shown:
            if job.id in _watched() and job.id not in running:
                _show_ended(ws, job)
        if running:
            st.fragment(_poll, run_every=POLL_S)(ws, running, on_done)


def _poll(ws: Workspace, running: set[str], on_done: Callable[[str], None] | None) -> None:
    """Redraw the bars; the whole page once one of the jobs has ended."""
    with shown_errors():
        shown = [job for job in jobs.recent(ws) if job.id in running]
        for job in shown:
            if job.state is JobState.DONE and on_done is not None:
                on_done(job.verb)
        # One that is not there any more was forgotten elsewhere.
        if len(shown) < len(running) or any(job.state in ENDED for job in shown):
            st.rerun(scope="app")
        living = jobs.living_workers(ws)
        for job in shown:
            row = st.container(horizontal=True, wrap=False, vertical_alignment="center")
            row.progress(job.fraction, text=how_it_stands(job))
            if row.button("Cancel", key=f"cancel_{job.id}"):
                jobs.cancel(ws, job.id)
            if reason := what_it_waits_for(job, living):
                st.warning(reason, icon=":material/pause_circle:")


def _show_ended(ws: Workspace, job: Job) -> None:
    row = st.container(horizontal=True, wrap=False)
    with row.container():
        show_outcome(job)
    if job.can_resume:
        row.button("Resume", key=f"resume_{job.id}", on_click=_resume, args=(ws, job.id))
    row.button("Dismiss", key=f"dismiss_{job.id}", on_click=_watched().discard, args=(job.id,))


def _resume(ws: Workspace, job_id: str) -> None:
    with shown_errors():  # e.g. somebody else has resumed it
        jobs.resume(ws, job_id)


def _watched() -> set[str]:
    watched: set[str] = st.session_state.setdefault(_WATCHED, set())
    return watched
