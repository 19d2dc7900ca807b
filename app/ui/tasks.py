"""Background work as pages show it: a bar that survives a reload, a way to cancel, the outcome."""

from collections.abc import Callable, Collection

import streamlit as st

from app.ui.errors import show_problems
from app.ui.text import plain
from app.workflow import background
from app.workflow.background import TaskState, TaskStatus
from app.workflow.workspace import Workspace

POLL_S = 0.5
_WATCHED = "watched_tasks"  # ids this session has seen running and not dismissed yet


def start_task(ws: Workspace, verb: list[str], *, title: str) -> None:
    """Run a verb of the command line in a process of its own and watch it."""
    task = background.start(ws, verb, title=title)
    _watched().add(task)


def show_tasks(
    ws: Workspace, verbs: Collection[str], *, on_done: Callable[[str], None] | None = None
) -> None:
    """Running tasks of these verbs, and those of this session that have just ended.

    Args:
        on_done: called once with the verb when one of them has ended well.
    """
    tasks = [task for task in background.recent(ws) if verb_of(task) in verbs]
    running = {task.id for task in tasks if task.state is TaskState.RUNNING}
    _watched().update(running)
    for task in tasks:
        if task.id in _watched() and task.id not in running:
            _show_ended(task)
    if running:
        st.fragment(_poll, run_every=POLL_S)(ws, running, on_done)


def verb_of(task: TaskStatus) -> str:
    """`import` of `import NAME FILE`."""
    return task.verb.split(maxsplit=1)[0]


def _poll(ws: Workspace, running: set[str], on_done: Callable[[str], None] | None) -> None:
    """Redraw the bars; the whole page once one of the tasks has ended."""
    tasks = [background.status(ws, task_id) for task_id in sorted(running)]
    for task in tasks:
        if task.state is TaskState.DONE and on_done is not None:
            on_done(verb_of(task))
    if any(task.state is not TaskState.RUNNING for task in tasks):
        st.rerun(scope="app")
    for task in tasks:
        row = st.container(horizontal=True, wrap=False, vertical_alignment="center")
        row.progress(task.fraction, text=f"{plain(task.title)} … {task.fraction:.0%}")
        if row.button("Cancel", key=f"cancel_{task.id}"):
            background.cancel(ws, task.id)


def _show_ended(task: TaskStatus) -> None:
    row = st.container(horizontal=True, wrap=False)
    with row.container():
        _show_outcome(task)
    row.button("Dismiss", key=f"dismiss_{task.id}", on_click=_watched().discard, args=(task.id,))


def _show_outcome(task: TaskStatus) -> None:
    head, *lines = task.message.splitlines() or [f"{task.title}: done."]
    if task.state is TaskState.FAILED:
        show_problems(head, tuple(line.removeprefix("  - ") for line in lines))
    elif task.state is TaskState.CANCELLED:
        st.info(f"{plain(task.title)}: cancelled, nothing was changed.")
    else:
        st.success(plain(head))
        if lines:
            with st.expander("More of what it said"):
                st.text("\n".join(lines))


def _watched() -> set[str]:
    watched: set[str] = st.session_state.setdefault(_WATCHED, set())
    return watched
