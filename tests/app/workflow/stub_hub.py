"""A Hub on this machine: folders served as the real one serves models."""

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

COMMIT = "c0ffee" + "0" * 34
_FILE = re.compile(r"/([\w.-]+/[\w.-]+)/resolve/([\w.-]+)/([\w.-]+)")


class StubHub:
    """What there is, and what was asked for.

    Attributes:
        models: folders by `owner/model`.
        refused: `X-Error-Code` by `owner/model`, e.g. GatedRepo.
        asked: paths, in order.
    """

    def __init__(self) -> None:
        self.models: dict[str, Path] = {}
        self.refused: dict[str, str] = {}
        self.asked: list[str] = []


@contextmanager
def a_hub(patch: pytest.MonkeyPatch, cache: Path) -> Iterator[StubHub]:
    """A running Hub that the client of this process asks, with a cache of its own."""
    hub = StubHub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    use_hub(patch, f"http://127.0.0.1:{server.server_address[1]}", cache)
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()


def use_hub(patch: pytest.MonkeyPatch, address: str, cache: Path, *, offline: bool = False) -> None:
    """Have the client of this process ask that Hub."""
    from huggingface_hub import constants

    patch.setattr(constants, "ENDPOINT", address)
    template = f"{address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    patch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    patch.setattr(constants, "HF_HUB_CACHE", str(cache))
    patch.setattr(constants, "HF_HUB_OFFLINE", offline)
    patch.setattr(constants, "HF_HUB_DISABLE_XET", True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: StubHub

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, *, body: bool) -> None:
        self.hub.asked.append(self.path)
        found = _FILE.fullmatch(self.path)
        repo, revision, name = found.groups() if found else ("", "", "")
        trouble = self._trouble(repo, revision, name)
        if trouble:
            self.send_response(trouble[0])
            self.send_header("X-Error-Code", trouble[1])
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        packed = (self.hub.models[repo] / name).read_bytes()
        self.send_response(200)
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{hashlib.sha256(packed).hexdigest()}"')
        self.send_header("Content-Length", str(len(packed)))
        self.end_headers()
        if body:
            self.wfile.write(packed)

    def _trouble(self, repo: str, revision: str, name: str) -> tuple[int, str] | None:
        folder = self.hub.models.get(repo)
        if repo in self.hub.refused:
            return 403, self.hub.refused[repo]
        if folder is None:
            return 404, "RepoNotFound"
        if revision not in ("main", COMMIT):
            return 404, "RevisionNotFound"
        return None if (folder / name).is_file() else (404, "EntryNotFound")
