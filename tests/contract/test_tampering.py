"""Tampering with what a real database and the object store hold is found, and named."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.adapters.mongo.database import MongoDatabase
from core.bootstrap import bundle
from core.domain.versions import ByNumber
from modelry.audit.findings import Kind
from modelry.audit.verification import verify_export
from tests.auditing import SWEEP, exported
from tests.builders import ADMIN, World


class MongoWorld(World):
    """A World on a real database, with four sealed checkpoints."""

    def __init__(self, uri: str, name: str) -> None:
        super().__init__()
        database = MongoDatabase.connect(uri, name)
        database.prepare()
        self.documents = database._database
        self.registry = bundle(self.settings, database, self.blobs, self.tokens, self.clock)
        self.database = database
        self.registry.namespaces.create(ADMIN, "default", {})
        self.pushed({"model.bin": b"weights"})
        for number in range(4):
            self.clock.advance(seconds=300)
            self.registry.models.register(ADMIN, "default", f"model-{number}", {})
            self.registry.downloads.get(ADMIN, "default", "iris", ByNumber(1), "model.bin")
            self.registry.sealing.seal(SWEEP)

    def sealed(self, number: int, action: str) -> str:
        """The id of an event with this action under this checkpoint."""
        batch = self.registry.database.checkpoints.batch(number)
        assert batch is not None
        events = (self.registry.database.audit.get(each) for each in batch.events)
        return next(each.id for each in events if each and each.action == action)


@pytest.fixture
def world(mongodb_uri: str, database_name: str) -> Iterator[MongoWorld]:
    world = MongoWorld(mongodb_uri, database_name)
    yield world
    world.documents.client.close()


def another_actor(world: MongoWorld) -> tuple[Kind, str]:
    chosen = world.sealed(2, "model.registered")
    world.documents.events.update_one({"_id": chosen}, {"$set": {"actor": "subject:dev:x"}})
    return Kind.ALTERED, chosen


def another_state(world: MongoWorld) -> tuple[Kind, str]:
    chosen = world.sealed(3, "model.registered")
    world.documents.events.update_one({"_id": chosen}, {"$set": {"after.owner": "mallory"}})
    return Kind.ALTERED, chosen


def a_change_removed(world: MongoWorld) -> tuple[Kind, str]:
    chosen = world.sealed(2, "model.registered")
    world.documents.events.delete_one({"_id": chosen})
    return Kind.REMOVED, chosen


def a_download_removed(world: MongoWorld) -> tuple[Kind, str]:
    chosen = world.sealed(2, "download.granted")
    world.documents.accesses.delete_one({"_id": chosen})
    return Kind.REMOVED, chosen


def a_change_added(world: MongoWorld) -> tuple[Kind, str]:
    chosen = world.sealed(2, "model.registered")
    document = world.documents.events.find_one({"_id": chosen})
    assert document is not None
    forged = f"{chosen[:-4]}{'0000' if chosen[-4:] != '0000' else '0001'}"
    world.documents.events.insert_one({**document, "_id": forged, "id": forged})
    return Kind.ADDED, forged


def two_swapped(world: MongoWorld) -> tuple[Kind, str]:
    first, second = (world.sealed(number, "model.registered") for number in (2, 3))
    found = [world.documents.events.find_one({"_id": each}) for each in (first, second)]
    world.documents.events.delete_many({"_id": {"$in": [first, second]}})
    for document, name in zip(found, (second, first), strict=True):
        assert document is not None
        world.documents.events.insert_one({**document, "_id": name, "id": name})
    return Kind.ALTERED, first


def a_checkpoint_altered(world: MongoWorld) -> tuple[Kind, str]:
    world.documents.checkpoints.update_one({"_id": 2}, {"$set": {"root": "0" * 64}})
    return Kind.ALTERED, "checkpoint 2"


def a_checkpoint_removed(world: MongoWorld) -> tuple[Kind, str]:
    world.documents.checkpoints.delete_one({"_id": 2})
    return Kind.REMOVED, "checkpoint 2"


def a_document_altered_in_the_store(world: MongoWorld) -> tuple[Kind, str]:
    key = ".audit/000000000002.json"
    content = world.blobs.get(key)
    assert content is not None
    world.blobs.put(key, content.replace(b'"size":', b'"size":1'))
    return Kind.ALTERED, "checkpoint 2"


def a_document_removed_from_the_store(world: MongoWorld) -> tuple[Kind, str]:
    world.blobs.remove(".audit/000000000003.json")
    return Kind.REMOVED, "checkpoint 3"


TAMPERINGS = (
    another_actor, another_state, a_change_removed, a_download_removed, a_change_added, two_swapped,
    a_checkpoint_altered, a_checkpoint_removed, a_document_altered_in_the_store,
    a_document_removed_from_the_store,
)  # fmt: skip


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_what_was_done_to_stored_documents_is_found_and_the_first_is_named(
    world: MongoWorld, tmp_path: Path, tamper: Callable[[MongoWorld], tuple[Kind, str]]
) -> None:
    kind, named = tamper(world)

    first = verify_export(exported(world, tmp_path / "export")).findings[0]

    assert first.kind is kind
    assert named in first.place


def test_a_batch_altered_in_the_database_is_found_in_its_copy(
    world: MongoWorld, tmp_path: Path
) -> None:
    chosen: Any = world.documents.batches.find_one({"_id": 2})
    leaves = ["0" * 64, *chosen["leaves"][1:]]
    world.documents.batches.update_one({"_id": 2}, {"$set": {"leaves": leaves}})

    kept = verify_export(exported(world, tmp_path / "store"))
    altered = verify_export(exported(world, tmp_path / "database", copy="database"))

    assert kept.is_good
    assert chosen["events"][0] in altered.findings[0].place


def test_what_nobody_touched_is_good(world: MongoWorld, tmp_path: Path) -> None:
    assert verify_export(exported(world, tmp_path / "export")).is_good
