"""The verb suspects: which labels to look at."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.commands.frame import AsJson, DatasetName, counted, frame_of, plain, table
from app.workflow.queue import Queue
from app.workflow.suspect_table import for_spreadsheets, suspects_csv
from app.workflow.suspects import latest_run_of, suspects_of
from core.data.review import Suspect
from core.data.visibility import Visibility
from core.data.whole_file import write_whole


class Format(StrEnum):
    """How suspects are listed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


_TOP = 100


def add_to(cli: typer.Typer) -> None:
    """Add the verb to the command line."""
    example = "Example: python -m app suspects val --top 200 --out suspects.csv"
    cli.command("suspects", epilog=example)(suspects)


def suspects(
    ctx: typer.Context,
    name: DatasetName,
    run: Annotated[
        str | None, typer.Option(metavar="RUN", help="Whose opinion; the latest unless said.")
    ] = None,
    top: Annotated[int, typer.Option(min=1, metavar="N", help="How many keypoints.")] = _TOP,
    format_: Annotated[
        Format | None,
        typer.Option("--format", help="Unless said by what FILE ends in; else a table."),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the list there.")] = None,
    keypoint: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only keypoints of this name.")
    ] = None,
    given: Annotated[
        int | None, typer.Option(min=0, max=2, help="Only keypoints imported with this flag.")
    ] = None,
    suggested: Annotated[
        int | None, typer.Option(min=0, max=2, help="Only where the run would give this flag.")
    ] = None,
    suspicion: Annotated[
        float,
        typer.Option(min=0, max=1, help="Only keypoints with at least this suspicion, 0 to 1."),
    ] = 0.0,
    reviewed: Annotated[
        bool | None,
        typer.Option("--reviewed/--not-reviewed", help="Only decided, only open ones."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the keypoints whose labels look most wrong; `relabel` takes the edited CSV back."""
    frame = frame_of(ctx)
    ws = frame.open()
    run = run or latest_run_of(ws, name)
    queue = Queue(
        run=run,
        keypoint=keypoint,
        given=_visibility(given),
        suggested=_visibility(suggested),
        suspicion=suspicion,
        reviewed=reviewed,
    )
    found = suspects_of(ws, name, queue, top=top)
    if run is None:
        frame.remark(
            f"No model has been run on {name}: nothing is suspected, and the keypoints come in the "
            "order of the file."
        )
    elif found and all(suspect.suspicion is None for suspect in found):
        frame.remark(f"{run} says nothing of these keypoints: they come in the order of the file.")
    listed = _listed(found, run, Format.JSON if as_json else format_ or _format_of(out))
    if out is None:
        frame.say(listed)
        return
    write_whole(out, for_spreadsheets(listed + "\n"))
    frame.say(f"Wrote {counted(len(found), 'keypoint')} to {out}.")


def _visibility(flag: int | None) -> Visibility | None:
    return None if flag is None else Visibility(flag)


def _format_of(out: Path | None) -> Format:
    """By the ending of the file."""
    ending = "" if out is None else out.suffix.lower().removeprefix(".")
    return Format(ending) if ending in {Format.CSV, Format.JSON} else Format.TABLE


def _listed(found: list[Suspect], run: str | None, format_: Format) -> str:
    if format_ is Format.CSV:
        return suspects_csv(found, run).rstrip("\n")
    if format_ is Format.JSON:
        return json.dumps(plain(found), ensure_ascii=False, indent=2)
    if not found:
        return "No keypoint fits."
    rows = [
        (
            suspect.annotation_id,
            suspect.name,
            int(suspect.given),
            int(suspect.current),
            "-" if suspect.suggested is None else str(int(suspect.suggested)),
            "-" if suspect.suspicion is None else f"{suspect.suspicion:.3f}",
            "yes" if suspect.reviewed else "no",
            suspect.file_name,
        )
        for suspect in found
    ]
    header = (
        "annotation", "keypoint", "given", "now", "suggested", "suspicion", "reviewed", "file",
    )  # fmt: skip
    return table(header, rows)
