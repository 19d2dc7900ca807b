import asyncio
import re
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from app.ui import change_cards, keypoint_canvas, photo_overlay
from app.ui.browser_modules import BrowserModules

COMPONENTS = {"editor": keypoint_canvas, "overlay": photo_overlay, "cards": change_cards}
BORROWED = {"cards": {"glyph.js", "glyph.css"}}


def get(modules: BrowserModules, path: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=Starlette(routes=[modules.route()]))
        async with httpx.AsyncClient(transport=transport, base_url="http://halfseen") as client:
            return await client.get(path)

    return asyncio.run(ask())


@pytest.mark.parametrize("root", COMPONENTS)
def test_the_entry_and_everything_it_imports_is_served_for_good(root: str) -> None:
    modules, folder = COMPONENTS[root].MODULES, Path(COMPONENTS[root].__file__).parent
    assert re.fullmatch(rf"{root}/[0-9a-f]{{16}}/{root}\.js", modules.address)
    wanted, seen = [f"{root}.js", f"{root}.css"], set()
    while wanted:
        name = wanted.pop()
        seen.add(name)
        answer = get(modules, f"/{modules.address.replace(f'{root}.js', name)}")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        wanted += (
            set(re.findall(r'(?:from|@import) "\./([a-z_]+\.(?:js|css))"', answer.text)) - seen
        )
    own = {path.name for path in folder.iterdir() if path.suffix in {".js", ".css"}}
    assert seen == own | BORROWED.get(root, set())


@pytest.mark.parametrize("root", COMPONENTS)
@pytest.mark.parametrize("name", ["nothing.js", "__init__.py", "package.json", "..%2Ferrors.py"])
def test_nothing_else_is_served(root: str, name: str) -> None:
    assert get(COMPONENTS[root].MODULES, f"/{root}/1/{name}").status_code == 404


def test_the_address_changes_with_the_content(tmp_path: Path) -> None:
    def address(words: str) -> str:
        (tmp_path / "a.js").write_text(words)
        return BrowserModules(tmp_path, entry="a.js", failure="").address

    assert address("1") == address("1") != address("2")


def test_files_of_another_component_can_be_borrowed(tmp_path: Path) -> None:
    for folder, name in (("own", "a.js"), ("other", "b.js"), ("other", "c.js")):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / name).write_text(name)

    def modules() -> BrowserModules:
        borrowed = [tmp_path / "other" / "b.js"]
        return BrowserModules(tmp_path / "own", entry="a.js", failure="", borrowed=borrowed)

    before = modules()
    assert get(before, "/a/1/b.js").text == "b.js"
    assert get(before, "/a/1/c.js").status_code == 404
    (tmp_path / "other" / "b.js").write_text("changed")
    assert modules().address != before.address


def test_the_stub_says_in_words_that_it_could_not_load(tmp_path: Path) -> None:
    stub = BrowserModules(tmp_path, entry="a.js", failure='Not "loaded".').stub
    assert 'words.textContent = "Not \\"loaded\\".";' in stub
