"""What every test may rely on: a data directory of its own, the real data, a browser, Node."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from tests.machine import NO_CHROMIUM, NO_NODE, find_chromium, find_node

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
_numbers = itertools.count()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, saying why, what needs the real data where it is not there."""
    if SHARED_DATA.is_dir():
        return
    reason = "needs the real photos and labels of ../shared/data, which are not here"
    for item in items:
        if item.get_closest_marker("shared_data"):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session", autouse=True)
def nobodys_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No setting of the person who runs the tests, and never their data directory."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            ours = name.startswith(("HALFSEEN_", "STREAMLIT_")) or name in {"DATABASE_URL", "PORT"}
            if ours:
                patch.delenv(name)
        patch.setenv("HALFSEEN_DATA_DIR", str(tmp_path_factory.getbasetemp() / "halfseen"))
        # No sign-in in the apps that tests start, whatever stands beside this checkout.
        patch.setenv("STREAMLIT_SECRETS_FILES", str(tmp_path_factory.getbasetemp() / "none.toml"))
        yield


@pytest.fixture(autouse=True)
def own_data_dir(
    tmp_path_factory: pytest.TempPathFactory, nobodys_settings: None
) -> Iterator[Path]:
    """A data directory for every test; it is not made yet."""
    # No `tmp_path` and no `monkeypatch` here: hypothesis refuses fixtures made per function.
    data_dir = tmp_path_factory.getbasetemp() / f"halfseen-{next(_numbers)}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HALFSEEN_DATA_DIR", str(data_dir))
        yield data_dir


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real photos and labels."""
    if not SHARED_DATA.is_dir():
        pytest.skip("needs ../shared/data: mark the test with @pytest.mark.shared_data")
    return SHARED_DATA


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's program. Without one the test is skipped, and fails under CI=true."""
    return find_chromium() or _missing(NO_CHROMIUM)


@pytest.fixture(scope="session")
def node() -> Path:
    """The `node` program. Without it the test is skipped, and fails under CI=true."""
    return find_node() or _missing(NO_NODE)


def _missing(what_to_do: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(what_to_do)
    pytest.skip(what_to_do)
