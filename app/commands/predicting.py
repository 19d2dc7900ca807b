"""Verbs about models: predict, predict-photo, runs, models."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.commands.frame import AsJson, DatasetName, counted, frame_of, table
from app.commands.jobs import say_asked
from app.workflow import browse, jobs, photo_files
from app.workflow import predict as predicting
from app.workflow.models import DEFAULT_MODEL, ModelOnDisk, models_on_disk
from app.workflow.photo_files import PredictedFiles
from app.workflow.prediction_report import in_words
from core.data.boxes import BoxXywh
from core.errors import UserError

ModelName = Annotated[str, typer.Option(help="A name that `models` lists, or a folder.")]


def add_to(cli: typer.Typer) -> None:
    """Add the verbs to the command line."""
    cli.command("predict", epilog="Example: python -m app predict val --model metamodel_tiny")(
        predict
    )
    cli.command(
        "predict-photo", epilog="Example: python -m app predict-photo ski.jpg --box 120,40,200,380"
    )(predict_photo)
    cli.command("runs", epilog="Example: python -m app runs val")(runs)
    cli.command("models", epilog="Example: python -m app models")(models)


def predict(
    ctx: typer.Context,
    name: DatasetName,
    model: ModelName,
    run_name: Annotated[
        str | None, typer.Option("--as", metavar="RUN", help="How to call the run.")
    ] = None,
    boxes: Annotated[
        str, typer.Option(metavar="annotated", help="Whose boxes persons are cut out by.")
    ] = predicting.ANNOTATED,
    detach: Annotated[
        bool, typer.Option("--detach", help="Hand it to the worker and come back at once.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run a model on every person of a dataset."""
    _require_annotated(boxes)
    frame = frame_of(ctx)
    ws = frame.open()
    if detach:
        job = jobs.ask_predict(ws, name, model=model, run_name=run_name)
        say_asked(frame, ws, job, as_json=as_json)
        return
    with frame.working(f"Predicting {name}") as (on_progress, cancelled):
        report = predicting.predict_dataset(
            ws, name, model=model, run_name=run_name, on_progress=on_progress, cancelled=cancelled
        )
    frame.say(in_words(name, report), report, as_json=as_json)


def predict_photo(
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="JPEG, PNG, WebP or BMP.")],
    model: ModelName = DEFAULT_MODEL,
    box: Annotated[
        list[str] | None,
        typer.Option(
            metavar="X,Y,W,H", help="A person, in pixels; may be repeated. Else the whole picture."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write COCO results (.json) or .csv.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run a model on photos of your own."""
    boxes = [_box(text) for text in box or ()]
    if out is not None:
        photo_files.require_ending(out)
    frame = frame_of(ctx)
    ws = frame.open()
    with frame.working(f"Predicting {counted(len(files), 'photo')}") as (on_progress, cancelled):
        found = photo_files.predict_files(
            ws,
            files,
            model=model,
            boxes_xywh_px=boxes,
            on_progress=on_progress,
            cancelled=cancelled,
        )
    if out is not None:
        photo_files.write_predictions(found, out)
        frame.remark(f"Wrote {out}.")
    frame.say(_photos_in_words(found), photo_files.coco_results(found), as_json=as_json)


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
    """List the models one can predict with, where their weights are and what they know."""
    frame = frame_of(ctx)
    found = models_on_disk(frame.open())
    text = "\n\n".join(_model_in_words(model) for model in found)
    frame.say(text if found else "There are no models yet.", found, as_json=as_json)


def _require_annotated(boxes: str) -> None:
    if boxes == "detected":
        raise UserError(
            "Nobody is detected yet; persons are cut out by the boxes of their annotations.",
            remedy="Leave --boxes out.",
        )
    if boxes != predicting.ANNOTATED:
        raise UserError(f"There is no kind of boxes {boxes!r}.", remedy="Known: annotated.")


def _box(text: str) -> BoxXywh:
    try:
        x, y, width, height = (float(number) for number in text.split(","))
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not X,Y,W,H in pixels.") from error
    return x, y, width, height


def _photos_in_words(found: PredictedFiles) -> str:
    said = [f"Model {found.model}."]
    for photo in found.photos:
        said.append(f"{photo.file}, {photo.size_wh_px[0]} x {photo.size_wh_px[1]} pixels:")
        one = PredictedFiles(found.model, found.skeleton, (photo,))
        said.append(table(photo_files.COLUMNS[1:], [_cells(row) for row in photo_files.rows(one)]))
    return "\n".join(said)


def _cells(row: tuple[Any, ...]) -> tuple[object, ...]:
    _, person, keypoint, x, y, *shares = row
    return (
        person,
        keypoint,
        f"{x:8.1f}",
        f"{y:8.1f}",
        *("-" if p is None else f"{p:.2f}" for p in shares),
    )


def _model_in_words(model: ModelOnDisk) -> str:
    card = model.card
    whose = "shipped with the program" if model.is_shipped else "of this data directory"
    size = f"{model.size_bytes / 1e6:.1f} MB" if model.size_bytes else "missing"
    lines = [
        card.name,
        f"  what      {card.what}",
        f"  weights   {size}, {whose}: {card.folder}",
    ]
    if card.keypoint_names:  # else its description could not be read
        lines += [
            f"  network   {card.num_parameters:,} parameters, "
            f"looks at {card.input_size_wh_px[0]} x {card.input_size_wh_px[1]} pixels",
            f"  predicts  place and visibility of {len(card.keypoint_names)} keypoints: "
            f"{', '.join(card.keypoint_names)}",
            f"  trained   {card.trained_on}",
            f"  licence   {card.licence}",
        ]
    if not card.present:
        lines.append("  cannot be used as it is")
    return "\n".join(lines)
