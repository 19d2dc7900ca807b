"""Signing in with an OpenID provider, in a real browser, from end to end."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.settings import Settings
from app.workflow.browse import history_of
from app.workflow.workspace import open_workspace
from tests.browser.fake_provider import FakeProvider, running_provider
from tests.browser.harness import App, Visitor, new_visitor, running_app
from tests.browser.people import import_people

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
NAME = "people"


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with running_provider(name="Grace Höpper", email="grace@example.org") as running:
        yield running


@pytest.fixture
def guarded(own_data_dir: Path, tmp_path: Path, provider: FakeProvider) -> Iterator[App]:
    """The app, asking for sign-in, with one dataset."""
    file = tmp_path / "secrets.toml"
    file.write_text(provider.secrets_toml)
    settings = {"STREAMLIT_SECRETS_FILES": str(file)}
    with running_app(own_data_dir, tmp_path / "server.log", **settings) as running:
        import_people(open_workspace(Settings(data_dir=own_data_dir)), NAME, tmp_path)
        yield running


def sign_in(page: Page) -> None:
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".st-key-annotator_menu")).to_be_visible()


def is_locked_out(visitor: Visitor) -> None:
    page = visitor.page
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    for path in ("", "inspect", "relabel", "jobs", "export"):
        visitor.go(f"{path}?dataset={NAME}")
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        expect(page.get_by_test_id("stApp")).not_to_contain_text(NAME)
        expect(page.locator(".st-key-annotator_name")).to_have_count(0)


def test_who_signed_in_is_who_decides_and_nobody_else_sees_a_dataset(
    browser: Browser, guarded: App
) -> None:
    visitor = new_visitor(browser, guarded, "Mallory")  # a cookie names nobody here
    page = visitor.page
    visitor.go("")
    is_locked_out(visitor)
    visitor.picture("sign_in")
    sign_in(page)
    expect(page.locator(".st-key-annotator_menu")).to_contain_text("Grace Höpper")
    page.wait_for_url(f"**/export?dataset={NAME}")  # where they were going
    expect(page.get_by_test_id("stMain")).to_contain_text("Nothing was changed")
    visitor.picture("signed_in")

    visitor.open_page("Relabel")
    visitor.wait_for_editor()
    person = visitor.item
    visitor.type_keys("1")
    visitor.wait_until_saved()
    ws = open_workspace(Settings(data_dir=guarded.data_dir))
    assert [v.annotator for v in history_of(ws, NAME, person, 0)] == ["Grace Höpper"]

    page.locator(".st-key-annotator_menu").get_by_role("button").click()
    page.locator(".st-key-sign_out button").click()
    is_locked_out(visitor)
    page.context.close()
    assert visitor.complaints == []
