"""Start the app on a free port with a data directory of its own, and watch what a page says."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page, expect

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "local" / "screenshots"  # ignored: real people may be on them
WIDE, NARROW = (1400, 900), (800, 900)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
START_S = 60.0
_TYPE_AT_ONCE = """codes => {
  const [host] = [...document.querySelectorAll('[data-testid="stBidiComponentIsolated"]')]
    .map((each) => each.shadowRoot?.querySelector('.stageHost')).filter(Boolean);
  for (const code of codes) {
    host.dispatchEvent(new KeyboardEvent('keydown', { code, bubbles: true, composed: true }));
  }
}"""


@dataclass(frozen=True)
class App:
    """A running web process."""

    address: str
    data_dir: Path
    log: Path


@contextmanager
def running_app(data_dir: Path, log: Path, **settings: str) -> Iterator[App]:
    """The web process, started and, at the end, stopped; `settings` go to its environment."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app/main.py", f"--server.port={port}"]
    environment = os.environ | {"HALFSEEN_DATA_DIR": str(data_dir)} | settings
    with log.open("wb") as written:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=written, stderr=subprocess.STDOUT
        )
        try:
            address = f"http://localhost:{port}"
            _wait_until_up(address, process, log)
            yield App(address, data_dir, log)
        finally:
            process.terminate()
            process.wait(timeout=20)


@contextmanager
def running_worker(app: App) -> Iterator[None]:
    """A worker for the app's data directory, ready for work, and at the end stopped."""
    environment = os.environ | {"HALFSEEN_DATA_DIR": str(app.data_dir), "HALFSEEN_DEVICE": "cpu"}
    log = app.log.with_name("worker.log")
    with log.open("wb") as written:
        command = [sys.executable, "-m", "app", "worker"]
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=written, stderr=subprocess.STDOUT
        )
        try:
            end = time.monotonic() + START_S
            while " is ready" not in log.read_text():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < end, log.read_text()
                time.sleep(0.2)
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)


def free_port() -> int:
    """One that nobody listens on just now."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])


def _wait_until_up(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"The app was not up after {START_S:g} s:\n{log.read_text()}")


@dataclass
class Visitor:
    """One person at a browser of their own, with everything the console said."""

    page: Page
    app: App
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open a page of the app by its address."""
        self.page.goto(f"{self.app.address}/{path}")

    def open_page(self, title: str) -> None:
        """Go to a page by the navigation, within the same session."""
        self.page.get_by_test_id("stSidebarNav").get_by_role("link", name=title).click()

    def picture(self, name: str) -> None:
        """Screenshots in both widths, to be looked at."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        expect(self.page.get_by_test_id("stSkeleton")).to_have_count(0)
        for width, height in (NARROW, WIDE):  # ends wide, as it was
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.wait_for_timeout(500)
            self.page.screenshot(path=SCREENSHOTS / f"{name}_{width}.png")

    # ---- the editor

    @property
    def saved(self) -> str:
        """What the editor says of saving."""
        return self.page.locator(".editor .saved").inner_text()

    @property
    def item(self) -> int:
        """The annotation on screen."""
        return int(self.page.locator(".editor").get_attribute("data-item") or 0)

    @property
    def active(self) -> int:
        """The active keypoint."""
        return int(self.page.locator(".editor").get_attribute("data-active") or 0)

    def wait_for_editor(self) -> None:
        """Until a person is on screen and keys are heard."""
        self.page.locator(".editor[data-item]").wait_for()
        self.page.locator(".stageHost:focus").wait_for()
        self.page.locator('[data-test-script-state="notRunning"]').wait_for()

    def type_keys(self, *keys: str) -> None:
        """Press keys one after the other, as fast as the browser takes them."""
        for key in keys:
            self.page.keyboard.press(key)

    def type_at_once(self, *codes: str) -> None:
        """Keys so fast that the server can say nothing in between, by `event.code`."""
        self.page.evaluate(_TYPE_AT_ONCE, list(codes))

    def wait_until_saved(self) -> None:
        """Until nothing typed waits for its item, and nothing is pending."""
        self.page.locator('.editor[data-pending="0"]:not([data-waiting])').wait_for()
        self.page.wait_for_function(
            """() => [...document.querySelectorAll('[data-testid="stBidiComponentIsolated"]')]
              .some((host) => host.shadowRoot?.querySelector('.saved')
                ?.textContent.startsWith('saved'))"""
        )


def new_visitor(browser: Browser, app: App, name: str = "") -> Visitor:
    """A fresh browser profile; with a name it is known already."""
    context = browser.new_context(viewport={"width": WIDE[0], "height": WIDE[1]})
    if name:
        context.add_cookies([{"name": "halfseen_annotator", "value": name, "url": app.address}])
    page = context.new_page()
    visitor = Visitor(page, app)
    page.on("console", lambda message: _note(visitor, message))
    page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
    return visitor


def _note(visitor: Visitor, message: ConsoleMessage) -> None:
    # Streamlit looks for its server below a deep link first; these two are no fault of ours.
    is_probe = "/_stcore/" in message.location.get("url", "")
    if message.type == "error" and not is_probe:
        visitor.complaints.append(f"{message.text} {message.location}")
