"""The overlay's JavaScript and CSS, served as files: inline they would travel every time."""

import hashlib
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

YEAR_S = 365 * 24 * 3600
_HERE = Path(__file__).parent
_TYPES = {".js": "text/javascript", ".css": "text/css"}


@lru_cache(maxsize=1)
def _files() -> dict[str, bytes]:
    paths = sorted(path for path in _HERE.iterdir() if path.suffix in _TYPES)
    return {path.name: path.read_bytes() for path in paths}


@lru_cache(maxsize=1)
def module_address() -> str:
    """Where browsers load the overlay from, relative to any page; changes with its content."""
    content = b"".join(name.encode() + data for name, data in _files().items())
    return f"overlay/{hashlib.sha256(content).hexdigest()[:16]}/overlay.js"


def asset(request: Request) -> Response:
    """One file of the overlay. The version in the address only makes it unique."""
    name = request.path_params["name"]
    content = _files().get(name)
    if content is None:
        return PlainTextResponse("There is no such file.", status_code=404)
    headers = {"Cache-Control": f"public, max-age={YEAR_S}, immutable"}
    return Response(content, media_type=_TYPES[Path(name).suffix], headers=headers)


def overlay_routes() -> tuple[Route, ...]:
    """What the web process must serve for the overlay to load."""
    return (Route("/overlay/{version}/{name}", asset),)
