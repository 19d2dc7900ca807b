"""Verbs about models: predict, runs, models."""

from typing import Annotated

import typer

from app.commands.frame import AsJson, DatasetName, frame_of, table
from app.workflow import browse
from app.workflow import predict as predicting
from app.workflow.models import list_models
from app.workflow.prediction_report import in_words


def add_to(cli: typer.Typer) -> None:
    """Add the verbs to the command line."""
    cli.command("predict", epilog="Example: python -m app predict val --model metamodel_tiny")(
        predict
    )
    cli.command("runs", epilog="Example: python -m app runs val")(runs)
    cli.command("models", epilog="Example: python -m app models")(models)


def predict(
    ctx: typer.Context,
    name: DatasetName,
    model: Annotated[str, typer.Option(help="A name that `models` lists, or a folder.")],
    run_name: Annotated[
        str | None, typer.Option("--as", metavar="RUN", help="How to call the run.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run a model on every person of a dataset."""
    frame = frame_of(ctx)
    ws = frame.open()
    with frame.working(f"Predicting {name}") as (on_progress, cancelled):
        report = predicting.predict_dataset(
            ws, name, model=model, run_name=run_name, on_progress=on_progress, cancelled=cancelled
        )
    frame.say(in_words(name, report), report, as_json=as_json)


def runs(ctx: typer.Context, name: DatasetName, as_json: AsJson = False) -> None:
    """List the runs of a dataset, the latest first."""
    frame = frame_of(ctx)
    found = browse.runs_of(frame.open(), name)
    rows = [
        (run.name, run.model, run.num_predictions, f"{run.created_at:%Y-%m-%d %H:%M}")
        for run in found
    ]
    text = table(("name", "model", "persons", "made (UTC)"), rows)
    empty = f"No model has been run on {name} yet; `predict` does."
    frame.say(text if found else empty, found, as_json=as_json)


def models(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the models one can predict with."""
    frame = frame_of(ctx)
    found = list_models(frame.open())
    rows = [(card.name, card.num_parameters, card.what) for card in found]
    text = table(("name", "parameters", "what it is"), rows)
    frame.say(text if found else "There are no models yet.", found, as_json=as_json)
