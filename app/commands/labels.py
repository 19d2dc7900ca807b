"""Verbs about labels: relabel, export."""

from pathlib import Path
from typing import Annotated

import typer

from app.commands.frame import AsJson, DatasetName, annotator_name, counted, frame_of, table
from app.workflow import export as exporting
from app.workflow.changes import CURRENT
from app.workflow.relabel_table import relabel_from_csv


def add_to(cli: typer.Typer) -> None:
    """Add the verbs to the command line."""
    cli.command("relabel", epilog="Example: python -m app relabel val --from verdicts.csv")(relabel)
    cli.command("export", epilog="Example: python -m app export val val_reviewed.json")(export)


def relabel(
    ctx: typer.Context,
    name: DatasetName,
    table_file: Annotated[
        Path,
        typer.Option(
            "--from",
            metavar="CSV",
            help="Columns annotation_id, keypoint, v; also x, y (empty: keep the place), "
            "from_v (refused if the flag is another), annotator, reason.",
        ),
    ],
    annotator: Annotated[
        str | None, typer.Option(help="Who gave the verdicts of rows that do not say.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take a table of verdicts: all of its rows, or none if one of them is wrong."""
    frame = frame_of(ctx)
    ws = frame.open()
    who = annotator_name(ws.settings, annotator)
    report = relabel_from_csv(ws, name, table_file, annotator=who)
    frame.say(
        f"Changed {counted(report.changed, 'label')} of {name}; "
        f"{counted(report.equal, 'row')} asked for what was there already.",
        report,
        as_json=as_json,
    )


def export(
    ctx: typer.Context,
    name: DatasetName,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write, .json or .gz.")],
    labels: Annotated[
        str, typer.Option(metavar="original|current|by:WHO", help="Whose labels.")
    ] = CURRENT,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write every change, as JSON.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a dataset as COCO JSON: the imported bytes with just the reviewed numbers changed.

    What was written is read again from the disk and compared with the imported file.
    """
    frame = frame_of(ctx)
    ws = frame.open()
    with frame.working(f"Exporting {name}") as (on_progress, cancelled):
        written = exporting.export_dataset(
            ws,
            name,
            out,
            labels=labels,
            report=report,
            on_progress=on_progress,
            cancelled=cancelled,
        )
    frame.say(_in_words(written), _for_machines(written), as_json=as_json)


def _in_words(written: exporting.ExportReport) -> str:
    preview = written.preview
    checked = f"Checked: {written.checked}."
    if written.unchanged:
        return f"Wrote {written.out}: the imported file, nothing changed.\n{checked}"
    head = (
        f"Wrote {written.out}: {counted(preview.num_labels, 'label')} of "
        f"{counted(len(preview.annotation_ids), 'person')} changed, "
        f"{preview.num_moved:,} of them moved."
    )
    rows = [(c.keypoint, f"{c.before} -> {c.after}", c.count) for c in preview.changes]
    return f"{head}\n{checked}\n{table(('keypoint', 'flag', 'labels'), rows)}"


def _for_machines(written: exporting.ExportReport) -> dict[str, object]:
    about_the_file = {k: v for k, v in vars(written).items() if k != "preview"}
    return {**vars(written.preview), **about_the_file}
