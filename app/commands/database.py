"""Verbs about the data directory: db upgrade, backup."""

from pathlib import Path
from typing import Annotated

import typer

from app.commands.frame import AsJson, counted, frame_of
from app.workflow.backup import backup
from app.workflow.workspace import upgrade_workspace


def add_to(cli: typer.Typer) -> None:
    """Add the verbs to the command line."""
    db = typer.Typer(help="The database.", no_args_is_help=True)
    db.command("upgrade", epilog="Example: python -m app db upgrade")(upgrade)
    cli.add_typer(db, name="db")
    cli.command("backup", epilog="Example: python -m app backup /mnt/halfseen.zip")(back_up)


def upgrade(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Make the database, or bring it to this program's version."""
    frame = frame_of(ctx)
    ws = frame.open(upgrade_workspace)
    where = ws.engine.url.render_as_string(hide_password=True)
    frame.say(f"The database is up to date: {where}", {"database": where}, as_json=as_json)


def back_up(
    ctx: typer.Context,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The .zip to write.")],
    as_json: AsJson = False,
) -> None:
    """Write a zip of the database and the imported files; it unpacks to a data directory."""
    frame = frame_of(ctx)
    ws = frame.open()
    with frame.working("Backing up") as (on_progress, cancelled):
        report = backup(ws, out, on_progress=on_progress, cancelled=cancelled)
    frame.say(
        f"Wrote {report.out}: {counted(report.num_files, 'file')}, "
        f"{report.num_bytes / 1e6:,.1f} MB.",
        report,
        as_json=as_json,
    )
