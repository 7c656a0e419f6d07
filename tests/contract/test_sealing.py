"""Sealing while others write, on a real database: no event is lost, none is out of the chain."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.adapters.memory.blobs import MemoryBlobStore
from core.adapters.memory.tokens import MemoryTokenVerifier
from core.adapters.mongo.database import MongoDatabase
from core.bootstrap import SystemClock, bundle
from core.domain.access import system_caller
from core.domain.checkpoints import NO_CHECKPOINT, digests, leaf_content
from core.domain.merkle import leaf_digest, root_of
from core.ports import Database
from core.registry import Registry
from tests.builders import ADMIN, settings

CLIENTS = 16
CHANGES = 20
SWEEP = system_caller("sweep")


@pytest.fixture
def registry(mongodb_uri: str, database_name: str) -> Iterator[Registry]:
    database = MongoDatabase.connect(mongodb_uri, database_name)
    database.prepare()
    clock = SystemClock()
    blobs = MemoryBlobStore(clock=clock)
    made = bundle(settings(), database, blobs, MemoryTokenVerifier(clock), clock)
    made.namespaces.create(ADMIN, "default", {})
    yield made
    database.close()


def assert_whole(database: Database, events: int) -> None:
    """Every event is under exactly one checkpoint; all of them follow one another."""
    log = {event.id: event for event in database.audit.between("", "g", 10 * events)}
    assert len(log) == events
    sealed: list[str] = []
    previous, total = NO_CHECKPOINT, 0
    for checkpoint in database.checkpoints.page(after=None, limit=10_000):
        batch = database.checkpoints.batch(checkpoint.number)
        assert batch is not None
        total += checkpoint.size
        assert (checkpoint.previous, checkpoint.total) == (previous, total)
        assert checkpoint.root == root_of(digests(batch)).hex()
        leaves = [leaf_digest(leaf_content(log[each])).hex() for each in batch.events]
        assert leaves == list(batch.leaves)
        sealed += batch.events
        previous = checkpoint.digest
    assert sorted(sealed) == sorted(log)


def test_nothing_is_lost_while_many_write_and_two_seal(registry: Registry) -> None:
    done, before = threading.Event(), registry.database.audit.size()

    def write(client: int) -> None:
        for number in range(CHANGES):
            registry.models.register(ADMIN, "default", f"m-{client}-{number}", {})

    def seal() -> None:
        while not done.is_set():
            registry.sealing.seal(SWEEP)
            done.wait(0.05)

    sealers = [threading.Thread(target=seal) for _ in range(2)]
    for sealer in sealers:
        sealer.start()
    with ThreadPoolExecutor(CLIENTS) as pool:
        for run in [pool.submit(write, client) for client in range(CLIENTS)]:
            run.result()
    done.set()
    for sealer in sealers:
        sealer.join()
    registry.sealing.seal(SWEEP)

    assert_whole(registry.database, CLIENTS * CHANGES + before)
