"""The command line: `python -m app VERB`. The one place where errors become words and codes."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.commands import (
    database,
    datasets,
    importing,
    jobs,
    labels,
    models,
    predicting,
    serving,
    suspects,
    training,
)
from app.commands.frame import Frame, frame_of
from app.error_log import log_unexpected
from app.supervisor import end_with_supervisor
from app.workflow.task_progress import TaskProgress
from core.errors import Cancelled, UserError

DONE, REFUSED, INTERRUPTED = 0, 1, 130  # wrong usage is 2, said by typer
LONGEST_PATH_SAID = 200
STOPPED = "Stopped; nothing was changed."

cli = typer.Typer(
    name="python -m app",
    help="Halfseen finds, fixes and uses keypoint-visibility labels.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for part in (
    datasets,
    importing,
    suspects,
    labels,
    predicting,
    models,
    training,
    jobs,
    database,
    serving,
):
    part.add_to(cli)


@cli.callback()
def _every_verb(
    ctx: typer.Context,
    progress_file: Annotated[
        Path | None, typer.Option("--progress-file", hidden=True, help="For jobs.")
    ] = None,
) -> None:
    if progress_file is not None:
        frame_of(ctx).task = TaskProgress(progress_file)
        end_with_supervisor()


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; gives the exit code and never lets a traceback through."""
    frame = Frame()
    try:
        return _run(frame, arguments)
    finally:
        frame.close()


def _run(frame: Frame, arguments: list[str] | None) -> int:
    try:
        cli(arguments, obj=frame, prog_name="python -m app", standalone_mode=True)
        code = DONE
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else REFUSED
        if code == INTERRUPTED:  # typer answers Ctrl+C with the code alone
            return _end(frame, "cancelled", STOPPED, code)
    except UserError as error:
        return _end(frame, "failed", str(error), REFUSED)
    except (Cancelled, KeyboardInterrupt) as wish:
        return _end(frame, "cancelled", str(wish) or STOPPED, INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has seen enough; keep Python from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return REFUSED
    except Exception as error:
        return _end(frame, "failed", _unexpected(error), REFUSED)
    if frame.task is not None:
        frame.task.end("done" if code == DONE else "failed", frame.said)
    return code


def _end(frame: Frame, state: str, words: str, code: int) -> int:
    typer.echo(words, err=True)
    if frame.task is not None:
        frame.task.end(state, words)
    return code


def _unexpected(error: Exception) -> str:
    """Words for what no other place has better ones for: a path of 5,000 letters, for one."""
    logged = log_unexpected(str(sys.argv[1:]))
    if not isinstance(error, OSError):
        return logged
    where = f"{str(error.filename)[:LONGEST_PATH_SAID]}: " if error.filename else ""
    reason = error.strerror or str(error)
    return f"{where}The operating system refuses this: {reason}. Check the path and the disk."
