import asyncio
import json
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest
from starlette.applications import Starlette

from app.routes import ROUTES
from app.ui.photo_address import photo_address
from app.ui.workspace import the_workspace
from app.workflow import photos, uploads
from app.workflow.browse import image_of
from app.workflow.datasets import delete_dataset
from app.workflow.import_dataset import import_dataset
from tests.app.workflow.packed_photos import a_photo


class Client:
    """Asks the routes without a server. (Starlette's own client wants another httpx.)"""

    def get(self, path, headers=None):
        return asyncio.run(self._get(path, headers))

    async def _get(self, path, headers):
        transport = httpx.ASGITransport(app=Starlette(routes=ROUTES))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get(path, headers=headers)


@pytest.fixture
def client():
    return Client()


@pytest.fixture
def dataset(tmp_path):
    """A photo of 40 x 30 pixels, image 7, and one that is missing, image 8."""
    cv2.imwrite(str(tmp_path / "a.png"), np.full((30, 40, 3), 200, np.uint8))
    images = [{"id": 7, "file_name": "a.png"}, {"id": 8, "file_name": "b.png"}]
    sized = [image | {"width": 40, "height": 30} for image in images]
    file = tmp_path / "labels.json"
    categories = [{"id": 1, "name": "person", "keypoints": ["nose"]}]
    content = {"images": sized, "annotations": [], "categories": categories}
    file.write_text(json.dumps(content))
    return import_dataset(the_workspace(), "val", file, images_dir=tmp_path)


def address(dataset, image_id):
    ws = the_workspace()
    return "/" + photo_address(ws, dataset, image_of(ws, dataset.name, image_id))


def mean_grey(response):
    photo = cv2.imdecode(np.frombuffer(response.content, np.uint8), cv2.IMREAD_COLOR)
    return photo.shape, round(float(photo.mean()))


def test_a_signed_photo_is_served_and_kept_by_the_browser(client, dataset):
    response = client.get(address(dataset, 7))
    assert response.status_code == 200
    assert response.headers["content-type"] == "image/jpeg"
    assert response.headers["cache-control"] == "private, max-age=86400, immutable"
    assert mean_grey(response) == ((30, 40, 3), 200)


def test_a_photo_the_browser_has_is_not_sent_again(client, dataset):
    etag = client.get(address(dataset, 7)).headers["etag"]
    again = client.get(address(dataset, 7), headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_a_missing_photo_is_a_grey_frame_that_is_not_kept(client, dataset):
    response = client.get(address(dataset, 8))
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    assert mean_grey(response) == ((30, 40, 3), 128)


def test_the_address_changes_with_the_photos_file(dataset):
    before = address(dataset, 7)
    assert address(dataset, 7) == before
    cv2.imwrite(str(Path(dataset.images_dir) / "a.png"), np.zeros((30, 40, 3), np.uint8))
    assert address(dataset, 7) != before


def test_unsigned_and_forged_addresses_are_refused(client, dataset):
    token = address(dataset, 7).removeprefix("/img/").partition("?")[0]
    for forged in ("7", token[:-1], token[1:], f"{token}x"):
        response = client.get(f"/img/{forged}")
        assert (response.status_code, "val" in response.text) == (403, False)
        assert response.text == "This photo address is not one of ours. Reload the page."


def test_an_expired_address_is_refused(client, dataset, monkeypatch):
    monkeypatch.setattr(photos, "DAYS_VALID", 0)
    response = client.get(address(dataset, 7))
    assert response.status_code == 403
    assert response.text == "This photo address has expired. Reload the page."


def test_a_photo_of_a_deleted_dataset_is_refused(client, dataset):
    kept = address(dataset, 7)
    delete_dataset(the_workspace(), "val")
    response = client.get(kept)
    assert response.status_code == 403
    assert response.text == "The dataset of this photo was deleted. Reload the page."


def test_an_upload_is_served_as_the_worker_made_it(client, monkeypatch):
    ws = the_workspace()
    upload = uploads.keep_photo(ws, "a.png", a_photo())
    path = f"/img/{uploads.sign_upload(ws, upload.id, 800)}"
    without = client.get(path)
    assert (without.status_code, without.headers["cache-control"]) == (403, "no-store")
    assert without.text.startswith("No worker is running.")

    def worker(ws, path, asked):
        pixels = np.full((48, 64, 3), 90, np.uint8)
        uploads.make_shown_photo(ws, asked["upload_id"], asked["max_side_px"], pixels)

    monkeypatch.setattr(uploads, "ask_worker", worker)
    response = client.get(path)
    assert (response.status_code, mean_grey(response)) == (200, ((48, 64, 3), 90))
    assert response.headers["cache-control"] == "private, max-age=86400, immutable"
    again = client.get(path, headers={"If-None-Match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    uploads.delete_photo(ws, upload.id)
    gone = client.get(path)
    assert (gone.status_code, gone.text.split(".")[0]) == (403, "This photo is not there any more")


def test_healthz_says_ok(client):
    assert client.get("/healthz").json() == {"status": "ok"}


def test_healthz_says_why_not(client, monkeypatch, tmp_path):
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("HALFSEEN_DATA_DIR", str(file / "data"))
    response = client.get("/healthz")
    assert response.status_code == 503
    assert "data directory" in response.json()["why"]
