"""A real Chromium and a running app for every test of this folder."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.harness import FLAGS, App, Visitor, new_visitor, running_app

# By module: while Playwright runs, its event loop is the thread's, and tests elsewhere that use
# asyncio would fail.

expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong


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
