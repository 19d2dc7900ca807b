"""The verb about training: train."""

from pathlib import Path
from typing import Annotated

import typer

from app.commands.frame import AsJson, counted, frame_of, table
from app.commands.jobs import say_asked
from app.workflow import train as training
from app.workflow.train_settings import Asked

EXAMPLES_SHOWN = 5


def add_to(cli: typer.Typer) -> None:
    """Add the verb to the command line."""
    cli.command(
        "train", epilog="Example: python -m app train tiny/metamodel --data val --out models/mine"
    )(train)


def train(
    ctx: typer.Context,
    recipe: Annotated[
        str | None, typer.Argument(metavar="RECIPE", help="Without one, they are listed.")
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE", help="A dataset with its current labels, or COCO JSON."),
    ] = None,
    images: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The photo folder of a FILE.")
    ] = None,
    sets: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The public sets: a folder with lspet/, coco_photos/."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="The checkpoint folder; one half trained is gone on with."
        ),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL|FILE",
            help="Begin with the weights of this model, or with a public backbone.",
        ),
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Of the first stage.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Of every random number.")] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Of the network; half the cores if not said.")
    ] = None,
    detach: Annotated[
        bool, typer.Option("--detach", help="Hand it to the worker and come back at once.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Train a model by a recipe; the same command goes on with a training that was stopped."""
    frame = frame_of(ctx)
    if recipe is None:
        found = training.list_recipes()
        rows = [(name, entry.what) for name, entry in found]
        frame.say(table(("recipe", "what it trains"), rows), dict(rows), as_json=as_json)
        return
    asked = Asked(
        recipe,
        data,
        str(images) if images else None,
        str(sets) if sets else None,
        start,
        epochs,
        seed,
        threads,
    )
    ws = frame.open()
    if detach:
        job = training.ask_training(ws, asked, out=out)
        say_asked(frame, ws, job, as_json=as_json)
        return
    with frame.working("Training") as (on_progress, cancelled):

        def on_words(fraction: float, words: str) -> None:
            on_progress(fraction)
            frame.rename(f"Training: {words}")

        done = training.train(ws, asked, out=out, on_words=on_words, cancelled=cancelled)
    for remark in done.remarks:
        frame.remark(remark)
    frame.say(_in_words(done), done, as_json=as_json)


def _in_words(done: training.Trained) -> str:
    report = done.report
    lines = [f"{report.name} is trained: {report.folder}"]
    lines += [f"  {report.taken}"] if report.taken else []
    lines += [
        f"  {figure.what}, {figure.measured_on}: {figure.value:.3f} "
        f"[{figure.low:.3f}, {figure.high:.3f}]"
        for figure in report.figures
    ]
    if report.left_out:
        lines.append(f"{counted(len(report.left_out), 'photo')} could not be read:")
        lines += [f"  - {problem}" for problem in report.left_out[:EXAMPLES_SHOWN]]
    lines.append(f"Use it: --model {report.folder}")
    return "\n".join(lines)
