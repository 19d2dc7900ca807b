"""The worker's endpoint: whether it is well."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


def health(_: Request) -> JSONResponse:
    """That this process answers."""
    return JSONResponse({"status": "ok"})


endpoint = Starlette(routes=[Route("/health", health)])
