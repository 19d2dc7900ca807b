"""The server the tests start: where none can be had, that is said."""

import sys
from pathlib import Path

import pytest

from tests.db import postgres_server


def test_without_any_postgres_there_is_no_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "pgserver", None)  # importing it fails now
    monkeypatch.setattr(postgres_server, "DEBIAN", tmp_path)
    with postgres_server.postgres_server() as url:
        assert url is None


@pytest.mark.postgres
def test_debians_own_server_serves_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    if not list(postgres_server.DEBIAN.glob("*/bin")):
        pytest.skip("needs Debian's Postgres")
    monkeypatch.setitem(sys.modules, "pgserver", None)
    with postgres_server.postgres_server() as url:
        assert url is not None
        assert url.startswith("postgresql://postgres@/postgres?host=")
