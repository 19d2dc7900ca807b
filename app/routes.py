"""Addresses of our own beside Streamlit's pages: signed photos, and whether we are well."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import Route

from app.ui import change_cards, keypoint_canvas, photo_overlay
from app.ui.photo_address import photo_version
from app.ui.workspace import the_workspace
from app.workflow.browse import image_of
from app.workflow.datasets import list_datasets
from app.workflow.photos import open_token, resized_photo
from app.workflow.uploads import open_upload_token, shown_photo
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo
from core.errors import UserError

DAY_S = 24 * 3600


def photo(request: Request) -> Response:
    """The photo a signed token names, resized; a grey frame where its file is missing."""
    try:
        ws = the_workspace()
        token = request.path_params["token"]
        upload = open_upload_token(ws, token)
        if upload is not None:
            return _kept_by_browsers(request, shown_photo(ws, *upload), token)
        address = open_token(ws, token)
        dataset = _dataset(ws, address.dataset_id)
        image = image_of(ws, dataset.name, address.image_id)
        path = resized_photo(ws, dataset, image, address.max_side_px)
    except UserError as error:
        return PlainTextResponse(str(error), status_code=403, headers={"Cache-Control": "no-store"})
    if photo_version(ws, dataset, image) is None:
        # Not kept, so that the photo appears as soon as its folder is named.
        return FileResponse(path, headers={"Cache-Control": "no-store"})
    return _kept_by_browsers(request, path, path.stem)  # named by its content


def first_page(request: Request) -> Response:
    """To Datasets by its name, as the other pages; Streamlit has its first page at / alone."""
    return RedirectResponse(f"./?{request.url.query}")


def healthz(_: Request) -> Response:
    """200 while data directory and database can be used, else 503 with the reason."""
    try:
        list_datasets(the_workspace())
    except UserError as error:
        return JSONResponse({"status": "failing", "why": str(error)}, status_code=503)
    return JSONResponse({"status": "ok"})


def _kept_by_browsers(request: Request, path: Path, version: str) -> Response:
    headers = {"Cache-Control": f"private, max-age={DAY_S}, immutable", "ETag": f'"{version}"'}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return FileResponse(path, headers=headers)


def _dataset(ws: Workspace, dataset_id: int) -> DatasetInfo:
    found = next((each for each in list_datasets(ws) if each.id == dataset_id), None)
    if found is None:
        raise UserError("The dataset of this photo was deleted.", remedy="Reload the page.")
    return found


ROUTES = (
    Route("/img/{token}", photo),
    Route("/healthz", healthz),
    Route("/datasets", first_page),
    keypoint_canvas.MODULES.route(),
    photo_overlay.MODULES.route(),
    change_cards.MODULES.route(),
)
