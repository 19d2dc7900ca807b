"""A database of a test's own on a Postgres server that the tests start."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.db.postgres_server import NO_POSTGRES, postgres_server


@contextmanager
def own_postgres() -> Iterator[str]:
    """Its address, as platforms hand it out; the test is skipped where no server can be had."""
    with postgres_server() as url:
        if url is None:
            pytest.skip(NO_POSTGRES)
        name = f"own_{uuid.uuid4().hex}"
        server = create_engine(
            make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
        )
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        server.dispose()
        address = make_url(url).set(drivername="postgres", database=name)
        yield address.render_as_string(hide_password=False)
