"""What every test may rely on: a data directory of its own, the real data, a browser."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chromium import HOW_TO, find_chromium

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
OURS = ("HALFSEEN_", "STREAMLIT_")
_numbers = itertools.count()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, saying why, what needs the real data where it is not there."""
    if SHARED_DATA.is_dir():
        return
    reason = "needs the real photos and labels of ../shared/data, which are not here"
    for item in items:
        if item.get_closest_marker("shared_data"):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(autouse=True)
def own_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data directory of its own for every test; no setting of the person who runs them."""
    # No `tmp_path` and no `monkeypatch` here: hypothesis refuses fixtures made per function.
    data_dir = tmp_path_factory.getbasetemp() / f"halfseen-{next(_numbers)}"
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith(OURS) or name in {"DATABASE_URL", "PORT"}:
                patch.delenv(name)
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
    found = find_chromium()
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(HOW_TO)
        pytest.skip(HOW_TO)
    return found
