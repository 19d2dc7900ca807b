"""The verb that serves the pages."""

import typer

from app import serve as serving
from app.commands.frame import frame_of


def add_to(cli: typer.Typer) -> None:
    """Add the verb to the command line."""
    cli.command("serve", epilog="Example: PORT=8501 python -m app serve")(serve)


def serve(ctx: typer.Context) -> None:
    """Serve the pages until Ctrl+C; PORT and HALFSEEN_ADDRESS say where."""
    frame = frame_of(ctx)
    ws = frame.open()
    ws.engine.dispose()  # the web process opens its own
    serving.run(ws.settings, say=frame.say)
