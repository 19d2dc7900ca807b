"""Verbs that bring files in: check, import, update, sample."""

from pathlib import Path
from typing import Annotated

import typer

from app.commands.frame import AsJson, DatasetName, counted, frame_of
from app.commands.jobs import say_asked
from app.workflow import check as checking
from app.workflow import import_dataset as importing
from app.workflow import jobs, newer_version, sample
from app.workflow.names import checked_name
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo
from core.data.report import CheckReport, RuleCount
from core.errors import UserError

Images = Annotated[
    Path | None,
    typer.Option("--images", metavar="DIR", help="The folder the file names start from."),
]
JsonFile = Annotated[Path, typer.Argument(metavar="FILE", help="COCO keypoint JSON, .gz too.")]
EXAMPLES_SHOWN = 5


def add_to(cli: typer.Typer) -> None:
    """Add the verbs to the command line."""
    cli.command("check", epilog="Example: python -m app check val.json --images val2017")(check)
    cli.command("import", epilog="Example: python -m app import val val.json --images val2017")(
        import_
    )
    cli.command("update", epilog="Example: python -m app update val val_v2.json")(update)
    cli.command("sample", epilog="Example: python -m app sample")(add_sample)


def check(
    ctx: typer.Context, file: JsonFile, images: Images = None, as_json: AsJson = False
) -> None:
    """List every problem of a file; exit 1 if it has errors. Nothing is imported."""
    frame = frame_of(ctx)
    with frame.working(f"Checking {file.name}") as (on_progress, cancelled):
        report = checking.check_file(
            file, images_dir=images, on_progress=on_progress, cancelled=cancelled
        )
    frame.say(_in_words(file, report), report, as_json=as_json)
    if report.errors:
        raise typer.Exit(1)


def import_(
    ctx: typer.Context,
    name: DatasetName,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="COCO keypoint JSON, .json.gz, or a .zip of it.")
    ],
    images: Images = None,
    detach: Annotated[
        bool, typer.Option("--detach", help="Hand it to the worker and come back at once.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Import a COCO keypoint file, or a zip of one and its photos, as dataset NAME."""
    frame = frame_of(ctx)
    is_zip = file.suffix.lower() == ".zip"
    if is_zip and images is not None:
        raise UserError(
            "A zip brings its own photos.",
            where=str(file),
            remedy="Leave --images out, or unpack the zip and import the JSON in it.",
        )
    ws = frame.open()
    if detach:
        say_asked(frame, ws, _ask_import(ws, name, file, images), as_json=as_json)
        return
    with frame.working(f"Importing {file.name}") as (on_progress, cancelled):
        if is_zip:
            dataset = importing.import_zip(
                ws, name, file, on_progress=on_progress, cancelled=cancelled
            )
        else:
            dataset = importing.import_dataset(
                ws, name, file, images_dir=images, on_progress=on_progress, cancelled=cancelled
            )
    frame.say(_imported(dataset, guessed=images is None), dataset, as_json=as_json)


def update(
    ctx: typer.Context,
    name: DatasetName,
    file: JsonFile,
    images: Images = None,
    as_json: AsJson = False,
) -> None:
    """Replace a dataset by a newer version of its file, carrying verdicts over.

    A verdict is carried over where annotation, keypoint name and the label it was about are
    unchanged; the others are listed.
    """
    frame = frame_of(ctx)
    ws = frame.open()
    with frame.working(f"Importing {file.name}") as (on_progress, cancelled):
        report = newer_version.import_newer_version(
            ws, name, file, images_dir=images, on_progress=on_progress, cancelled=cancelled
        )
    lines = [
        f"{name} is the newer version now: "
        f"{counted(report.dataset.num_annotations, 'annotation')}. "
        f"{counted(report.carried, 'verdict')} carried over, "
        f"not carried over: those of {counted(len(report.dropped), 'keypoint')}.",
        *(f"  - {words}" for words in report.dropped[:EXAMPLES_SHOWN]),
    ]
    if report.runs_dropped:
        lines.append(f"Runs are gone: {', '.join(report.runs_dropped)}. Predict again.")
    frame.say("\n".join(lines), report, as_json=as_json)


def add_sample(
    ctx: typer.Context,
    if_none: Annotated[
        bool, typer.Option("--if-none", help="Only if there is no dataset at all.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Draw and import the sample set: 60 pictures, some with planted label errors."""
    frame = frame_of(ctx)
    ws = frame.open()
    with frame.working("Drawing the sample set") as (on_progress, cancelled):
        report = sample.add_sample(
            ws, only_if_empty=if_none, on_progress=on_progress, cancelled=cancelled
        )
    frame.say(report.in_words, report, as_json=as_json)


def _ask_import(ws: Workspace, name: str, file: Path, images: Path | None) -> str:
    """Have a worker import the file; what is wrong at first sight is said at once."""
    importing.require_free(ws, checked_name(name))
    if not file.is_file():
        raise UserError("There is no such file.", where=str(file), remedy="Check the path.")
    # The worker may have been started in another folder.
    folder = ["--images", str(images.absolute())] if images is not None else []
    verb = ["import", *folder, "--", name, str(file.absolute())]
    return jobs.ask_verb(ws, verb, title=f"Importing {name}")


def _imported(dataset: DatasetInfo, *, guessed: bool) -> str:
    lines = [
        f"Imported {dataset.name}: {counted(dataset.num_images, 'image')}, "
        f"{counted(dataset.num_annotations, 'annotation')}."
    ]
    if dataset.images_dir is None:
        lines.append("No photos were found beside it; say with `move-photos` where they are.")
    elif guessed:
        lines.append(f"Photos were found in {dataset.images_dir}.")
    return "\n".join([*lines, *(_rule(remark) for remark in dataset.remarks)])


def _in_words(file: Path, report: CheckReport) -> str:
    if not report.findings:
        return f"{file}: no problems found."
    head = (
        f"{file}: {counted(len(report.errors), 'error')}, {counted(len(report.remarks), 'remark')}."
    )
    every = report.by_rule(examples=len(report.findings))
    return "\n".join([head, *(_rule(rule, examples=rule.count) for rule in every)])


def _rule(rule: RuleCount, *, examples: int = EXAMPLES_SHOWN) -> str:
    more = rule.count - len(rule.examples[:examples])
    lines = [f"{rule.severity}: {rule.rule} ({rule.count:,})"]
    lines += [f"  - {example}" for example in rule.examples[:examples]]
    return "\n".join(lines + ([f"  - and {more:,} more; `check` lists all"] if more else []))
