"""What of the editor can be seen and reached, on screens of other shapes."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from app.settings import Settings
from app.workflow.import_dataset import import_dataset
from app.workflow.workspace import open_workspace
from tests.browser.harness import App, Visitor, new_visitor, running_app
from tests.browser.people import People, import_people

pytestmark = pytest.mark.browser
ZOOMED = ViewportSize(width=700, height=450)  # 1400 x 900 at 200 %: the sidebar is closed
NARROW = ViewportSize(width=800, height=900)
MANY = 14
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


@pytest.fixture
def crowd(app: App, tmp_path: Path) -> str:
    """The editor's address with a dataset of `MANY` persons on one photo and one on another."""
    persons = [
        {"id": n, "image_id": 1 + n // (MANY + 1), "category_id": 1, "iscrowd": 0}
        | {"bbox": [20 * n, 20, 15, 60], "area": 900, "keypoints": [20 * n, 30, 2]}
        for n in range(1, MANY + 2)
    ]
    images = [{"id": n, "file_name": f"{n}.jpg", "width": 320, "height": 240} for n in (1, 2)]
    categories = [{"id": 1, "name": "person", "keypoints": ["nose"], "skeleton": []}]
    file = tmp_path / "crowd.json"
    file.write_text(
        json.dumps({"images": images, "annotations": persons, "categories": categories})
    )
    name = tmp_path.name
    import_dataset(open_workspace(Settings(data_dir=app.data_dir)), name, file)
    return f"relabel?dataset={name}"


def test_the_header_of_a_closed_sidebar_covers_none_of_the_editors_buttons(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.page.set_viewport_size(ZOOMED)
    ada.go(people.page)
    ada.wait_for_editor()
    for name in ("next item", "Names", "all keys"):
        assert ada.page.get_by_role("button", name=name).evaluate(_ON_TOP), name


def test_the_button_of_the_person_on_screen_is_seen_where_there_is_room_for_few(
    visit: Callable[..., Visitor], crowd: str
) -> None:
    ada = visit("Ada")
    ada.page.set_viewport_size(NARROW)
    ada.go(f"{crowd}&item=9")
    ada.wait_for_editor()
    expect(ada.page.locator(".people [aria-pressed=true]")).to_be_in_viewport(ratio=1)


def test_the_photo_keeps_its_place_from_a_photo_of_many_to_a_photo_of_one(
    visit: Callable[..., Visitor], crowd: str
) -> None:
    ada = visit("Ada")
    tops = []
    for item in (MANY, MANY + 1):
        ada.go(f"{crowd}&item={item}")
        ada.wait_for_editor()
        photo = ada.page.locator(".stageHost")
        tops.append(photo.evaluate("host => host.getBoundingClientRect().top"))
    assert tops[0] == tops[1]


def test_the_sheet_of_keys_begins_at_its_beginning(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.page.set_viewport_size(ZOOMED)
    ada.go(people.page)
    ada.wait_for_editor()
    ada.type_keys("?")
    expect(ada.page.get_by_role("heading", name="Keys")).to_be_in_viewport(ratio=1)
    expect(ada.page.get_by_role("button", name="Close")).to_be_focused()
    expect(ada.page.get_by_role("button", name="Close")).to_be_in_viewport(ratio=1)


def test_what_the_model_suggests_differs_in_shape_and_not_in_hue_alone(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.go(people.page)
    ada.wait_for_editor()
    suggested = ada.page.locator(".row .glyph.thin.v1")
    expect(suggested.first).to_be_visible()
    assert suggested.locator(".dot").count() == suggested.count()


def test_keys_go_on_counting_under_what_streamlit_says_of_a_lost_connection(
    browser: Browser, tmp_path: Path
) -> None:
    with running_app(tmp_path / "data", tmp_path / "server.log") as short:
        import_people(open_workspace(Settings(data_dir=short.data_dir)), "people", tmp_path)
        ada = new_visitor(browser, short, "Ada")
        ada.go("relabel?dataset=people&item=100")
        ada.wait_for_editor()
    ada.type_keys("0")
    expect(ada.page.get_by_role("dialog")).to_contain_text("Connection error")
    ada.type_keys("1", "2")
    expect(ada.page.get_by_role("dialog")).to_have_count(0)
    expect(ada.page.locator(".editor")).to_have_attribute("data-pending", "3")
    ada.page.context.close()


def test_after_a_choice_in_the_sidebar_the_keys_are_the_editors_again(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.go(f"{people.page}&order=file")
    ada.wait_for_editor()
    ada.page.locator(".st-key-choose_unit input").click()
    ada.page.get_by_role("option", name="Single keypoints").click()
    expect(ada.page.locator(".editor .position")).to_contain_text("/ 102")
    expect(ada.page.locator(".stageHost:focus")).to_have_count(1)
    ada.type_keys("1")
    ada.wait_until_saved()
    assert people.flags(100)[0] == 1
