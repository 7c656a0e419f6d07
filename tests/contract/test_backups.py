"""Backups: every document and every digest comes back, and nothing is mixed or half believed."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient

from core.adapters.memory.blobs import MemoryBlobStore
from core.adapters.memory.clock import MemoryClock
from core.adapters.memory.tokens import MemoryTokenVerifier
from core.adapters.mongo.database import MongoDatabase
from core.adapters.mongo.dumps import MongoDumps
from core.bootstrap import bundle
from core.domain.access import system_caller
from core.domain.backups import MANIFEST, PREFIX, Backup
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.services.backups import Backups
from tests.builders import ADMIN, declare, settings

OPERATOR = system_caller("operator")
Client = MongoClient[dict[str, Any]]


class Kept:
    """A registry on a database, and backups of it in a store."""

    def __init__(self, uri: str, client: Client, blobs: MemoryBlobStore, clock: MemoryClock):
        self.name = f"test_{uuid.uuid4().hex[:12]}"
        self.documents = client[self.name]
        database = MongoDatabase.connect(uri, self.name)
        database.prepare()
        self.registry = bundle(settings(), database, blobs, MemoryTokenVerifier(clock), clock)
        self.backups = Backups(MongoDumps(self.documents), blobs, clock)

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        return {
            name: list(self.documents[name].find({}, sort=[("_id", 1)]))
            for name in self.documents.list_collection_names()
            if self.documents[name].find_one({}) is not None
        }


@pytest.fixture
def client(mongodb_uri: str) -> Iterator[Client]:
    with MongoClient(mongodb_uri, tz_aware=True) as connected:
        yield connected


@pytest.fixture
def blobs() -> MemoryBlobStore:
    return MemoryBlobStore()


@pytest.fixture
def make(mongodb_uri: str, client: Client, blobs: MemoryBlobStore) -> Iterator[Any]:
    made: list[Kept] = []

    def one() -> Kept:
        made.append(Kept(mongodb_uri, client, blobs, MemoryClock()))
        return made[-1]

    yield one
    for each in made:
        client.drop_database(each.name)


@pytest.fixture
def used(make: Any) -> Kept:
    kept = make()
    registry = kept.registry
    registry.namespaces.create(ADMIN, "default", {"description": "naïve \n 10 %"})
    registry.models.register(ADMIN, "default", "iris", {"metadata": {"a.b": {"$c": 1.5}}})
    files = [declare("m.bin", b"weights")]
    registry.versions.register(ADMIN, "default", "iris", {"metrics": {"auc": 0.5}}, files)
    experiment = registry.experiments.create(ADMIN, "default", "trial", {})
    registry.runs.create(ADMIN, "default", str(experiment.id), {}, name="one")
    return kept


def test_what_is_restored_is_what_was_there(used: Kept, make: Any, blobs: MemoryBlobStore) -> None:
    before = used.everything()
    written = used.backups.write(OPERATOR)

    other = make()
    restored = other.backups.restore(OPERATOR, written.name)

    assert other.everything() == before
    assert restored == written
    assert written.documents == sum(map(len, before.values()))
    assert list(used.backups.page(OPERATOR)) == [written]


def test_numbers_go_on_where_they_were(used: Kept, make: Any) -> None:
    written = used.backups.write(OPERATOR)
    other = make()
    other.backups.restore(OPERATOR, written.name)

    again = other.registry.models.register(ADMIN, "default", "other", {})

    known = other.registry.models.get(ADMIN, "default", "iris")
    assert again.id > known.id


def test_a_restore_that_was_broken_off_goes_on(
    used: Kept, make: Any, blobs: MemoryBlobStore
) -> None:
    written = used.backups.write(OPERATOR)
    other = make()

    def stop(chunk: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        other.backups.restore(OPERATOR, written.name, stop)
    other.backups.restore(OPERATOR, written.name)

    assert other.everything() == used.everything()


def test_a_database_that_holds_something_is_left_alone(used: Kept, make: Any) -> None:
    written = used.backups.write(OPERATOR)
    other = make()
    other.registry.namespaces.create(ADMIN, "mine", {})
    before = other.everything()

    with pytest.raises(Conflict, match="not empty"):
        other.backups.restore(OPERATOR, written.name)

    assert other.everything() == before


def test_a_backup_that_was_changed_restores_nothing(
    used: Kept, make: Any, blobs: MemoryBlobStore
) -> None:
    written = used.backups.write(OPERATOR)
    blobs.put(f"{PREFIX}{written.name}/{written.chunks[-1].name}", b"other")
    other = make()
    before = other.everything()

    with pytest.raises(Invalid, match="was changed"):
        other.backups.restore(OPERATOR, written.name)

    assert other.everything() == before


def test_a_backup_that_was_broken_off_is_none(used: Kept, blobs: MemoryBlobStore) -> None:
    written = used.backups.write(OPERATOR)
    blobs.remove(f"{PREFIX}{written.name}/{MANIFEST}")

    assert list(used.backups.page(OPERATOR)) == []
    with pytest.raises(NotFound):
        used.backups.restore(OPERATOR, written.name)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"form": "other"}'])
def test_what_is_no_manifest_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid):
        Backup.read(content)


def test_only_operators_back_up_and_restore(used: Kept) -> None:
    with pytest.raises(Forbidden):
        used.backups.write(ADMIN)
    with pytest.raises(Forbidden):
        used.backups.page(ADMIN)
    with pytest.raises(Forbidden):
        used.backups.restore(ADMIN, "any")
