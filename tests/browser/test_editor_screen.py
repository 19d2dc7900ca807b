"""What of the editor can be seen and reached, on screens of other shapes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.harness import App, Visitor, running_app
from tests.browser.people import People

pytestmark = pytest.mark.browser
ZOOMED = {"width": 700, "height": 450}  # 1400 x 900 at 200 %: the sidebar is closed
_ON_TOP = """button => {
  const { left, top, width } = button.getBoundingClientRect();
  let found = document.elementFromPoint(left + width / 2, top + 2);
  while (found?.shadowRoot) found = found.shadowRoot.elementFromPoint(left + width / 2, top + 2);
  return found === button;
}"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, chromium: Path) -> Iterator[App]:
    """One web process for all tests of this file; each has a dataset of its own."""
    folder = tmp_path_factory.mktemp("editor_screen")
    with running_app(folder / "data", folder / "server.log") as running:
        yield running


def test_the_header_of_a_closed_sidebar_covers_none_of_the_editors_buttons(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.page.set_viewport_size(ZOOMED)  # type: ignore[arg-type]
    ada.go(people.page)
    ada.wait_for_editor()
    for name in ("next item", "Names", "all keys"):
        assert ada.page.get_by_role("button", name=name).evaluate(_ON_TOP), name
