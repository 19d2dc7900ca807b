"""The worker's endpoint: signed questions about one photo, answered beside all jobs.

Every refusal is JSON in words with a fitting status. The work is done in threads, so that the
loop always answers.
"""

import hmac
import json
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Self, TypeVar

from anyio import CapacityLimiter, to_thread
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.error_log import log_unexpected
from app.worker import one_photo
from app.worker.process import the_worker
from app.workflow.finders import FindPeople
from app.workflow.interactive import PhotoRef
from app.workflow.worker_client import SIGNATURE_HEADER, TIME_HEADER, signature
from core.errors import UserError

MOST_BODY_BYTES = 64 << 10
OLD_S = 60.0  # clocks of machines may differ by so much
THREADS = 4  # each may decode a photo of 150 MB
MOST_WAITING = 64

Answer = dict[str, Any]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Photo(_Asked):
    dataset: str | None = None
    image_id: int | None = Field(None, ge=-(2**63), lt=2**63)
    upload_id: str | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        of_dataset = (self.dataset is not None, self.image_id is not None)
        if of_dataset not in {(True, True), (False, False)} or all(of_dataset) == (
            self.upload_id is not None
        ):
            raise ValueError("name a dataset and an image, or an upload")
        return self

    def ref(self) -> PhotoRef:
        return PhotoRef(self.dataset, self.image_id, self.upload_id)


class _Boxes(_Asked):
    photo: _Photo
    boxes: list[tuple[float, float, float, float]] | None
    model: str


class _Find(_Asked):
    detector: str | None
    min_score: float = Field(ge=0, le=1)


class _People(_Asked):
    photo: _Photo
    find: _Find
    model: str


class _Shown(_Asked):
    upload_id: str
    max_side_px: int


T = TypeVar("T", bound=_Asked)


class _DoorError(UserError):
    """A question that is not let in; `status` says why to machines."""

    def __init__(self, status: int, what: str, *, remedy: str = "") -> None:
        super().__init__(what, remedy=remedy)
        self.status = status


def predict(body: bytes) -> Answer:
    """POST /predict: persons in boxes."""
    asked = _understood(_Boxes, body)
    return one_photo.predict(the_worker(), asked.photo.ref(), asked.boxes, asked.model)


def people(body: bytes) -> Answer:
    """POST /people: everybody on a photo."""
    asked = _understood(_People, body)
    find = FindPeople(asked.find.detector, asked.find.min_score)
    return one_photo.find_people(the_worker(), asked.photo.ref(), find, asked.model)


def heat_maps(body: bytes) -> Answer:
    """POST /heat-maps: of the person in one box."""
    asked = _understood(_Boxes, body)
    return one_photo.heat_maps(the_worker(), asked.photo.ref(), asked.boxes, asked.model)


def photo(body: bytes) -> Answer:
    """POST /photo: make an upload's picture for browsers."""
    asked = _understood(_Shown, body)
    return one_photo.show_photo(the_worker(), asked.upload_id, asked.max_side_px)


async def health(_: Request) -> Response:
    """GET /health: that this process answers, for whoever asks."""
    worker = the_worker()
    return JSONResponse({"status": "ok", "worker": worker.name, "device": worker.device})


class _Door:
    """Lets signed questions in, as many as there is room for."""

    def __init__(self) -> None:
        self._limiter: CapacityLimiter | None = None  # made in the loop it belongs to
        self._waiting = 0

    def to(self, work: Callable[[bytes], Answer]) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            try:
                body = await _bounded_body(request)
                _require_ours(request, body)
                return JSONResponse(await self._in_thread(partial(work, body)))
            except _DoorError as error:
                return _refusal(error, error.status)
            except UserError as error:
                return _refusal(error, 400)
            except Exception:
                said = log_unexpected(f"endpoint {request.url.path}")
                return _refusal(UserError(said), 500)

        return handle

    async def _in_thread(self, work: Callable[[], Answer]) -> Answer:
        if self._waiting >= MOST_WAITING:
            raise _DoorError(503, "Too many wait for this worker.", remedy="Try again in a moment.")
        self._limiter = self._limiter or CapacityLimiter(THREADS)
        self._waiting += 1
        try:
            return await to_thread.run_sync(work, limiter=self._limiter)
        finally:
            self._waiting -= 1


async def _bounded_body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BODY_BYTES:
            raise _DoorError(413, f"A question has at most {MOST_BODY_BYTES >> 10} KB.")
    return body


def _require_ours(request: Request, body: bytes) -> None:
    at = request.headers.get(TIME_HEADER, "")
    proof = request.headers.get(SIGNATURE_HEADER, "")
    expected = signature(the_worker().ws, request.url.path, at, body)
    if not hmac.compare_digest(proof.encode("latin-1"), expected.encode()):
        raise _DoorError(
            401,
            "This question is not signed with the secret of this worker's data directory.",
            remedy="Web and worker need the same HALFSEEN_DATA_DIR and HALFSEEN_SECRET.",
        )
    if abs(time.time() - float(at)) > OLD_S:
        raise _DoorError(
            401,
            f"This question was signed more than {OLD_S:.0f} seconds ago, or is to come.",
            remedy="Set the clocks of the machines.",
        )


def _understood(kind: type[T], body: bytes) -> T:
    try:
        return kind.model_validate(json.loads(body))
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise UserError("This question cannot be understood.", problems=problems) from error
    except (ValueError, RecursionError) as error:
        raise UserError("This question is no JSON.") from error


def _refusal(error: UserError, status: int) -> Response:
    said = {"what": error.what, "where": error.where, "remedy": error.remedy}
    return JSONResponse(said | {"problems": error.problems}, status_code=status)


async def _unknown(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _refusal(UserError(f"{error.detail}."), error.status_code)


_door = _Door()
endpoint = Starlette(
    routes=[
        Route("/predict", _door.to(predict), methods=["POST"]),
        Route("/people", _door.to(people), methods=["POST"]),
        Route("/heat-maps", _door.to(heat_maps), methods=["POST"]),
        Route("/photo", _door.to(photo), methods=["POST"]),
        Route("/health", health),
    ],
    exception_handlers={HTTPException: _unknown},
)
