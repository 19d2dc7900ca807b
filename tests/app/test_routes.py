import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest
from itsdangerous import URLSafeSerializer
from starlette.applications import Starlette

from app.routes import ROUTES
from app.ui.photo_address import photo_address
from app.ui.workspace import the_workspace
from app.workflow import photos, uploads
from app.workflow.browse import image_of
from app.workflow.datasets import delete_dataset
from app.workflow.import_dataset import import_dataset
from app.workflow.worker_client import signature
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


NOT_OURS = "This photo address is not one of ours. Reload the page."


def token_of(dataset):
    return address(dataset, 7).removeprefix("/img/").partition("?")[0]


def without_signature(dataset):
    return token_of(dataset).rpartition(".")[0]


def for_another_photo(dataset):
    """The payload of image 8 with the signature of image 7."""
    ws = the_workspace()
    payload = photos.sign_photo(ws, dataset.id, 8, 1600).rpartition(".")[0]
    return f"{payload}.{photos.sign_photo(ws, dataset.id, 7, 1600).rpartition('.')[2]}"


def for_a_larger_photo(dataset):
    ws = the_workspace()
    payload = photos.sign_photo(ws, dataset.id, 7, 4000).rpartition(".")[0]
    return f"{payload}.{photos.sign_photo(ws, dataset.id, 7, 1600).rpartition('.')[2]}"


def of_another_installation(dataset):
    return URLSafeSerializer("another secret", salt="photo").dumps([dataset.id, 7, 1600, TODAY])


def signed_for_uploads(dataset):
    """What a photo's address says, signed as the address of an upload."""
    return signed("upload", [dataset.id, 7, 1600, TODAY])


def an_upload_signed_for_photos(dataset):
    return signed("photo", ["../../halfseen.db", 1600, TODAY])


def signed_for_something_else(dataset):
    return signed("itsdangerous", [dataset.id, 7, 1600, TODAY])


def a_workers_signature(dataset):
    return signature(the_workspace(), "/photo", "2026-01-01T00:00:00+00:00", b"{}")


def no_token_at_all(dataset):
    return "halfseen.db"


TODAY = datetime.now(UTC).date().toordinal()


def signed(salt, content):
    return URLSafeSerializer(the_workspace().secret, salt=salt).dumps(content)


@pytest.mark.parametrize(
    "forged",
    [
        without_signature,
        for_another_photo,
        for_a_larger_photo,
        of_another_installation,
        signed_for_uploads,
        an_upload_signed_for_photos,
        signed_for_something_else,
        a_workers_signature,
        no_token_at_all,
    ],
)
def test_only_addresses_signed_here_for_this_are_answered(client, dataset, forged):
    assert client.get(f"/img/{token_of(dataset)}").status_code == 200
    response = client.get(f"/img/{forged(dataset)}")
    assert (response.status_code, response.text) == (403, NOT_OURS)
    assert response.headers["cache-control"] == "no-store"


def test_no_letter_of_an_address_can_be_changed(client, dataset):
    token = token_of(dataset)
    for place in range(len(token) - 1):  # the last letter of Base64 holds bits that say nothing
        other = "A" if token[place] != "A" else "B"
        response = client.get(f"/img/{token[:place]}{other}{token[place + 1 :]}")
        assert (response.status_code, response.text) == (403, NOT_OURS)


def test_an_expired_address_of_an_upload_is_refused(client, monkeypatch):
    ws = the_workspace()
    upload = uploads.keep_photo(ws, "a.png", a_photo())
    token = uploads.sign_upload(ws, upload.id, 800)
    monkeypatch.setattr(uploads, "DAYS_VALID", 0)
    response = client.get(f"/img/{token}")
    assert response.status_code == 403
    assert response.text == "This photo address has expired. Reload the page."


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


def test_the_first_page_has_an_address_by_its_name_as_the_others(client):
    answer = client.get("/datasets?dataset=a%20b")
    assert (answer.status_code, answer.headers["location"]) == (307, "./?dataset=a%20b")
