"""Semantic versions and fingerprints, on every implementation of the store."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from core.adapters.memory.clock import MemoryClock
from core.adapters.mongo.database import MongoDatabase
from core.domain.semantic_versions import parse_version
from core.domain.versions import ByFingerprint, ByNumber, VersionState, parse_reference
from core.errors import Taken
from core.ports import Database
from core.services.versions import Registration, Versions
from tests.builders import ADMIN
from tests.contract.entities import commit, digest, model, namespace, store, version

CLIENTS = 6
READY, PENDING, ABANDONED = VersionState.READY, VersionState.PENDING, VersionState.ABANDONED
ALPHA, BETA = (f"fingerprint:{digest(text)}" for text in ("alpha", "beta"))


def find(database: Database, text: str, model: str = "iris") -> str | None:
    found = database.versions.find("fraud", model, parse_reference(text))
    return None if found is None else found.version


def stored(database: Database, *versions: str, state: VersionState = READY, **fields: Any) -> None:
    """Versions that are numbered in the order given."""
    entities = (
        version(number, version=text, state=state, **fields)
        for number, text in enumerate(versions, 1)
    )
    store(database, *entities)


@pytest.mark.parametrize("state", VersionState)
def test_a_semantic_version_names_one_version_whatever_its_state(
    database: Database, state: VersionState
) -> None:
    stored(database, "1.10.0", "1.2.0", "1.2.0-rc.1", "1.3.0+linux", state=state)

    for text in ("1.10.0", "1.2.0", "1.2.0-rc.1", "1.3.0+linux"):
        assert find(database, text) == find(database, f"=={text}") == text
    assert find(database, "1.3.0") == find(database, "1.3.0+mac") == "1.3.0+linux"
    assert find(database, "1.2.1") is None
    assert find(database, "1.2.0", model="other") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("~=1.0", "1.10.0"),
        ("~=1.9", "1.10.0"),
        ("~=1.10", "1.10.0"),
        ("~=1.11", None),
        ("~=1.2.0", "1.2.12"),
        ("~=1.2.3", "1.2.12"),
        ("~=1.2.12", "1.2.12"),
        ("~=1.2.13", None),
        ("~=2.0", "2.0.0"),
        ("~=3.0", None),
        ("~=0.0", "0.9.0"),
    ],
)
def test_a_range_chooses_its_highest_release(
    database: Database, text: str, expected: str | None
) -> None:
    stored(database, "2.0.0", "1.2.12", "1.10.0", "1.2.3", "1.9.0", "0.9.0", "2.1.0-rc.1")

    assert find(database, text) == expected


def test_a_range_chooses_among_what_is_ready(database: Database) -> None:
    states = {1: READY, 2: PENDING, 3: ABANDONED}
    for number, state in states.items():
        store(database, version(number, version=f"1.{number}.0", state=state))
    assert find(database, "~=1.0") == "1.1.0"

    second = version(4, version="1.4.0", state=PENDING)
    store(database, second)
    ready = version(4, version="1.4.0", state=READY, id=second.id, revision=2)
    commit(database, lambda stores: stores.versions.replace(ready))

    assert find(database, "~=1.0") == "1.4.0"


def test_the_highest_version_is_that_of_the_model_in_any_state(database: Database) -> None:
    stored(database, "1.9.0", "1.10.0", "1.10.0-rc.1")
    store(database, version(4, version="1.11.0-a", state=ABANDONED), version(5))
    store(database, version(1, version="9.0.0", model="other"))

    def highest(below: str | None) -> str | None:
        limit = None if below is None else parse_version(below)
        found = database.versions.highest("fraud", "iris", below=limit)
        return None if found is None else found.version

    assert highest(None) == "1.11.0-a"
    assert highest("1.11.0-a") == "1.10.0"
    assert highest("1.10.0+build") == "1.10.0-rc.1"
    assert highest("1.10.0-rc.1") == "1.9.0"
    assert highest("1.9.0") is None
    assert database.versions.highest("fraud", "nothing") is None


def test_a_training_is_found_by_its_fingerprint_if_it_is_ready(database: Database) -> None:
    store(
        database,
        version(1, fingerprint=ALPHA, state=READY),
        version(2, fingerprint=ALPHA, state=READY),
        version(3, fingerprint=ALPHA, state=PENDING),
        version(4, fingerprint=BETA, state=READY),
        version(5, state=READY),
        version(6, fingerprint=ALPHA, state=READY, model="other"),
    )

    found = database.versions.find("fraud", "iris", ByFingerprint(ALPHA))

    assert found is not None
    assert found.number == 2
    assert database.versions.find("fraud", "other", ByFingerprint(BETA)) is None


def test_the_versions_of_a_training_have_its_files_too(database: Database) -> None:
    one, two = (f"sha256:{digest(text)}" for text in ("one", "two"))
    store(
        database,
        version(1, fingerprint=ALPHA, digest=one, state=READY),
        version(2, fingerprint=ALPHA, digest=one, state=READY),
        version(3, fingerprint=ALPHA, digest=two, state=READY),
        version(4, fingerprint=ALPHA, digest=one, state=ABANDONED),
        version(5, fingerprint=BETA, digest=one, state=READY),
        version(6, fingerprint=ALPHA, state=READY),
        version(7, fingerprint=ALPHA, digest=one, state=READY, model="other"),
        version(8, digest=one, state=READY),
    )

    def trained(fingerprint: str, of: str | None) -> list[int]:
        found = database.versions.trained("fraud", "iris", fingerprint, of)
        return [each.number for each in found]

    assert trained(ALPHA, one) == [2, 1]
    assert trained(ALPHA, two) == [3]
    assert trained(ALPHA, None) == [6]
    assert trained(BETA, one) == [5]
    assert trained(BETA, two) == []


def test_clients_that_register_a_training_at_once_get_one_version(database: Database) -> None:
    versions = _versions_on(database)
    training = {"parameters": {"depth": 3}}
    barrier = Barrier(CLIENTS)

    def register(_: int) -> Registration:
        barrier.wait()
        return versions.register(ADMIN, "fraud", "iris", training)

    with ThreadPoolExecutor(CLIENTS) as pool:
        done = list(pool.map(register, range(CLIENTS)))

    assert sorted(each.outcome for each in done) == ["existing"] * (CLIENTS - 1) + ["new"]
    assert {each.version.version for each in done} == {"1.0.0"}
    assert database.versions.find("fraud", "iris", ByNumber(2)) is None


def test_clients_that_give_the_same_version_at_once_do_not_both_get_it(database: Database) -> None:
    versions = _versions_on(database)
    barrier = Barrier(CLIENTS)

    def register(number: int) -> str | None:
        barrier.wait()
        described = {"parameters": {"depth": number}}
        try:
            registered = versions.register(ADMIN, "fraud", "iris", described, version="1.0.0")
        except Taken:
            return None
        return registered.version.version

    with ThreadPoolExecutor(CLIENTS) as pool:
        done = list(pool.map(register, range(CLIENTS)))

    assert sorted(filter(None, done)) == ["1.0.0"]


def _versions_on(database: Database) -> Versions:
    """The use cases over this database, with a model `iris` without versions."""
    store(database, namespace(), model())
    clock = MemoryClock()
    return Versions(database, clock, 3600, 10, 1 << 20)


@pytest.mark.parametrize("walks_indexes", [True, False])
def test_the_highest_version_is_found_from_the_newest_one_too(
    mongodb_uri: str, database_name: str, walks_indexes: bool
) -> None:
    database = MongoDatabase.connect(mongodb_uri, database_name, walks_indexes=walks_indexes)
    database.prepare()
    stored(database, "1.9.0", "2.0.0", "1.10.0")

    def highest(newest: int) -> str | None:
        found = database.versions.highest("fraud", "iris", newest=newest)
        return None if found is None else found.version

    assert [highest(number) for number in (1, 2, 3)] == ["2.0.0", "2.0.0", "2.0.0"]
    assert highest(7) == "2.0.0"  # which is not there any more
    assert database.versions.highest("fraud", "nothing", newest=1) is None
