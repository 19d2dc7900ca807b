"""What the tests need of the machine: a Chromium and Node. Run as a script it installs them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_APPS = ("Google Chrome", "Chromium")
NO_CHROMIUM = (
    "No Chromium was found. Install one (Debian, Ubuntu: apt-get install chromium; macOS: "
    "Google Chrome) or run `.venv/bin/python -m playwright install chromium`."
)
NO_NODE = (
    "No Node was found. Install it (Debian, Ubuntu: apt-get install nodejs; macOS: brew install "
    "node)."
)


def find_chromium() -> Path | None:
    """The Chromium to drive: one of the machine, else the one Playwright has fetched."""
    if not _driver_starts():
        return None
    on_path = (shutil.which(name) for name in BROWSERS)
    in_apps = (f"/Applications/{app}.app/Contents/MacOS/{app}" for app in MAC_APPS)
    for candidate in (*on_path, *in_apps):
        if candidate and Path(candidate).is_file() and _is_a_browser(candidate):
            return Path(candidate)
    return _playwrights_own()


def find_node() -> Path | None:
    """The `node` program, for the tests of the editor's JavaScript."""
    found = shutil.which("node") or shutil.which("nodejs")
    return Path(found) if found else None


def _is_a_browser(executable: str) -> bool:
    # Ubuntu's chromium-browser may be a stub that asks for a snap.
    if sys.platform == "darwin":
        return True
    try:
        answer = subprocess.run(
            [executable, "--version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and "Chrom" in answer.stdout


def _driver_starts() -> bool:
    return _runs([sys.executable, "-m", "playwright", "--version"], quiet=True)


def _playwrights_own() -> Path | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.is_file() else None


def install_chromium() -> Path | None:
    """Try the distribution's package, then Playwright's own; None where neither can be had."""
    if not _driver_starts():
        _apt_install("libatomic1")  # the driver is a Node of its own, which loads it
    if _apt_install("chromium", "fonts-dejavu-core") and find_chromium():
        return find_chromium()
    # Ubuntu has Chromium as a snap only.
    libraries = ["--with-deps"] if _apt_get() else []
    _runs([sys.executable, "-m", "playwright", "install", *libraries, "chromium"])
    return find_chromium()


def install_node() -> Path | None:
    """Try the distribution's package; None where it cannot be had."""
    _apt_install("nodejs")
    return find_node()


def _apt_install(*packages: str) -> bool:
    apt = _apt_get()
    if apt is None:
        return False
    print(f"Installing the system's packages {' '.join(packages)}.", flush=True)  # noqa: T201
    # The lists of a fresh machine are empty or old: without an update nothing is found.
    return _runs([*apt, "update"], quiet=True) and _runs(
        [*apt, "install", "-y", "--no-install-recommends", *packages], quiet=True
    )


def _apt_get() -> list[str] | None:
    """The command, with the right to install; None where there is no such thing."""
    if not shutil.which("apt-get"):
        return None
    apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    if os.geteuid() == 0:
        return apt
    if shutil.which("sudo") and _runs(["sudo", "-n", "true"], quiet=True):
        return ["sudo", "-n", *apt]
    return None


def _runs(command: Sequence[str], *, quiet: bool = False) -> bool:
    output = subprocess.DEVNULL if quiet else None
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            timeout=900,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


if __name__ == "__main__":
    print(f"browser: {find_chromium() or install_chromium() or NO_CHROMIUM}")  # noqa: T201
    print(f"node: {find_node() or install_node() or NO_NODE}")  # noqa: T201
