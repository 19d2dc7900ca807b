import asyncio
import re
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from app.ui.photo_overlay import assets


def get(path: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=Starlette(routes=assets.overlay_routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://halfseen") as client:
            return await client.get(path)

    return asyncio.run(ask())


def test_the_overlay_and_everything_it_imports_is_served_for_good() -> None:
    address = assets.module_address()
    wanted, seen = ["overlay.js", "overlay.css"], set()
    while wanted:
        name = wanted.pop()
        seen.add(name)
        answer = get(f"/{address.replace('overlay.js', name)}")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        wanted += set(re.findall(r'from "\./([a-z_]+\.js)"', answer.text)) - seen
    assert seen == {path.name for path in Path(assets.__file__).parent.glob("*.[jc]s*")} - {
        "package.json"
    }


@pytest.mark.parametrize("name", ["nothing.js", "assets.py", "package.json", "..%2Fassets.py"])
def test_nothing_else_is_served(name: str) -> None:
    assert get(f"/overlay/1/{name}").status_code == 404
