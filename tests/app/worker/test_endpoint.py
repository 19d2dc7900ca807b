"""The endpoint: signed questions are answered, everything else is refused in words."""

import asyncio
import json
import time
from base64 import b64decode
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import pytest

from app.worker import endpoint as door
from app.worker import one_photo, process
from app.worker.process import Worker
from app.workflow.interactive import PhotoRef
from app.workflow.uploads import keep_photo
from app.workflow.worker_client import SIGNATURE_HEADER, TIME_HEADER, signature
from app.workflow.workspace import Workspace
from core.data.skeleton import COCO_NAMES
from core.errors import UserError
from tests.app.workflow.coco_files import imported, some_photos
from tests.app.workflow.packed_photos import a_photo
from tests.core.inference.small_detectors import a_detector

MODEL = "metamodel_tiny"
NOT_SIGNED = (
    "This question is not signed with the secret of this worker's data directory. "
    "Web and worker need the same HALFSEEN_DATA_DIR and HALFSEEN_SECRET."
)


@pytest.fixture
def me(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> Worker:
    """This process as a worker that takes no jobs."""
    worker = Worker(ws, "worker-here-1")
    monkeypatch.setattr(process, "_worker", worker)
    return worker


def post(
    ws: Workspace,
    path: str,
    body: Any,
    *,
    at: float | None = None,
    signed_path: str | None = None,
    proof: str | None = None,
) -> httpx.Response:
    packed = body if isinstance(body, bytes) else json.dumps(body).encode()
    said = f"{time.time() if at is None else at:.3f}"
    proof = proof or signature(ws, signed_path or path, said, packed)
    return asked(
        "POST",
        path,
        content=packed,
        headers={TIME_HEADER: said, SIGNATURE_HEADER: proof.encode("latin-1")},
    )


def asked(method: str, path: str, **more: Any) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(door.endpoint)
        async with httpx.AsyncClient(transport=transport, base_url="http://worker") as client:
            return await client.request(method, path, **more)

    return asyncio.run(ask())


def a_question(ws: Workspace, **more: Any) -> dict[str, Any]:
    upload = keep_photo(ws, "a.png", a_photo())
    return {"photo": {"upload_id": upload.id}, "boxes": None, "model": MODEL} | more


def words(answer: httpx.Response) -> str:
    said = answer.json()
    return str(
        UserError(
            said["what"], where=said["where"], remedy=said["remedy"], problems=said["problems"]
        )
    )


def test_it_says_that_it_is_well_to_everybody(me: Worker) -> None:
    me.device = "CPU, 2 cores"
    answer = asked("GET", "/health")
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ok", "worker": "worker-here-1", "device": "CPU, 2 cores"},
    )


def test_a_signed_question_is_answered(me: Worker, tmp_path: Path) -> None:
    boxes = [[1, 2, 30, 40], [-5, 0, 20, 20]]
    answer = post(me.ws, "/predict", a_question(me.ws, boxes=boxes))
    said = answer.json()
    assert answer.status_code == 200
    assert (said["model"], len(said["keypoint_names"]), len(said["edges"])) == (MODEL, 17, 19)
    assert [each["box_xywh_px"] for each in said["predictions"]] == boxes
    assert said["seconds_model"] > 0


def test_a_photo_of_a_dataset_is_predicted_by_the_whole_picture(me: Worker, tmp_path: Path) -> None:
    some_photos(tmp_path)
    imported(me.ws, tmp_path)
    question = {"photo": {"dataset": "val", "image_id": 2}, "boxes": None, "model": MODEL}
    (said,) = post(me.ws, "/predict", question).json()["predictions"]
    assert (said["image_id"], said["annotation_id"], said["index"]) == (2, None, 0)
    assert said["box_xywh_px"] == [0, 0, 64, 48]
    question["photo"] = {"dataset": "val", "image_id": 9}
    assert words(post(me.ws, "/predict", question)) == "There is no image 9 in this dataset."
    (tmp_path / "000002.png").unlink()
    question["photo"] = {"dataset": "val", "image_id": 2}
    assert words(post(me.ws, "/predict", question)) == (
        f"{tmp_path}: The photo 000002.png is missing. "
        "Say where the photos are with `move-photos`, or on the page Datasets."
    )


def test_a_forged_signature_is_refused(me: Worker) -> None:
    question = a_question(me.ws)
    at = time.time()
    packed = json.dumps(question).encode()
    other = signature(me.ws, "/predict", f"{at:.3f}", b"{}")  # of another body
    for refused in (
        post(me.ws, "/predict", packed, at=at, proof=other),
        post(me.ws, "/predict", packed, signed_path="/heat-maps"),
        post(me.ws, "/predict", packed, proof="0" * 64),
        post(me.ws, "/predict", packed, proof="\xe9"),
        asked("POST", "/predict", content=packed),
    ):
        assert (refused.status_code, words(refused)) == (401, NOT_SIGNED)


