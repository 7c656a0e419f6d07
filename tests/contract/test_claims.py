"""Idempotency keys on every database: kept with what they created, used once, forgotten."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from threading import Barrier
from typing import Any

import pytest
from pymongo import MongoClient

from core.adapters.memory.blobs import MemoryBlobStore
from core.adapters.memory.clock import MemoryClock
from core.adapters.memory.tokens import MemoryTokenVerifier
from core.adapters.mongo.database import MongoDatabase
from core.bootstrap import bundle
from core.domain.access import Caller
from core.domain.claims import Attempt, Claim
from core.domain.records import record
from core.errors import Invalid, Taken
from core.ports import Database
from core.registry import Registry
from tests.builders import ADMIN, declare, settings
from tests.contract.entities import NOW, commit, later, model

THREADS = 8


def claim(claim_id: str = "1", **fields: Any) -> Claim:
    values = {"operation": "POST /", "digest": "0", "after": {}, "expires_at": NOW, **fields}
    return Claim(id=claim_id, **values)


def trying(key: str = "key", digest: str = "0") -> Caller:
    """An administrator who tries something under a key."""
    return replace(ADMIN, attempt=Attempt(key, "POST /", digest))


def registry_on(database: Database) -> Registry:
    clock = MemoryClock()
    return bundle(
        settings(), database, MemoryBlobStore(clock=clock), MemoryTokenVerifier(clock), clock
    )


CREATIONS: dict[str, Callable[[Registry, Caller], Any]] = {
    "a namespace": lambda registry, by: registry.namespaces.create(by, "team", {}),
    "a model": lambda registry, by: registry.models.register(by, "default", "lilies", {}),
    "a version": lambda registry, by: (
        registry.versions.register(by, "default", "iris", {"tags": {"a.b": "$c"}}).version
    ),
    "a version with files": lambda registry, by: (
        registry.versions.register(by, "default", "iris", {}, [declare("a", b"a")]).version
    ),
}


@pytest.fixture
def registry(database: Database) -> Registry:
    made = registry_on(database)
    made.namespaces.create(ADMIN, "default", {})
    made.models.register(ADMIN, "default", "iris", {})
    return made


def test_a_claim_is_kept_whole(database: Database) -> None:
    after = record(model(metadata={"a.b": {"$c": [1, 1.0, None, 2**63 - 1]}}, aliases={"x": 3}))
    kept = claim(after=after, expires_at=later(5))

    commit(database, lambda stores: stores.claims.put(kept))

    assert database.claims.get("1") == kept
    assert database.claims.get("2") is None


def test_a_claim_takes_the_place_of_an_expired_one(database: Database) -> None:
    commit(database, lambda stores: stores.claims.put(claim()))
    commit(database, lambda stores: stores.claims.put(claim(expires_at=later(9))))

    found = database.claims.get("1")
    assert found is not None
    assert found.expires_at == later(9)


def test_a_claim_is_made_in_a_transaction_only(database: Database) -> None:
    with pytest.raises(AssertionError):
        database.claims.put(claim())


def test_a_transaction_that_fails_claims_nothing(database: Database) -> None:
    def fail(stores: Any) -> None:
        stores.claims.put(claim())
        raise Taken("taken")

    with pytest.raises(Taken):
        database.transaction(fail)

    assert database.claims.get("1") is None


@pytest.mark.parametrize("create", CREATIONS.values(), ids=CREATIONS)
def test_of_many_tries_at_once_one_creates_and_all_are_answered_with_it(
    registry: Registry, create: Callable[[Registry, Caller], Any]
) -> None:
    barrier = Barrier(THREADS)
    callers = [trying() for _ in range(THREADS)]

    def run(by: Caller) -> Any:
        barrier.wait()
        return create(registry, by)

    with ThreadPoolExecutor(THREADS) as pool:
        created = list(pool.map(run, callers))

    assert created == [created[0]] * THREADS
    assert sum(not by.attempt.is_repeat for by in callers if by.attempt) == 1


@pytest.mark.parametrize("create", CREATIONS.values(), ids=CREATIONS)
def test_a_repeat_tells_no_event(
    registry: Registry, create: Callable[[Registry, Caller], Any]
) -> None:
    create(registry, trying())
    told = [registry.database.events.page(name, before=None, limit=99) for name in NAMES]

    create(registry, trying())

    again = [registry.database.events.page(name, before=None, limit=99) for name in NAMES]
    assert again == told


NAMES = ("default", "team")


def test_of_many_bodies_under_one_key_at_once_one_is_carried_out(registry: Registry) -> None:
    barrier = Barrier(THREADS)

    def run(number: int) -> Any:
        barrier.wait()
        try:
            by = trying(digest=str(number))
            return registry.models.register(by, "default", f"model-{number}", {})
        except Invalid as error:
            return error

    with ThreadPoolExecutor(THREADS) as pool:
        results = list(pool.map(run, range(THREADS)))

    made = registry.database.models.page("default", after=None, limit=99)
    assert [model.name for model in made if model.name != "iris"] == [
        result.name for result in results if not isinstance(result, Invalid)
    ]
    assert sum(isinstance(result, Invalid) for result in results) == THREADS - 1


def test_the_database_removes_expired_claims_itself(mongodb_uri: str, database_name: str) -> None:
    database = MongoDatabase.connect(mongodb_uri, database_name)
    database.prepare()
    database.prepare()
    database.close()

    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        indexes = client[database_name]["claims"].index_information()
        kinds = {type(each) for each in client[database_name]["claims"].distinct("expires_at")}

    expiring = [index for index in indexes.values() if "expireAfterSeconds" in index]
    assert [(index["key"], index["expireAfterSeconds"]) for index in expiring] == [
        ([("expires_at", 1)], 0)
    ]
    assert kinds <= {datetime}
