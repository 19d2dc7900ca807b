"""Predict: run a model on every person of a dataset; the one workflow that reaches torch."""

import uuid
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby, islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.workflow.claims import hold
from app.workflow.models import model_folder
from app.workflow.names import checked_name
from app.workflow.photos import photo_file
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo, ImageInfo, RunInfo
from core.data.photos import read_dataset_photo
from core.data.prediction import Prediction
from core.data.progress import Cancelled, OnProgress, ignore, never
from core.data.skeleton import Skeleton
from core.errors import Cancelled as CancelledError
from core.errors import UserError
from db import datasets, people, runs

if TYPE_CHECKING:
    from core.inference.predictor import Predictor

PHOTOS_AHEAD = 8  # read while the model works
PERSONS_AT_ONCE, PHOTOS_AT_ONCE = 32, 16  # whichever is reached first: photos take memory


@dataclass(frozen=True)
class PredictionReport:
    """What became of a run.

    Attributes:
        missing: file names of photos that could not be read, with why; their persons have no
            prediction.
        unknown_keypoints: of the dataset, which the model does not know: not predicted.
    """

    run: RunInfo
    num_photos: int
    missing: tuple[str, ...]
    unknown_keypoints: tuple[str, ...]


@dataclass(frozen=True)
class _Photo:
    """One photo and the persons to look at; without pixels, why not."""

    image: ImageInfo
    persons: tuple[people.PersonBox, ...]
    photo_bgr: NDArray[np.uint8] | None
    problem: str


def predict_dataset(
    ws: Workspace,
    name: str,
    *,
    model: str,
    run_name: str | None = None,
    on_progress: OnProgress = ignore,
    cancelled: Cancelled = never,
) -> PredictionReport:
    """Run `model` on every person of a dataset; nobody sees the run before it is complete.

    Args:
        model: a name of `list_models`, or a checkpoint folder.
        run_name: how to call the run; `<model>-<n>` if not given.

    Raises:
        UserError: no such dataset or model, the run's name is taken, the keypoints have no
            names or none the model knows, or not one photo could be read.
        Cancelled: the caller asked to stop; nothing of the run stays.
    """
    from core.inference.predictor import load_predictor  # torch: in this process only

    dataset = datasets.find(ws.engine, name)
    run_name = _free_run_name(ws, dataset, run_name)
    skeletons = _named_skeletons(dataset)
    predictor = load_predictor(str(model_folder(ws, model)), device=ws.settings.device)
    unknown = _unknown_keypoints(skeletons, predictor.skeleton, predictor.name)
    with hold(ws, f"run-{uuid.uuid4().hex}") as lock_file:
        run_id = runs.begin_run(
            ws.engine,
            dataset.id,
            model=predictor.name,
            checkpoint_sha256=predictor.checkpoint_sha256,
            keypoint_names=predictor.skeleton.names,
            box_source="annotated",
            lock_file=lock_file,
        )
        try:
            missing: list[str] = []
            num_photos = 0
            for batch in _batches(_photos(ws, dataset)):
                if cancelled():
                    raise CancelledError
                num_photos += len(batch)
                missing += [f"{p.image.file_name}: {p.problem}" for p in batch if p.problem]
                runs.insert_predictions(ws.engine, run_id, _predict(predictor, batch))
                on_progress((batch[-1].image.position + 1) / dataset.num_images)
            _require_some(dataset, num_photos, missing)
            on_progress(1.0)  # the last photos may have nobody on them
            run = runs.finish_run(ws.engine, run_id, run_name)
        except BaseException:
            runs.remove_run(ws.engine, run_id)
            raise
    return PredictionReport(run, num_photos, tuple(missing), unknown)


def _free_run_name(ws: Workspace, dataset: DatasetInfo, run_name: str | None) -> str | None:
    if run_name is None:
        return None
    run_name = checked_name(run_name, what="run")
    if any(run.name == run_name for run in runs.list_runs(ws.engine, dataset.id)):
        raise UserError(
            f"Dataset {dataset.name} has a run {run_name!r} already.",
            remedy="Choose another name, or leave it out.",
        )
    return run_name


