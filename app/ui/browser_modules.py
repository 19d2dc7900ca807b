"""A component's JavaScript and CSS, served as files: inline they would travel every time."""

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

YEAR_S = 365 * 24 * 3600
_TYPES = {".js": "text/javascript", ".css": "text/css"}
_STUB = """
export default async function (component) {
  const address = new URL(component.data.module, document.baseURI).href;
  try {
    const { default: mount } = await import(address);
    return mount(component);
  } catch (error) {
    const words = document.createElement("p");
    words.textContent = FAILURE;
    component.parentElement.replaceChildren(words);
    console.error(error);
  }
}
"""


class BrowserModules:
    """The browser's half of a component.

    Args:
        folder: holds the files; nothing else in it is served.
        entry: the module whose default export mounts the component.
        failure: what is shown where it cannot be loaded.
        borrowed: files of other components, served beside those of the folder.
    """

    def __init__(
        self, folder: Path, *, entry: str, failure: str, borrowed: Sequence[Path] = ()
    ) -> None:
        self._folder, self._entry, self._failure = folder, entry, failure
        self._borrowed = tuple(borrowed)
        self._root = Path(entry).stem

    @property
    def stub(self) -> str:
        """What travels with every message: loads the module its data names, once."""
        return _STUB.replace("FAILURE", json.dumps(self._failure))

    @cached_property
    def address(self) -> str:
        """Where browsers load the entry from, relative to any page; changes with the content."""
        content = b"".join(name.encode() + data for name, data in self._files.items())
        return f"{self._root}/{hashlib.sha256(content).hexdigest()[:16]}/{self._entry}"

    def route(self) -> Route:
        """What the web process must serve for the component to load."""
        return Route(f"/{self._root}/{{version}}/{{name}}", self._file)

    def _file(self, request: Request) -> Response:
        # The version in the address only makes it unique.
        name = request.path_params["name"]
        content = self._files.get(name)
        if content is None:
            return PlainTextResponse("There is no such file.", status_code=404)
        headers = {"Cache-Control": f"public, max-age={YEAR_S}, immutable"}
        return Response(content, media_type=_TYPES[Path(name).suffix], headers=headers)

    @cached_property
    def _files(self) -> dict[str, bytes]:
        own = sorted(path for path in self._folder.iterdir() if path.suffix in _TYPES)
        return {path.name: path.read_bytes() for path in (*own, *self._borrowed)}
