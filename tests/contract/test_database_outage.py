"""A database that goes away is reported as unavailable, soon, and is used again once it is back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.adapters.memory.database import MemoryDatabase
from core.adapters.mongo.database import MongoDatabase
from core.domain.versions import Latest
from core.errors import Unavailable
from core.ports import Database, Stores
from local import programs
from local.ports import free_port
from local.processes import Processes
from tests.contract.entities import file, later, model, namespace, store

CALLS: dict[str, Callable[[Database], Any]] = {
    "ping": lambda database: database.ping(),
    "get": lambda database: database.namespaces.get("fraud"),
    "page": lambda database: database.models.page("fraud", after=None, limit=5),
    "find": lambda database: database.versions.find("fraud", "iris", Latest()),
    "twins": lambda database: database.files.twins("fraud", ["0"]),
    "receive": lambda database: database.files.receive(file(), later(1)),
    "next_id": lambda database: database.next_id("model"),
    "transaction": lambda database: store(database, model()),
}


def check_unavailable(database: Database) -> None:
    for call in CALLS.values():
        with pytest.raises(Unavailable) as refused:
            call(database)
        assert refused.value.retry_after_seconds > 0


def test_a_database_in_memory_that_is_down_is_unavailable() -> None:
    database = MemoryDatabase()
    store(database, namespace())

    database.down = True
    check_unavailable(database)
    database.down = False

    assert database.namespaces.get("fraud") == namespace()


def test_a_database_in_memory_that_goes_down_commits_nothing() -> None:
    database = MemoryDatabase()

    def work(stores: Stores) -> None:
        stores.files.insert([file()])
        database.down = True

    with pytest.raises(Unavailable):
        database.transaction(work)

    database.down = False
    assert database.files.get(1, "model.bin") is None


def test_a_server_that_was_never_there_is_unavailable() -> None:
    uri = f"mongodb://127.0.0.1:{free_port()}/?serverSelectionTimeoutMS=200"

    check_unavailable(MongoDatabase.connect(uri, "nowhere"))


def test_a_server_that_stops_is_unavailable_until_it_is_back(tmp_path: Path) -> None:
    port = free_port()
    server = programs.database(port, tmp_path / "database")
    processes = Processes(tmp_path)
    try:
        processes.wait_until_ready(processes.start([server]))
        database = MongoDatabase.connect(
            f"{programs.database_uri(port)}&serverSelectionTimeoutMS=1000", "outage"
        )
        database.prepare()
        store(database, namespace())

        processes.stop()
        check_unavailable(database)
        processes.wait_until_ready(processes.start([server]))

        assert database.namespaces.get("fraud") == namespace()
        store(database, model())
    finally:
        processes.stop()