def _named_skeletons(dataset: DatasetInfo) -> list[Skeleton]:
    skeletons = [c.skeleton for c in dataset.categories if c.skeleton is not None]
    if not skeletons or not all(skeleton.named for skeleton in skeletons):
        raise UserError(
            f"The keypoints of dataset {dataset.name} have no names, so a model's cannot be "
            "matched with them.",
            where=dataset.source_name,
            remedy='Add "keypoints": ["nose", …] to the category in the JSON and use '
            "`update` to import it as a newer version.",
        )
    return skeletons


def _unknown_keypoints(
    skeletons: list[Skeleton], of_model: Skeleton, model: str
) -> tuple[str, ...]:
    names = dict.fromkeys(name for skeleton in skeletons for name in skeleton.names)
    unknown = tuple(name for name in names if of_model.index_of(name) is None)
    if len(unknown) == len(names):
        raise UserError(
            f"Model {model} knows none of these keypoints: {', '.join(list(names)[:10])}.",
            remedy=f"It knows {', '.join(of_model.names)}. Choose another model.",
        )
    return unknown


def _photos(ws: Workspace, dataset: DatasetInfo) -> Iterator[_Photo]:
    """Every photo with its persons in file order, read ahead while the model works."""
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="photos") as pool:
        wanted = iter(_wanted(ws, dataset))
        ahead = deque(pool.submit(_read, ws, dataset, *w) for w in islice(wanted, PHOTOS_AHEAD))
        try:
            while ahead:
                photo = ahead.popleft().result()
                ahead.extend(pool.submit(_read, ws, dataset, *w) for w in islice(wanted, 1))
                yield photo
        finally:
            for waiting in ahead:
                waiting.cancel()


def _wanted(
    ws: Workspace, dataset: DatasetInfo
) -> Iterator[tuple[ImageInfo, tuple[people.PersonBox, ...]]]:
    for batch in people.boxes(ws.engine, dataset.id):
        for image, persons in groupby(batch, key=lambda person: person.image):
            yield image, tuple(persons)


def _read(
    ws: Workspace,
    dataset: DatasetInfo,
    image: ImageInfo,
    persons: tuple[people.PersonBox, ...],
) -> _Photo:
    try:
        path = photo_file(ws, dataset, image)
        if path is None:
            return _Photo(image, persons, None, "the photo is missing")
        return _Photo(image, persons, read_dataset_photo(path, image.size_wh_px), "")
    except UserError as error:
        return _Photo(image, persons, None, error.what)


def _batches(photos: Iterator[_Photo]) -> Iterator[list[_Photo]]:
    """Photos gathered until they hold enough persons for the model to work on at once."""
    batch: list[_Photo] = []
    for photo in photos:
        batch.append(photo)
        if sum(len(p.persons) for p in batch) >= PERSONS_AT_ONCE or len(batch) >= PHOTOS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _predict(predictor: "Predictor", batch: list[_Photo]) -> list[Prediction]:
    from core.inference.predictor import PersonCrop

    return predictor.predict_many(
        [
            PersonCrop(
                photo.photo_bgr,
                np.array(person.box_xywh_px, np.float32),
                photo.image.id,
                person.annotation_id,
                index,
            )
            for photo in batch
            if photo.photo_bgr is not None
            for index, person in enumerate(photo.persons)
        ]
    )


def _require_some(dataset: DatasetInfo, num_photos: int, missing: list[str]) -> None:
    if num_photos == 0:
        raise UserError(
            f"Dataset {dataset.name} has no person with a box or a labelled keypoint.",
            remedy="There is nothing to predict.",
        )
    if len(missing) == num_photos:
        raise UserError(
            f"Not one of the {num_photos} photos of dataset {dataset.name} could be read.",
            where=str(dataset.images_dir or ""),
            remedy="Say where they are with `move-photos`.",
            problems=missing[:10],
        )
