"""How web asks the worker: it finds a living one, signs what it asks and gets words or numbers."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

from app.workflow.jobs import living_workers
from app.workflow.workspace import Workspace
from core.errors import UserError

TIME_HEADER, SIGNATURE_HEADER = "X-Halfseen-Time", "X-Halfseen-Signature"
CONNECT_S = 2.0
ANSWER_S = 120.0  # a model may have to be loaded first
MOST_ANSWER_BYTES = 32 << 20


def ask_worker(ws: Workspace, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """What a worker answers.

    Args:
        path: `/predict`, `/people`, `/heat-maps` or `/photo`.

    Raises:
        UserError: no worker is running, it fell silent, or its own words of refusal.
    """
    packed = json.dumps(body).encode()
    for url in _addresses(ws):
        connection = _connected(url)
        if connection is not None:
            try:
                return _asked(ws, connection, path, packed)
            finally:
                connection.close()
    raise UserError(
        "No worker is running.",
        remedy="Start one: python -m app worker, or python -m app serve.",
    )


def signature(ws: Workspace, path: str, at: str, body: bytes) -> str:
    """The proof that somebody who holds the workspace's secret asks this, at this time."""
    key = hashlib.sha256(b"worker" + ws.secret.encode()).digest()
    said = path.encode() + b"\n" + at.encode() + b"\n" + body
    return hmac.new(key, said, hashlib.sha256).hexdigest()


def _addresses(ws: Workspace) -> Sequence[str]:
    """The endpoints of living workers, the last heard of first."""
    found = sorted(living_workers(ws), key=lambda worker: worker.seen_at, reverse=True)
    return [worker.url for worker in found if worker.url]


def _connected(url: str) -> HTTPConnection | None:
    """An open connection; None where nobody listens."""
    address = urlsplit(url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=CONNECT_S)
    try:
        connection.connect()
    except OSError:
        connection.close()
        return None
    connection.sock.settimeout(ANSWER_S)
    return connection


def _asked(ws: Workspace, connection: HTTPConnection, path: str, body: bytes) -> dict[str, Any]:
    at = f"{time.time():.3f}"
    headers = {
        "Content-Type": "application/json",
        TIME_HEADER: at,
        SIGNATURE_HEADER: signature(ws, path, at, body),
    }
    try:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        return _read(answer)
    except TimeoutError as error:
        raise UserError(
            f"The worker has not answered for {ANSWER_S:.0f} seconds.",
            remedy="See on the page Jobs what it is doing.",
        ) from error
    except (OSError, HTTPException) as error:
        raise UserError("The worker stopped while it was asked.", remedy="Try again.") from error


def _read(answer: HTTPResponse) -> dict[str, Any]:
    packed = answer.read(MOST_ANSWER_BYTES)
    try:
        said = json.loads(packed)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise UserError(
            f"The worker's answer cannot be read (status {answer.status}).",
            remedy="Start the worker again, in the same version as the app.",
        )
    if answer.status != 200:
        raise UserError(
            str(said.get("what") or f"The worker refuses this (status {answer.status})."),
            where=str(said.get("where", "")),
            remedy=str(said.get("remedy", "")),
            problems=[str(problem) for problem in said.get("problems", ())],
        )
    return said
