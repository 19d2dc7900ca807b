"""Verbs about jobs and who does them: jobs, worker."""

from typing import Annotated

import typer

from app.commands.frame import AsJson, Frame, frame_of, table
from app.settings import Settings
from app.workflow import jobs
from app.workflow.workspace import Workspace

NO_WORKER = "No worker is running. Start one: python -m app worker, or python -m app serve."
JobId = Annotated[str, typer.Argument(metavar="ID", help="The job, or how its id begins.")]


def add_to(cli: typer.Typer) -> None:
    """Add the verbs to the command line."""
    verbs = typer.Typer(
        help="List the jobs; cancel, resume or forget one.",
        invoke_without_command=True,
        epilog="Example: python -m app jobs cancel 3f2a",
    )
    verbs.callback()(list_all)
    verbs.command("cancel", epilog="Example: python -m app jobs cancel 3f2a")(cancel)
    verbs.command("resume", epilog="Example: python -m app jobs resume 3f2a")(resume)
    verbs.command("forget", epilog="Example: python -m app jobs forget 3f2a")(forget)
    cli.add_typer(verbs, name="jobs")
    cli.command("worker", epilog="Example: HALFSEEN_DEVICE=cuda:1 python -m app worker")(worker)


def list_all(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the jobs, the newest first; `jobs cancel|resume|forget ID` act on one."""
    if ctx.invoked_subcommand is not None:
        return
    frame = frame_of(ctx)
    ws = frame.open()
    found = jobs.recent(ws)
    header = ("id", "state", "done", "took", "what", "said")
    text = table(header, [_row(job) for job in found]) if found else "There are no jobs."
    frame.say(text, found, as_json=as_json)
    if any(job.state is jobs.JobState.WAITING for job in found) and not jobs.living_workers(ws):
        frame.remark(NO_WORKER)


def cancel(ctx: typer.Context, job_id: JobId, as_json: AsJson = False) -> None:
    """Cancel a job; it can be resumed."""
    frame = frame_of(ctx)
    ws = frame.open()
    job = jobs.find_by_start(ws, job_id)
    jobs.cancel(ws, job.id)
    _say(frame, job=jobs.find(ws, job.id), as_json=as_json)


def resume(ctx: typer.Context, job_id: JobId, as_json: AsJson = False) -> None:
    """Have a cancelled or failed job go on from where it was."""
    frame = frame_of(ctx)
    ws = frame.open()
    job = jobs.find_by_start(ws, job_id)
    jobs.resume(ws, job.id)
    _say(frame, job=jobs.find(ws, job.id), as_json=as_json)


def forget(ctx: typer.Context, job_id: JobId, as_json: AsJson = False) -> None:
    """Take a job that has ended from the list, with what it left half made."""
    frame = frame_of(ctx)
    ws = frame.open()
    job = jobs.find_by_start(ws, job_id)
    jobs.forget(ws, job.id)
    frame.say(
        f"Forgot {job.title} ({job.id[: jobs.ID_SHOWN]}).", {"forgot": job.id}, as_json=as_json
    )


def worker(ctx: typer.Context) -> None:
    """Be a worker until Ctrl+C: take jobs and answer the pages' questions to models."""
    # Imported here: the pages and the other verbs need none of it.
    from app.worker import process

    process.run(Settings(), say=frame_of(ctx).say)


def say_asked(frame: Frame, ws: Workspace, job_id: str, *, as_json: bool) -> None:
    """What `--detach` ends with."""
    if not jobs.living_workers(ws):
        frame.remark(f"The job waits. {NO_WORKER}")
    short = job_id[: jobs.ID_SHOWN]
    frame.say(
        f"Asked for as job {short}; `jobs` shows how far it is.", {"job": job_id}, as_json=as_json
    )


def _row(job: jobs.Job) -> tuple[str, ...]:
    said = job.message.partition("\n")[0]
    done = f"{job.fraction:.0%}"
    return job.id[: jobs.ID_SHOWN], job.state, done, jobs.how_long(job), job.title, said


def _say(frame: Frame, *, job: jobs.Job, as_json: bool) -> None:
    words = f"{job.title} ({job.id[: jobs.ID_SHOWN]}) is {job.state}."
    frame.say(words, job, as_json=as_json)
