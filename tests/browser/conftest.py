"""A real Chromium and a running app for every test of this folder."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from app.settings import Settings
from app.workflow.workspace import open_workspace
from tests.browser.harness import (
    FLAGS,
    App,
    Visitor,
    new_visitor,
    running_app,
    running_worker,
)
from tests.browser.people import People, import_people

# By module: while Playwright runs, its event loop is the thread's, and tests elsewhere that use
# asyncio would fail.

expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(chromium), args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture
def app(own_data_dir: Path, tmp_path: Path, chromium: Path) -> Iterator[App]:
    """The web process on an empty data directory, or on what the test's own fixtures put there."""
    with running_app(own_data_dir, tmp_path / "server.log") as running:
        yield running


@pytest.fixture
def worker(app: App) -> Iterator[None]:
    """A worker beside the web process."""
    with running_worker(app):
        yield


@pytest.fixture
def visit(browser: Browser, app: App) -> Iterator[Callable[..., Visitor]]:
    """Gives visitors; at the end no page may have complained in its console."""
    visitors: list[Visitor] = []

    def visitor(name: str = "") -> Visitor:
        visitors.append(new_visitor(browser, app, name))
        return visitors[-1]

    yield visitor
    complaints = [complaint for each in visitors for complaint in each.complaints]
    for each in visitors:
        each.page.context.close()
    assert complaints == []


@pytest.fixture
def people(app: App, tmp_path: Path) -> People:
    """A dataset of this test alone, in what may be one web process for several tests."""
    name = f"people{next(_numbers)}"
    ws = open_workspace(Settings(data_dir=app.data_dir))
    import_people(ws, name, tmp_path)
    return People(ws, name)
