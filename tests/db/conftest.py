"""Every database test runs twice: on SQLite and on a Postgres server the tests start."""

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from db.session import open_engine, upgrade
from db.tables import Base
from tests.db.postgres_server import NO_POSTGRES, postgres_server


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest) -> Engine:
    """A migrated, empty database of this test's own, of either kind."""
    found: Engine = request.getfixturevalue(f"{request.param}_engine")
    return found


@pytest.fixture
def sqlite_engine(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    """A migrated, empty SQLite database of this test's own."""
    shutil.copy(sqlite_template, tmp_path / "halfseen.db")
    engine = open_engine(f"sqlite:///{tmp_path / 'halfseen.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def postgres_engine(postgres_database: Engine) -> Engine:
    """A migrated, empty Postgres database."""
    names = ", ".join(table.name for table in Base.metadata.sorted_tables)
    _run(postgres_database, f"TRUNCATE {names} RESTART IDENTITY")
    return postgres_database


@pytest.fixture
def empty_engine(
    engine: Engine, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Engine]:
    """A database without a single table, of the kind `engine` is."""
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    if engine.dialect.name == "postgresql":
        name = f"empty_{uuid.uuid4().hex}"
        _run(request.getfixturevalue("postgres"), f"CREATE DATABASE {name}")
        url = _address(engine, name)
    empty = open_engine(url)
    yield empty
    empty.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    upgrade(open_engine(f"sqlite:///{path}"))  # closed by it: the log is folded into the file
    return path


@pytest.fixture(scope="session")
def postgres_database(postgres: Engine) -> Iterator[Engine]:
    """A migrated database of this process; making one for each test takes half a second."""
    name = f"test_{uuid.uuid4().hex}"
    _run(postgres, f"CREATE DATABASE {name}")
    engine = open_engine(_address(postgres, name))
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Engine]:
    """The server. Without one the tests are skipped, and fail under CI=true."""
    with postgres_server() as url:
        if url is None:
            if os.environ.get("CI") == "true":
                pytest.fail(NO_POSTGRES)
            pytest.skip(NO_POSTGRES)
        server = open_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        _run(server, "ALTER SYSTEM SET fsync = off")  # the tests' data may be lost
        _run(server, "SELECT pg_reload_conf()")
        yield server
        server.dispose()


def _run(server: Engine, command: str) -> None:
    with server.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(command))


def _address(server: Engine, name: str) -> str:
    return server.url.set(database=name).render_as_string(hide_password=False)
