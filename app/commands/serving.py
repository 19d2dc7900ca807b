"""The verb that serves the pages."""

from typing import Annotated

import typer

from app import serve as serving
from app.commands.frame import Frame, frame_of
from app.workflow import sample
from app.workflow.claims import sweep
from app.workflow.datasets import list_datasets
from app.workflow.workspace import upgrade_workspace


def add_to(cli: typer.Typer) -> None:
    """Add the verb to the command line."""
    cli.command("serve", epilog="Example: PORT=9000 python -m app serve")(serve)


def serve(
    ctx: typer.Context,
    prepare: Annotated[
        bool,
        typer.Option(
            "--prepare",
            help="First bring the database up to date and, if there is no dataset at all, "
            "import the sample set.",
        ),
    ] = False,
) -> None:
    """Serve the pages until Ctrl+C; PORT and HALFSEEN_ADDRESS say where."""
    frame = frame_of(ctx)
    if prepare:
        _prepare(frame)
    ws = frame.open()
    ws.engine.dispose()  # the web process opens its own
    serving.run(ws.settings, say=frame.say)


def _prepare(frame: Frame) -> None:
    ws = upgrade_workspace()
    sweep(ws)
    if list_datasets(ws):
        return
    with frame.working("Drawing the sample set") as (on_progress, cancelled):
        report = sample.add_sample(
            ws, only_if_empty=True, on_progress=on_progress, cancelled=cancelled
        )
    frame.say(report.in_words)
