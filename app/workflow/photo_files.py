"""Photos of your own, as files: predicted in this process."""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import numpy as np

from app.workflow.finders import FindPeople, chosen_finder, load_lookout
from app.workflow.models import model_folder
from app.workflow.photo_results import PredictedFile, PredictedFiles
from app.workflow.workspace import Workspace
from core.data.boxes import BoxXywh, checked_boxes
from core.data.photos import read_photo, upright_size
from core.data.progress import Cancelled, OnProgress, ignore, never
from core.errors import Cancelled as CancelledError
from core.errors import UserError


def predict_files(
    ws: Workspace,
    files: Sequence[Path],
    *,
    model: str,
    boxes_xywh_px: Sequence[BoxXywh] = (),
    find: FindPeople | None = None,
    on_progress: OnProgress = ignore,
    cancelled: Cancelled = never,
) -> PredictedFiles:
    """Predict the persons in these boxes, everybody found, or one by the whole picture.

    Args:
        find: how people are found; None: in the boxes, without any by the whole picture.

    Raises:
        UserError: a file that is no photo, boxes for several photos or outside of it, no such
            model or detector.
        Cancelled: asked to stop.
    """
    if boxes_xywh_px and len(files) > 1:
        raise UserError(
            f"Boxes belong to one photo; these are {len(files)}.",
            remedy="Give one file at a time, or leave the boxes out.",
        )
    for size_wh_px in _sizes(files):
        checked_boxes(boxes_xywh_px, size_wh_px)
    if find is not None:
        chosen_finder(ws, model, find)
    from core.inference.predictor import load_predictor  # torch: once everything else is right

    predictor = load_predictor(str(model_folder(ws, model)), device=ws.settings.device)
    lookout = load_lookout(ws, predictor, model, find) if find else None
    photos = []
    for place, file in enumerate(files):
        if cancelled():
            raise CancelledError
        photo_bgr = read_photo(file)
        height, width = photo_bgr.shape[:2]
        if lookout is None:
            boxes = np.array(boxes_xywh_px or [(0, 0, width, height)], np.float32)
            found = predictor.predict(photo_bgr, boxes, image_id=place + 1)
        else:
            found, _ = lookout.people_on(photo_bgr, turn=nullcontext, image_id=place + 1)
        photos.append(PredictedFile(file, (width, height), tuple(found)))
        on_progress((place + 1) / len(files))
    found_by = lookout.found_by.name if lookout else ""
    return PredictedFiles(predictor.name, predictor.skeleton, tuple(photos), found_by)


def _sizes(files: Sequence[Path]) -> list[tuple[int, int]]:
    """Width and height of every file; all that are no photo are said at once."""
    sizes, refused = [], []
    for file in files:
        try:
            sizes.append(upright_size(file))
        except UserError as error:
            refused.append(error)
    if len(refused) == 1:
        raise refused[0]
    if refused:
        raise UserError(
            f"{len(refused)} of the {len(files)} files cannot be read.",
            problems=[str(error) for error in refused],
        )
    return sizes
