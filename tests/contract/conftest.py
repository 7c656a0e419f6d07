"""Every implementation of the database port."""

from collections.abc import Iterator

import pytest

from core.adapters.memory.database import MemoryDatabase
from core.adapters.mongo.database import MongoDatabase
from core.ports import Database


@pytest.fixture(params=["memory", "mongo"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database, of each kind."""
    if request.param == "memory":
        yield MemoryDatabase()
        return
    uri = request.getfixturevalue("mongodb_uri")
    mongo = MongoDatabase.connect(uri, request.getfixturevalue("database_name"))
    mongo.prepare()
    yield mongo
    mongo.close()
