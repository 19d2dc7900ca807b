"""From an image of a dataset, or an upload, to the photo that is inspected."""

import re
from pathlib import Path

from app.ui.inspected import Inspected
from app.ui.photo_address import NEAR_PX, SCREEN_PX, photo_address
from app.ui.photo_overlay.scene import PhotoFrame
from app.ui.photo_state import frame_size, photo_note
from app.ui.prediction_choice import PredictionChoice
from app.workflow.browse import found_on, people_on
from app.workflow.interactive import PhotoRef
from app.workflow.uploads import UploadedPhoto, sign_upload
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo, ImageInfo

_ODD = re.compile(r"[^\w.\-]+")


def dataset_photo(
    ws: Workspace, dataset: DatasetInfo, image: ImageInfo, choice: PredictionChoice
) -> Inspected:
    """An image with its annotations and what the chosen run says of them."""
    size_wh_px = frame_size(ws, dataset, image)
    is_large = max(size_wh_px) > SCREEN_PX
    frame = PhotoFrame(
        key=f"dataset-{dataset.id}-{image.id}",
        url=photo_address(ws, dataset, image),
        size_wh_px=size_wh_px,
        alt=f"Photo {image.file_name} with keypoints",
        note=photo_note(ws, dataset, image),
        near_url=photo_address(ws, dataset, image, max_side_px=NEAR_PX) if is_large else "",
    )
    run = choice.run.name if choice.run else None
    return Inspected(
        PhotoRef(dataset=dataset.name, image_id=image.id),
        frame,
        choice,
        file_name=image.file_name,
        name=f"keypoints_{image.id}",
        dataset=dataset,
        people=tuple(people_on(ws, dataset.name, image.id, run=run)),
        found=tuple(found_on(ws, dataset.name, image.id, run=run)) if run else (),
    )


def own_photo(ws: Workspace, upload: UploadedPhoto, model: str, finder: str) -> Inspected:
    """An upload, looked at by a model; people by a finder, without one the whole picture."""
    is_large = max(upload.size_wh_px) > SCREEN_PX
    frame = PhotoFrame(
        key=f"upload-{upload.id}",
        url=f"img/{sign_upload(ws, upload.id, SCREEN_PX)}?v=upload",
        size_wh_px=upload.size_wh_px,
        alt=f"Photo {upload.name} with keypoints",
        near_url=f"img/{sign_upload(ws, upload.id, NEAR_PX)}" if is_large else "",
    )
    return Inspected(
        PhotoRef(upload_id=upload.id),
        frame,
        PredictionChoice(run=None, ask=True, model=model, finder=finder),
        file_name=upload.name,
        name=f"keypoints_{_ODD.sub('_', Path(upload.name).stem)}",
    )