def test_another_time_than_the_signed_one_is_refused(me: Worker) -> None:
    question = json.dumps(a_question(me.ws)).encode()
    old = f"{time.time() - 90:.3f}"
    proof = signature(me.ws, "/predict", old, question)
    assert post(me.ws, "/predict", question, proof=proof).status_code == 401


@pytest.mark.parametrize("aside_s", [-61, 61])
def test_an_old_question_played_again_is_refused(me: Worker, aside_s: float) -> None:
    refused = post(me.ws, "/predict", a_question(me.ws), at=time.time() + aside_s)
    assert (refused.status_code, words(refused)) == (
        401,
        "This question was signed more than 60 seconds ago, or is to come. "
        "Set the clocks of the machines.",
    )


def test_a_question_that_is_too_long_is_refused_before_it_is_read_to_its_end(me: Worker) -> None:
    refused = post(me.ws, "/predict", b" " * (door.MOST_BODY_BYTES + 1))
    assert (refused.status_code, words(refused)) == (413, "A question has at most 64 KB.")


M = {"model": "m"}
PHOTO = "photo: Value error, name a dataset and an image, or an upload"
ODD = [
    (b"no JSON", "This question is no JSON."),
    (b"[" * 60_000, "This question is no JSON."),
    (b"\xff", "This question is no JSON."),
    ({"photo": {}, "boxes": None, "model": "m"}, PHOTO),
    ({"photo": {"dataset": "a"}, "boxes": None, "model": "m"}, PHOTO),
    (
        {"photo": {"dataset": "a", "image_id": 1, "upload_id": "b"}, "boxes": [], "model": "m"},
        PHOTO,
    ),
    (
        {"photo": {"upload_id": "a"}, "boxes": [[1, 2, 3]], "model": "m"},
        "boxes.0.3: Field required",
    ),
    ({"photo": {"upload_id": "a"}, "boxes": None}, "model: Field required"),
    (
        {"photo": {"dataset": "a", "image_id": 2**63}, "boxes": None, "model": "m"},
        "photo.image_id:",
    ),
    ([], "Input should be a valid dictionary"),
]


@pytest.mark.parametrize(("body", "said"), ODD)
def test_a_question_that_makes_no_sense_is_refused(me: Worker, body: Any, said: str) -> None:
    refused = post(me.ws, "/predict", body)
    assert refused.status_code == 400
    assert said in words(refused)


REFUSED = [
    ({"model": "huge"}, r"There is no model called 'huge'. Known models: .*metamodel_tiny"),
    ({"photo": {"upload_id": "../../etc"}}, "This photo is not there any more."),
    (
        {"photo": {"upload_id": "0" * 32}},
        "This photo is not there any more. Uploads are kept for 7",
    ),
    ({"photo": {"dataset": "x", "image_id": 1}}, "There is no dataset 'x'"),
    ({"boxes": [[900, 900, 5, 5]]}, r"nothing to look at in this box.*\(900, 900, 5, 5\) lies out"),
    ({"boxes": [[float("nan"), 0, 5, 5]]}, r"\(nan, 0, 5, 5\) is not made of numbers"),
    ({"boxes": [[0, 0, 5, 5]] * 101}, "These are 101 boxes; a photo may have 100."),
]


@pytest.mark.parametrize(("change", "said"), REFUSED)
@pytest.mark.parametrize("path", ["/predict", "/heat-maps"])
def test_what_cannot_be_done_is_said(
    me: Worker, path: str, change: dict[str, Any], said: str
) -> None:
    refused = post(me.ws, path, a_question(me.ws) | change)
    assert refused.status_code == 400
    with pytest.raises(UserError, match=f"(?s){said}"):
        raise UserError(words(refused))


def test_heat_maps_are_those_of_the_first_box(me: Worker) -> None:
    said = post(me.ws, "/heat-maps", a_question(me.ws, boxes=[[3, 4, 50, 40], [0, 0, 9, 9]])).json()
    photo = me.photos.read(PhotoRef(upload_id=keep_photo(me.ws, "a.png", a_photo()).id))
    alone = me.models.get(MODEL).predictor.heat_maps(photo, np.array([3.0, 4, 50, 40]))
    grey = cv2.imdecode(np.frombuffer(b64decode(said["png"]), np.uint8), cv2.IMREAD_GRAYSCALE)
    width, height = said["size_wh_px"]
    maps = grey.reshape(-1, height, width) / 255 * np.array(said["maxima"])[:, None, None]
    np.testing.assert_allclose(maps, np.maximum(alone.maps, 0), atol=0.003)
    np.testing.assert_allclose(said["map_to_image"], alone.map_to_image)
    assert said["keypoint_names"] == list(COCO_NAMES)


