"""Finds a Chromium for the browser tests; run as a script it installs one where it may."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_APPS = ("Google Chrome", "Chromium")
HOW_TO = (
    "No Chromium was found. Install one (Debian, Ubuntu: apt-get install chromium; macOS: "
    "Google Chrome) or run `.venv/bin/python -m playwright install chromium`."
)


def find_chromium() -> Path | None:
    """The Chromium to drive: one of the machine, else the one Playwright has fetched."""
    on_path = (shutil.which(name) for name in NAMES)
    in_apps = (f"/Applications/{app}.app/Contents/MacOS/{app}" for app in MAC_APPS)
    for candidate in (*on_path, *in_apps):
        if candidate and Path(candidate).is_file() and _starts(candidate):
            return Path(candidate)
    return _playwrights_own()


def _starts(executable: str) -> bool:
    """Whether it is a browser: Ubuntu's chromium-browser may be a stub asking for a snap."""
    if sys.platform == "darwin":
        return True
    try:
        answer = subprocess.run(
            [executable, "--version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and "Chrom" in answer.stdout


def _playwrights_own() -> Path | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.is_file() else None


def install_chromium() -> Path | None:
    """Try Debian's package, then Playwright's own; None where neither can be had."""
    for commands in (_debian_commands(), _playwright_commands()):
        if commands and all(_runs(command) for command in commands):
            found = find_chromium()
            if found:
                return found
    return None


def _debian_commands() -> list[list[str]]:
    if not shutil.which("apt-get"):
        return []
    if os.geteuid() == 0:
        rights = []
    elif shutil.which("sudo") and _runs(["sudo", "-n", "true"]):
        rights = ["sudo", "-n"]
    else:
        return []
    apt = [*rights, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    return [
        [*apt, "-q", "update"],
        [*apt, "-q", "install", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core"],
    ]


def _playwright_commands() -> list[list[str]]:
    return [[sys.executable, "-m", "playwright", "install", "chromium"]]


def _runs(command: list[str]) -> bool:
    print("  $", *command, flush=True)  # noqa: T201
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, timeout=900, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


if __name__ == "__main__":
    chromium = find_chromium() or install_chromium()
    print(f"Browser of the tests: {chromium}" if chromium else HOW_TO)  # noqa: T201
