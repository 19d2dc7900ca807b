"""Predict: run a model on every person of a dataset; nobody sees the run before it is whole."""

import uuid
from contextlib import closing
from typing import TYPE_CHECKING

from app.workflow.claims import hold
from app.workflow.dataset_pass import START, Cursor, DatasetPass, PhotosSeen, Way
from app.workflow.detected_pass import DetectedPass
from app.workflow.finders import FindPeople, chosen_finder, load_lookout
from app.workflow.lookout import Lookout
from app.workflow.models import model_card, model_folder
from app.workflow.names import checked_name
from app.workflow.prediction_report import PredictionReport
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo
from core.data.progress import Cancelled, OnProgress, ignore, never
from core.data.skeleton import Skeleton
from core.errors import Cancelled as CancelledError
from core.errors import UserError
from db import datasets, runs

if TYPE_CHECKING:
    from core.inference.pose_predictor import PosePredictor

ANNOTATED, DETECTED = "annotated", "detected"  # where the boxes of a run come from


def predict_dataset(
    ws: Workspace,
    name: str,
    *,
    model: str,
    run_name: str | None = None,
    find: FindPeople | None = None,
    on_progress: OnProgress = ignore,
    cancelled: Cancelled = never,
) -> PredictionReport:
    """Run `model` on every person of a dataset, in this process.

    Args:
        model: a name of `list_models`, or a checkpoint folder.
        run_name: how to call the run; `<model>-<n>` if not given.
        find: how everybody on the photos is found; None: everybody annotated, by their box.

    Raises:
        UserError: no such dataset, model or detector, the run's name is taken, the keypoints have
            no names or none the model knows, or not one photo could be read.
        Cancelled: the caller asked to stop; nothing of the run stays.
    """
    run_name = check_asked(ws, name, model=model, run_name=run_name, find=find)
    from core.inference.predictor import load_predictor  # torch: once everything else is right

    predictor = load_predictor(str(model_folder(ws, model)), device=ws.settings.device)
    lookout = load_lookout(ws, predictor, model, find) if find else None
    with hold(ws, f"run-{uuid.uuid4().hex}") as lock_file:
        dataset = datasets.find(ws.engine, name)
        run_id = begin(ws, dataset, predictor, lookout, lock_file=lock_file)
        way: Way = (
            DatasetPass(ws, dataset, run_id, predictor)
            if lookout is None
            else DetectedPass(ws, dataset, run_id, lookout)
        )
        try:
            seen = _whole_way(way, on_progress=on_progress, cancelled=cancelled)
            unknown = unknown_keypoints(ws, dataset, model=model)
            return finish(ws, dataset, run_id, seen, run_name=run_name, unknown=unknown)
        except BaseException:
            runs.remove_run(ws.engine, run_id)
            raise


def check_asked(
    ws: Workspace,
    name: str,
    *,
    model: str,
    run_name: str | None,
    find: FindPeople | None = None,
) -> str | None:
    """Everything that can be refused before a model is loaded; gives the run's name, cleaned.

    Raises:
        UserError: as `predict_dataset`.
    """
    dataset = datasets.find(ws.engine, name)
    unknown_keypoints(ws, dataset, model=model)
    if find is not None:
        chosen_finder(ws, model, find)
    if run_name is None:
        return None
    run_name = checked_name(run_name, what="run")
    if any(run.name == run_name for run in runs.list_runs(ws.engine, dataset.id)):
        raise UserError(
            f"Dataset {dataset.name} has a run {run_name!r} already.",
            remedy="Choose another name, or leave it out.",
        )
    return run_name


def begin(
    ws: Workspace,
    dataset: DatasetInfo,
    predictor: "PosePredictor",
    lookout: Lookout | None = None,
    *,
    lock_file: str = "",
    job_id: str | None = None,
) -> int:
    """Make the still invisible run; gives its id.

    Args:
        lookout: who finds the people of a run that does so.
        lock_file: of the process that makes it.
        job_id: of the job that makes it instead.
    """
    return runs.begin_run(
        ws.engine,
        dataset.id,
        model=predictor.name,
        checkpoint_sha256=predictor.checkpoint_sha256,
        keypoint_names=predictor.skeleton.names,
        box_source=ANNOTATED if lookout is None else DETECTED,
        found_by=lookout.found_by if lookout else None,
        lock_file=lock_file,
        job_id=job_id,
    )


def finish(
    ws: Workspace,
    dataset: DatasetInfo,
    run_id: int,
    seen: PhotosSeen,
    *,
    run_name: str | None,
    unknown: tuple[str, ...],
) -> PredictionReport:
    """Show the run to everybody; under another name where its own was taken meanwhile.

    Args:
        unknown: keypoints of the dataset that the model does not know.

    Raises:
        UserError: there was nobody to predict, or not one photo could be read.
    """
    _require_some(dataset, seen)
    try:
        run = runs.finish_run(ws.engine, run_id, run_name)
    except UserError:
        if run_name is None:
            raise
        run = runs.finish_run(ws.engine, run_id, None)
    return PredictionReport(
        run,
        seen.photos,
        seen.missing,
        seen.examples,
        unknown,
        run_name,
        num_matched=runs.count_matched(ws.engine, run_id),
    )


def unknown_keypoints(ws: Workspace, dataset: DatasetInfo, *, model: str) -> tuple[str, ...]:
    """Keypoints of the dataset that the model does not know.

    Raises:
        UserError: no such model, the keypoints have no names, or the model knows none of them.
    """
    skeletons = [c.skeleton for c in dataset.categories if c.skeleton is not None]
    if not skeletons or not all(skeleton.named for skeleton in skeletons):
        raise UserError(
            f"The keypoints of dataset {dataset.name} have no names, so a model's cannot be "
            "matched with them.",
            where=dataset.source_name,
            remedy='Add "keypoints": ["nose", …] to the category in the JSON and use '
            "`update` to import it as a newer version.",
        )
    card = model_card(ws, model)
    of_model = Skeleton(card.keypoint_names)
    names = dict.fromkeys(name for skeleton in skeletons for name in skeleton.names)
    unknown = tuple(name for name in names if of_model.index_of(name) is None)
    if len(unknown) == len(names):
        raise UserError(
            f"Model {card.name} knows none of these keypoints: {', '.join(list(names)[:10])}.",
            remedy=f"It knows {', '.join(of_model.names)}. Choose another model.",
        )
    return unknown


def _whole_way(way: Way, *, on_progress: OnProgress, cancelled: Cancelled) -> PhotosSeen:
    cursor: Cursor | None = START
    seen = PhotosSeen()
    with closing(way):
        while cursor is not None:
            if cancelled():
                raise CancelledError
            done = way.step(cursor)
            seen = seen.and_these(done)
            on_progress(done.fraction)
            cursor = done.next
    return seen


def _require_some(dataset: DatasetInfo, seen: PhotosSeen) -> None:
    if seen.photos == 0:
        what = "person with a box or a labelled keypoint" if dataset.num_images else "photo"
        raise UserError(
            f"Dataset {dataset.name} has no {what}.", remedy="There is nothing to predict."
        )
    if seen.missing == seen.photos:
        raise UserError(
            f"Not one of the {seen.photos:,} photos of dataset {dataset.name} could be read.",
            where=str(dataset.images_dir or ""),
            remedy="Say where they are with `move-photos`.",
            problems=seen.examples[:10],
        )
