"""Verbs about imported datasets: datasets, delete, rename, move-photos."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.commands.frame import AsJson, DatasetName, counted, frame_of, table
from app.workflow import datasets
from core.errors import UserError


def add_to(cli: typer.Typer) -> None:
    """Add the verbs to the command line."""
    cli.command("datasets", epilog="Example: python -m app datasets")(list_all)
    cli.command("delete", epilog="Example: python -m app delete val --yes")(delete)
    cli.command("rename", epilog="Example: python -m app rename val coco-val")(rename)
    cli.command("move-photos", epilog="Example: python -m app move-photos val /data/val2017")(
        move_photos
    )


def list_all(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the datasets."""
    frame = frame_of(ctx)
    found = datasets.list_datasets(frame.open())
    rows = [(d.name, d.num_images, d.num_annotations, d.images_dir or "-") for d in found]
    text = table(("name", "images", "annotations", "photos"), rows)
    frame.say(text if found else "No dataset has been imported yet.", found, as_json=as_json)


def delete(
    ctx: typer.Context,
    name: DatasetName,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete a dataset with its verdicts and runs; photos in folders of your own stay."""
    frame = frame_of(ctx)
    ws = frame.open()
    dataset = datasets.find_dataset(ws, name)
    if not yes and not sys.stdin.isatty():
        raise UserError("Nobody is there to ask; nothing was deleted.", remedy="Add --yes.")
    if not yes and not typer.confirm(
        f"Delete {name} with {counted(dataset.num_annotations, 'annotation')} and every verdict?",
        err=True,
    ):
        raise UserError("Nothing was deleted.")
    with frame.working(f"Deleting {name}") as (on_progress, _):
        datasets.delete_dataset(ws, name, on_progress=on_progress)
    frame.say(f"Deleted {name}.", {"deleted": name}, as_json=as_json)


def rename(
    ctx: typer.Context,
    name: DatasetName,
    new_name: Annotated[str, typer.Argument(metavar="NEW_NAME", help="What to call it.")],
    as_json: AsJson = False,
) -> None:
    """Give a dataset another name."""
    frame = frame_of(ctx)
    dataset = datasets.rename_dataset(frame.open(), name, new_name)
    frame.say(f"{name} is called {dataset.name} now.", dataset, as_json=as_json)


def move_photos(
    ctx: typer.Context,
    name: DatasetName,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the photos are now.")],
    as_json: AsJson = False,
) -> None:
    """Say that the photos of a dataset are in another folder now; no file is moved."""
    frame = frame_of(ctx)
    dataset = datasets.move_photos(frame.open(), name, folder)
    frame.say(f"The photos of {name} are in {dataset.images_dir} now.", dataset, as_json=as_json)
