"""What becomes of browser tests on a machine without a browser."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.machine import NO_CHROMIUM

ROOT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.skipif(
    sys.platform == "darwin", reason="a Mac's browsers are found without the PATH"
)


def browser_tests_without_a_browser(tmp_path: Path, **variables: str) -> tuple[int, str]:
    outside = {name: value for name, value in os.environ.items() if name != "CI"}
    nothing = {"PATH": str(tmp_path), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path)}
    command = (sys.executable, "-m", "pytest", "tests/browser", "--maxfail=1", "-n0", "-q")
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider"],
        cwd=ROOT,
        env={**outside, **nothing, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, " ".join(done.stdout.split())


def test_without_a_browser_its_tests_are_skipped_and_say_what_to_do(tmp_path: Path) -> None:
    code, said = browser_tests_without_a_browser(tmp_path)
    assert code == 0, said
    assert NO_CHROMIUM in said


def test_without_a_browser_the_automatic_checks_fail(tmp_path: Path) -> None:
    code, said = browser_tests_without_a_browser(tmp_path, CI="true")
    assert code == 1, said
    assert NO_CHROMIUM in said
