"""Verbs that predict: predict, predict-photo, runs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from app.commands.frame import AsJson, DatasetName, counted, frame_of, table
from app.commands.jobs import say_asked
from app.workflow import browse, jobs, photo_files, photo_results
from app.workflow import predict as predicting
from app.workflow.finders import NO_FINDER, FindPeople, usual_finder
from app.workflow.lookout import MIN_SCORE
from app.workflow.models import DEFAULT_MODEL
from app.workflow.photo_results import PredictedFiles
from app.workflow.prediction_report import in_words
from app.workflow.workspace import Workspace
from core.data.boxes import BoxXywh
from core.data.prediction import Prediction
from core.errors import UserError

Detector = Annotated[
    str | None,
    typer.Option(metavar="D", help="What finds people: a detector or HybridPose, by name."),
]
MinScore = Annotated[
    float | None,
    typer.Option(
        min=0, max=1, help=f"Leave out people found with less; {MIN_SCORE:g} if not said."
    ),
]
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


def predict(
    ctx: typer.Context,
    name: DatasetName,
    model: ModelName,
    run_name: Annotated[
        str | None, typer.Option("--as", metavar="RUN", help="How to call the run.")
    ] = None,
    boxes: Annotated[
        str,
        typer.Option(metavar="annotated|detected", help="Everybody annotated, or everybody found."),
    ] = predicting.ANNOTATED,
    detector: Detector = None,
    min_score: MinScore = None,
    detach: Annotated[
        bool, typer.Option("--detach", help="Hand it to the worker and come back at once.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run a model on every person of a dataset."""
    find = _wish(boxes, detector, min_score)
    frame = frame_of(ctx)
    ws = frame.open()
    if detach:
        job = jobs.ask_predict(ws, name, model=model, run_name=run_name, find=find)
        say_asked(frame, ws, job, as_json=as_json)
        return
    with frame.working(f"Predicting {name}") as (on_progress, cancelled):
        report = predicting.predict_dataset(
            ws,
            name,
            model=model,
            run_name=run_name,
            find=find,
            on_progress=on_progress,
            cancelled=cancelled,
        )
    frame.say(in_words(name, report), report, as_json=as_json)


def predict_photo(
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="JPEG, PNG, WebP or BMP.")],
    model: ModelName = DEFAULT_MODEL,
    box: Annotated[
        list[str] | None,
        typer.Option(
            metavar="X,Y,W,H", help="A person, in pixels; may be repeated. Else all are found."
        ),
    ] = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="Take each whole picture for one person.")
    ] = False,
    detector: Detector = None,
    min_score: MinScore = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write COCO results (.json) or .csv.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run a model on photos of your own."""
    boxes = [_box(text) for text in box or ()]
    if out is not None:
        photo_results.require_ending(out)
    frame = frame_of(ctx)
    ws = frame.open()
    find = None if boxes or whole else _usual_wish(ws, model, detector, min_score)
    if find is None and (detector is not None or min_score is not None):
        raise UserError(
            "Nobody is looked for: it is said where they are.",
            remedy="Leave --detector and --min-score out, or --box and --whole.",
        )
    if find is None and not boxes and not whole:
        frame.remark(f"Each whole picture is taken for one person. {NO_FINDER}")
    with frame.working(f"Predicting {counted(len(files), 'photo')}") as (on_progress, cancelled):
        found = photo_files.predict_files(
            ws,
            files,
            model=model,
            boxes_xywh_px=boxes,
            find=find,
            on_progress=on_progress,
            cancelled=cancelled,
        )
    if out is not None:
        photo_results.write_predictions(found, out)
        frame.remark(f"Wrote {out}.")
    frame.say(_photos_in_words(found), photo_results.coco_results(found), as_json=as_json)


def runs(ctx: typer.Context, name: DatasetName, as_json: AsJson = False) -> None:
    """List the runs of a dataset, the latest first."""
    frame = frame_of(ctx)
    found = browse.runs_of(frame.open(), name)
    rows = [
        (
            run.name,
            run.model,
            f"found by {run.found_by.name}" if run.found_by else run.box_source,
            run.num_predictions,
            f"{run.created_at:%Y-%m-%d %H:%M}",
        )
        for run in found
    ]
    text = table(("name", "model", "boxes", "persons", "made (UTC)"), rows)
    empty = f"No model has been run on {name} yet; `predict` does."
    frame.say(text if found else empty, found, as_json=as_json)


def _wish(boxes: str, detector: str | None, min_score: float | None) -> FindPeople | None:
    """How people are to be found; None where those annotated are looked at."""
    if boxes == predicting.DETECTED:
        return FindPeople(detector, MIN_SCORE if min_score is None else min_score)
    if boxes != predicting.ANNOTATED:
        raise UserError(
            f"There is no kind of boxes {boxes!r}.",
            remedy=f"Known: {predicting.ANNOTATED}, {predicting.DETECTED}.",
        )
    if detector is not None or min_score is not None:
        raise UserError(
            "People are cut out by the boxes of their annotations; none are looked for.",
            remedy=f"Say --boxes {predicting.DETECTED}, or leave --detector and --min-score out.",
        )
    return None


def _usual_wish(
    ws: Workspace, model: str, detector: str | None, min_score: float | None
) -> FindPeople | None:
    """How people on a photo are found; None where nothing here finds people and none was named."""
    score = MIN_SCORE if min_score is None else min_score
    if detector is None and usual_finder(ws, model) is None and min_score is None:
        return None
    return FindPeople(detector, score)


def _box(text: str) -> BoxXywh:
    try:
        x, y, width, height = (float(number) for number in text.split(","))
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not X,Y,W,H in pixels.") from error
    return x, y, width, height


def _photos_in_words(found: PredictedFiles) -> str:
    said = [
        f"Model {found.model}{f', people found by {found.found_by}' if found.found_by else ''}."
    ]
    for photo in found.photos:
        said.append(f"{photo.file}, {photo.size_wh_px[0]} x {photo.size_wh_px[1]} pixels:")
        one = PredictedFiles(found.model, found.skeleton, (photo,))
        if not photo.predictions:
            said.append("nobody found")
            continue
        said += [_person_in_words(prediction) for prediction in photo.predictions]
        header = photo_results.columns(one)
        shown = [place for place, name in enumerate(header) if not _is_of_person(name)]
        cells = [_cells([row[place] for place in shown]) for row in photo_results.rows(one)]
        said.append(table([header[place] for place in shown], cells))
    return "\n".join(said)


def _person_in_words(prediction: Prediction) -> str:
    x, y, width, height = prediction.box_xywh_px
    scores = (f"{name} {value:.2f}" for name, value in prediction.pose_scores.items())
    box = f"person {prediction.index + 1}: box {x:.0f},{y:.0f},{width:.0f},{height:.0f}"
    return "; ".join([box, *scores])


def _is_of_person(column: str) -> bool:
    return column == "file" or column.startswith(("box_", "score_"))


def _cells(row: Sequence[Any]) -> tuple[object, ...]:
    person, keypoint, x, y, *shares = row
    return (
        person,
        keypoint,
        *("-" if n is None else f"{n:8.1f}" for n in (x, y)),
        *("-" if p is None else f"{p:.2f}" for p in shares),
    )