def test_heat_maps_of_nobody_are_refused(me: Worker) -> None:
    refused = post(me.ws, "/heat-maps", a_question(me.ws, boxes=[]))
    assert (refused.status_code, words(refused)) == (
        400,
        "There is no box to look at. Name one, or none at all for the whole picture.",
    )


def test_no_boxes_give_no_predictions(me: Worker) -> None:
    assert post(me.ws, "/predict", a_question(me.ws, boxes=[])).json()["predictions"] == []


def test_a_photo_that_is_cut_off_is_said_by_its_name(me: Worker) -> None:
    upload = keep_photo(me.ws, "beach.jpg", a_photo("JPEG", size_wh_px=(300, 200))[:2000])
    for path, question in (
        ("/predict", {"photo": {"upload_id": upload.id}, "boxes": None, "model": MODEL}),
        ("/photo", {"upload_id": upload.id, "max_side_px": 100}),
    ):
        refused = post(me.ws, path, question)
        assert (refused.status_code, words(refused)) == (
            400,
            "beach.jpg: The photo is damaged or cut off. Get it again.",
        )


def test_unknown_places_and_ways_are_refused_as_json(me: Worker) -> None:
    assert (asked("POST", "/").status_code, words(asked("POST", "/"))) == (404, "Not Found.")
    refused = asked("GET", "/predict")
    assert (refused.status_code, words(refused)) == (405, "Method Not Allowed.")


def test_what_nobody_foresaw_is_logged_and_said_without_a_traceback(
    me: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(one_photo, "predict", broken)
    refused = post(me.ws, "/predict", a_question(me.ws))
    assert refused.status_code == 500
    assert words(refused).startswith("Something unexpected went wrong in the program itself")
    assert "a bug" not in refused.text
    assert "RuntimeError: a bug" in (me.ws.data_dir / "errors.log").read_text()


def test_too_many_who_wait_are_sent_away(me: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "MOST_WAITING", 0)
    refused = post(me.ws, "/predict", a_question(me.ws))
    assert (refused.status_code, words(refused)) == (
        503,
        "Too many wait for this worker. Try again in a moment.",
    )


def test_predictions_are_those_of_the_model_alone(me: Worker) -> None:
    said = post(me.ws, "/predict", a_question(me.ws, boxes=[[3, 4, 50, 40]])).json()
    photo = me.photos.read(PhotoRef(upload_id=keep_photo(me.ws, "a.png", a_photo()).id))
    (alone,) = me.models.get(MODEL).predictor.predict(photo, np.array([[3.0, 4, 50, 40]]))
    np.testing.assert_allclose(said["predictions"][0]["xy_image_px"], alone.xy_image_px, atol=1e-3)
    np.testing.assert_allclose(said["predictions"][0]["vis3"], alone.vis3, atol=1e-5)


def test_everybody_on_a_photo_is_found(ws: Workspace, me: Worker) -> None:
    a_detector(ws.data_dir / "detectors" / "tiny", queries=3)
    question = a_question(ws) | {"find": {"detector": None, "min_score": 0.3}}
    del question["boxes"]
    answer = post(ws, "/people", question)
    said = answer.json()
    assert answer.status_code == 200
    assert (said["model"], said["found_by"]) == (MODEL, "tiny")
    assert 1 <= len(said["predictions"]) <= 3
    first = said["predictions"][0]
    assert (first["annotation_id"], first["index"]) == (None, 0)
    assert first["pose_scores"]["detection"] == pytest.approx(0.88, abs=0.01)


@pytest.mark.parametrize(
    ("find", "said"),
    [
        ({"detector": "x", "min_score": 0.3}, "There is no detector called 'x'."),
        ({"detector": None, "min_score": 2}, "This question cannot be understood."),
        ({"detector": None}, "This question cannot be understood."),
        ({"detector": None, "min_score": 0.3, "more": 1}, "This question cannot be understood."),
    ],
)
def test_people_that_cannot_be_looked_for_are_refused(
    ws: Workspace, me: Worker, find: dict[str, Any], said: str
) -> None:
    question = a_question(ws) | {"find": find}
    del question["boxes"]
    answer = post(ws, "/people", question)
    assert answer.status_code == 400
    assert said in words(answer)
