"""What is known of a photo's file before it is loaded: its frame, and what is wrong with it."""

from app.workflow.photos import photo_file
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo, ImageInfo
from core.data.photos import photo_size, turned_size
from core.errors import UserError

_NO_SIZE_WH_PX = (640, 480)  # where neither the record nor a file says


def frame_size(ws: Workspace, dataset: DatasetInfo, image: ImageInfo) -> tuple[int, int]:
    """Width and height of the frame the labels live in: the record's, else the file's."""
    if min(image.size_wh_px) > 0:
        return image.size_wh_px
    try:
        path = photo_file(ws, dataset, image)
        return photo_size(path) if path else _NO_SIZE_WH_PX
    except UserError:
        return _NO_SIZE_WH_PX


def photo_note(ws: Workspace, dataset: DatasetInfo, image: ImageInfo) -> str:
    """Why a grey frame is shown, or that the sizes differ; empty where all is well."""
    if dataset.images_dir is None:
        return "No photo folder is named for this dataset; name it on the page Datasets."
    try:
        path = photo_file(ws, dataset, image)
        if path is None:
            return f"The photo {image.file_name} is not in {dataset.images_dir}."
        size = photo_size(path)
        turned = turned_size(path, image.size_wh_px)
    except UserError as error:
        return str(error)
    if min(image.size_wh_px) <= 0 or image.size_wh_px in (size, turned):
        return ""
    (width, height), (said_width, said_height) = size, image.size_wh_px
    return f"The photo has {width} x {height} pixels, the file says {said_width} x {said_height}."
