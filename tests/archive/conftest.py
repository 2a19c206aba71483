"""A catalogue in a file, and one on a server of PostgreSQL that runs for these tests."""

import os

import pytest

from indexer.postgresql import ServerAddress
from testbed.postgresql import NoServerError, Server, run_server
from tests.places import ADDRESS, PASSWORD, name_schema


@pytest.fixture(scope="session")
def server():
    """A server that runs: the one that the environment names, else one of its own."""
    if ADDRESS in os.environ:
        yield Server(os.environ[ADDRESS], os.environ[PASSWORD], 0)
        return
    pytest.importorskip("psycopg", reason="renvois[postgresql] is not installed")
    try:
        with run_server() as server:
            yield server
    except NoServerError as error:
        pytest.skip(str(error))


@pytest.fixture
def schema(server, tmp_path):
    """Where a catalogue of this test alone is to be, on the server."""
    return ServerAddress(
        address=server.address, schema=name_schema(tmp_path), password=server.password
    )


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    """Where a catalogue is to be: a file, then a schema."""
    if request.param == "sqlite":
        return tmp_path / "corpus" / "catalogue.sqlite"
    return request.getfixturevalue("schema")
