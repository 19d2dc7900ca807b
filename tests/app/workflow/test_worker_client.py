"""Asking the worker: found, signed, answered; what goes wrong on the way is said in words."""

import hmac
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from app.workflow import worker_client
from app.workflow.worker_client import SIGNATURE_HEADER, TIME_HEADER, ask_worker, signature
from app.workflow.workspace import Workspace
from core.data.listing import WorkerInfo
from core.errors import UserError

NOBODY = "No worker is running. Start one: python -m app worker, or python -m app serve."
Handle = Callable[[BaseHTTPRequestHandler, bytes], None]


@contextmanager
def a_server(handle: Handle) -> Iterator[str]:
    """A worker that answers as told; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            handle(self, self.rfile.read(int(self.headers["Content-Length"])))

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def saying(status: int, answer: Any) -> Handle:
    def handle(request: BaseHTTPRequestHandler, _: bytes) -> None:
        packed = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        request.send_response(status)
        request.send_header("Content-Length", str(len(packed)))
        request.end_headers()
        request.wfile.write(packed)

    return handle


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Says which workers give signs of life; the first is the last heard of."""

    def say(*urls: str) -> None:
        now = datetime.now(UTC)
        found = [
            WorkerInfo(f"worker-{n}", url, "CPU", now, now.replace(year=2020 - n))
            for n, url in enumerate(urls)
        ]
        monkeypatch.setattr(worker_client, "living_workers", lambda _: list(reversed(found)))

    return say


def a_dead_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        return f"http://127.0.0.1:{gone.getsockname()[1]}"


def refusal(ws: Workspace) -> str:
    with pytest.raises(UserError) as refused:
        ask_worker(ws, "/predict", {"model": "m"})
    return str(refused.value)


def test_without_a_worker_it_is_said_how_to_start_one(
    ws: Workspace, known: Callable[..., None]
) -> None:
    assert refusal(ws) == NOBODY  # as the database has it
    known()
    assert refusal(ws) == NOBODY
    known("", a_dead_address())
    assert refusal(ws) == NOBODY


def test_a_question_is_signed_over_path_time_and_body(
    ws: Workspace, known: Callable[..., None]
) -> None:
    seen = {}

    def handle(request: BaseHTTPRequestHandler, body: bytes) -> None:
        at = request.headers[TIME_HEADER]
        seen.update(path=request.path, body=body, at=float(at))
        assert hmac.compare_digest(
            request.headers[SIGNATURE_HEADER], signature(ws, "/predict", at, body)
        )
        saying(200, {"fine": True})(request, body)

    with a_server(handle) as url:
        known(a_dead_address(), url)  # who does not answer is passed over
        assert ask_worker(ws, "/predict", {"model": "m"}) == {"fine": True}
    assert (seen["path"], seen["body"]) == ("/predict", b'{"model": "m"}')
    assert abs(time.time() - seen["at"]) < 10


def test_another_path_time_body_or_secret_has_another_signature(ws: Workspace) -> None:
    other = Workspace(ws.settings.model_copy(update={"secret": "other"}), ws.engine)
    found = {
        signature(ws, "/predict", "1.000", b"{}"),
        signature(ws, "/photo", "1.000", b"{}"),
        signature(ws, "/predict", "2.000", b"{}"),
        signature(ws, "/predict", "1.000", b"[]"),
        signature(other, "/predict", "1.000", b"{}"),
    }
    assert len(found) == 5


def test_the_workers_own_words_come_through(ws: Workspace, known: Callable[..., None]) -> None:
    said = {"what": "No such box.", "where": "a.jpg", "remedy": "Draw one.", "problems": ["(1, 2)"]}
    with a_server(saying(400, said)) as url:
        known(url)
        assert refusal(ws) == "a.jpg: No such box. Draw one.\n  - (1, 2)"


@pytest.mark.parametrize("answer", [b"<html>", b"[1]", b""])
def test_an_answer_of_another_program_is_said(
    ws: Workspace, known: Callable[..., None], answer: bytes
) -> None:
    with a_server(saying(502, answer)) as url:
        known(url)
        assert refusal(ws) == (
            "The worker's answer cannot be read (status 502). "
            "Start the worker again, in the same version as the app."
        )


def test_a_refusal_without_words_has_at_least_a_number(
    ws: Workspace, known: Callable[..., None]
) -> None:
    with a_server(saying(418, {})) as url:
        known(url)
        assert refusal(ws) == "The worker refuses this (status 418)."


def test_a_worker_that_dies_while_it_is_asked_is_said(
    ws: Workspace, known: Callable[..., None]
) -> None:
    with a_server(lambda request, _: request.connection.close()) as url:
        known(url)
        assert refusal(ws) == "The worker stopped while it was asked. Try again."


def test_a_worker_that_never_answers_is_not_waited_for_for_ever(
    ws: Workspace, known: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_client, "ANSWER_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        known(f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert refusal(ws) == (
            "The worker has not answered for 0 seconds. See on the page Jobs what it is doing."
        )
