"""The servers of a test session, each started when a test first asks for it."""

import secrets
from collections.abc import Iterator

import pytest
from hypothesis import settings
from pymongo import MongoClient

from tests import parts

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("modelry", deadline=None)
settings.load_profile("modelry")


@pytest.fixture(scope="session")
def mongodb_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a real database server answers."""
    with parts.mongodb(tmp_path_factory.mktemp("mongodb")) as uri:
        yield uri


@pytest.fixture
def database_name(mongodb_uri: str) -> Iterator[str]:
    """A database of the test's own, dropped after it."""
    name = f"test_{secrets.token_hex(6)}"
    yield name
    with MongoClient(mongodb_uri) as client:
        client.drop_database(name)


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[parts.S3Server]:
    """A real object store."""
    with parts.object_store(tmp_path_factory.mktemp("store")) as server:
        yield server


@pytest.fixture
def bucket(s3: parts.S3Server) -> Iterator[str]:
    """A bucket of the test's own, removed after it."""
    with parts.bucket_of(s3) as name:
        yield name


@pytest.fixture(scope="session")
def local_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[parts.LocalRegistry]:
    """The whole registry as `make run` starts it, shared by the tests that only use it."""
    registry = parts.LocalRegistry(tmp_path_factory.mktemp("registry") / "home").start()
    yield registry
    assert registry.stop() == 0, registry.output
    registry.discard()
