"""Work that could not be saved at once stays in the editor, comes back, and is never lost."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, WebSocketRoute, expect

from app.workflow.datasets import rename_dataset
from tests.browser.harness import App, Visitor, running_app
from tests.browser.people import GIVEN, People

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, chromium: Path) -> Iterator[App]:
    """One web process for all tests of this file; each has a dataset of its own."""
    folder = tmp_path_factory.mktemp("unsaved")
    with running_app(folder / "data", folder / "server.log") as running:
        yield running


def keep_from_saving(people: People) -> None:
    """Have the database refuse every verdict, until `let_save`."""
    _run(
        people,
        "CREATE TRIGGER refuse BEFORE INSERT ON verdict BEGIN SELECT RAISE(ABORT, 'refused'); END",
    )


def let_save(people: People) -> None:
    """Undo `keep_from_saving`."""
    _run(people, "DROP TRIGGER refuse")


def _run(people: People, statement: str) -> None:
    path = people.ws.settings.data_dir / "halfseen.db"
    with closing(sqlite3.connect(path, timeout=10)) as database, database:
        database.execute(statement)


def test_what_cannot_be_saved_is_said_and_can_be_discarded(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.go(people.page)
    ada.wait_for_editor()
    keep_from_saving(people)
    ada.type_keys("0")
    expect(ada.page.locator(".saved")).to_contain_text("not saved:")
    ada.page.once("dialog", lambda dialog: dialog.accept())
    ada.page.get_by_role("button", name="Discard what is not saved").click()
    ada.page.locator('.editor[data-pending="0"]').wait_for()
    let_save(people)
    assert people.flags(100) == GIVEN


def test_discarding_shows_what_was_saved_before_and_goes_on_from_there(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.go(people.page)
    ada.wait_for_editor()
    ada.type_keys("0", "0")
    ada.wait_until_saved()
    keep_from_saving(people)
    ada.type_keys("0")
    expect(ada.page.locator(".saved")).to_contain_text("not saved:")
    asked = []

    def agree(dialog: Dialog) -> None:
        asked.append(dialog.message)
        # Not before: what can be saved again is sent again. A dialog holds the page up.
        let_save(people)
        dialog.accept()

    ada.page.once("dialog", agree)
    ada.page.get_by_role("button", name="Discard what is not saved").click()
    assert asked == ["Discard 1 change that was not saved?"]
    expect(ada.page.locator(".editor")).to_have_attribute("data-active", "2")
    ada.type_keys("ArrowUp", "2")
    ada.wait_until_saved()
    assert people.flags(100) == [0, 2, *GIVEN[2:]]


def test_a_dataset_renamed_meanwhile_is_followed_with_everything_typed(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.go(people.page)
    ada.wait_for_editor()
    renamed = People(people.ws, f"{people.name} renamed")
    rename_dataset(people.ws, people.name, renamed.name)
    ada.type_keys("0", "ArrowRight", "1")
    expect(ada.page.get_by_test_id("stAlert")).to_contain_text(f"is called {renamed.name} now")
    ada.wait_until_saved()
    assert ada.item == 101
    ada.type_keys("0")
    ada.wait_until_saved()
    assert renamed.flags(100) == [0, *GIVEN[1:]]
    assert renamed.flags(101) == [1, 0, *GIVEN[2:]]


def test_back_from_another_page_the_labels_are_those_on_disk(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.go(people.page)
    ada.wait_for_editor()
    ada.type_keys("0", "1")
    ada.wait_until_saved()
    ada.open_page("Inspect")
    expect(ada.page.locator(".editor")).to_have_count(0)
    ada.open_page("Relabel")
    ada.wait_for_editor()
    assert ada.active == 2
    ada.type_keys("ArrowUp", "0")
    ada.wait_until_saved()
    expect(ada.page.locator(".conflict")).to_have_count(0)
    assert people.flags(100) == [0, 0, *GIVEN[2:]]


def test_work_a_reload_left_behind_is_saved_and_shown(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.go(people.page)
    ada.wait_for_editor()
    keep_from_saving(people)
    ada.type_keys("0", "1")
    expect(ada.page.locator(".saved")).to_contain_text("not saved:")
    ada.page.on("dialog", lambda dialog: dialog.accept())  # that work would be lost: it is not
    ada.page.reload()
    ada.wait_for_editor()
    expect(ada.page.locator(".saved")).to_contain_text("not saved:")
    let_save(people)
    ada.wait_until_saved()
    assert people.flags(100) == [0, 1, *GIVEN[2:]]
    assert ada.active == 2
    row = ada.page.locator(".row").first
    expect(row).to_have_attribute("aria-label", "nose: given visible, now not labelled, reviewed")


def test_work_done_while_the_server_is_away_is_named_and_saved_when_it_is_back(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.go(people.page)
    ada.wait_for_editor()
    ada.page.context.set_offline(True)
    ada.type_keys("0", "0")
    time.sleep(0.2)
    ada.page.context.set_offline(False)
    ada.wait_until_saved()
    assert people.flags(100) == [0, 0, *GIVEN[2:]]


def test_a_server_that_does_not_answer_is_told_with_what_waits(
    visit: Callable[..., Visitor], people: People
) -> None:
    held: list[str | bytes] = []
    silent = False
    routes = []

    def pass_on(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        routes.append(server)
        route.on_message(lambda said: held.append(said) if silent else server.send(said))

    ada = visit("Ada")
    ada.page.route_web_socket("**/_stcore/stream", pass_on)
    ada.go(people.page)
    ada.wait_for_editor()
    silent = True
    ada.type_keys("0", "0", "0")
    expect(ada.page.locator(".saved")).to_have_text("not saved yet: no answer (3 waiting)")
    ada.picture("editor_no_answer")
    silent = False
    for said in held:
        routes[-1].send(said)
    ada.wait_until_saved()
    assert people.flags(100) == [0, 0, 0, *GIVEN[3:]]


def test_what_is_saved_is_counted_after_a_moment(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Counting Ada")
    ada.go(people.page)
    ada.wait_for_editor()
    expect(ada.page.locator(".progress")).to_contain_text("today: 0 keypoints, 0 persons")
    ada.type_keys("0", "0")
    expect(ada.page.locator(".progress")).to_contain_text("today: 2 keypoints, 1 person")
    assert (ada.item, ada.active) == (100, 2)
