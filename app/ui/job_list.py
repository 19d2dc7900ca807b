"""All jobs, the newest first: how far, by whom, when, how long, what became of them."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import streamlit as st

from app.ui.errors import shown_errors
from app.ui.job_words import what_it_waits_for
from app.ui.text import count, plain
from app.workflow import jobs
from app.workflow.jobs import Job, JobState
from app.workflow.workspace import Workspace
from core.data.listing import WorkerInfo

POLL_S, QUIET_POLL_S = 1.0, 5.0  # while a job runs, and to see what others ask for
ACTIVE = {JobState.WAITING, JobState.RUNNING}
ICONS = {
    JobState.WAITING: ":material/schedule:",
    JobState.RUNNING: ":material/play_circle:",
    JobState.DONE: ":material/check_circle:",
    JobState.FAILED: ":material/error:",
    JobState.CANCELLED: ":material/cancel:",
}
BAR_PX = 160
Wish = Callable[[Workspace, str], None]


def job_list(ws: Workspace) -> None:
    """Every job with what can be done with it; those that run show how far they are."""
    active = any(job.state in ACTIVE for job in jobs.recent(ws))
    st.fragment(_jobs, run_every=POLL_S if active else QUIET_POLL_S)(ws, active)


def _jobs(ws: Workspace, was_active: bool) -> None:
    with shown_errors():
        found = jobs.recent(ws)
        if any(job.state in ACTIVE for job in found) != was_active:
            st.rerun(scope="app")  # looks more or less often from now on
        if not found:
            st.info(
                "No job has been asked for yet. Imports, predictions and trainings appear here.",
                icon=":material/info:",
            )
        living = jobs.living_workers(ws)
        for job in found:
            _job(ws, job, living)


def _job(ws: Workspace, job: Job, living: list[WorkerInfo]) -> None:
    with st.container(border=True, gap="xsmall", key=f"job_{job.id}"):
        row = st.container(horizontal=True, vertical_alignment="center")
        row.markdown(f"{ICONS[job.state]} **{plain(job.title)}**", width="stretch")
        if job.state in ACTIVE:
            row.progress(job.fraction, text=f"{job.fraction:.0%}", width=BAR_PX)
        for name, wish in _wishes(job).items():
            key = f"{name.lower()}_{job.id}"
            row.button(name, key=key, on_click=_do, args=(wish, ws, job.id))
        st.caption(" · ".join(_facts(job, living)))
        # That there is no worker at all stands above the list.
        if living and (reason := what_it_waits_for(job, living)):
            st.warning(reason, icon=":material/pause_circle:")
        _message(job)


def _wishes(job: Job) -> dict[str, Wish]:
    """What can be done with it now."""
    if job.state in ACTIVE:
        return {"Cancel": jobs.cancel}
    resume: dict[str, Wish] = {"Resume": jobs.resume} if job.can_resume else {}
    return resume | {"Forget": jobs.forget}


def _do(wish: Wish, ws: Workspace, job_id: str) -> None:
    with shown_errors():  # e.g. somebody else has forgotten it
        wish(ws, job_id)


def _facts(job: Job, living: list[WorkerInfo]) -> list[str]:
    zone = ZoneInfo(st.context.timezone or "UTC")
    device = next((worker.device for worker in living if worker.name == job.worker), "")
    return [
        _state(job),
        f"asked for {job.asked_at.astimezone(zone):%Y-%m-%d %H:%M}",
        *(plain(words) for words in (job.worker, device) if words),
        job.id[: jobs.ID_SHOWN],
    ]


def _state(job: Job) -> str:
    if job.started_at is None or job.state is JobState.WAITING:
        return str(job.state)
    word = {JobState.RUNNING: "for", JobState.DONE: "in"}.get(job.state, "after")
    return f"{job.state} {word} {jobs.how_long(job)}"


def _message(job: Job) -> None:
    head, *lines = job.message.splitlines() or [""]
    if head:
        st.markdown(plain(head))
    if lines:
        with st.expander(f"{count(len(lines), 'more line')} of what it said"):
            st.text("\n".join(line.removeprefix("  - ") for line in lines))
