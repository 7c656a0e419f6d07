"""Transactions and races, on every implementation."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from pymongo import MongoClient

from core.adapters.mongo.database import MongoDatabase
from core.domain.events import Event, SubjectKind
from core.domain.subjects import Subject
from core.domain.versions import ByNumber
from core.errors import Invalid, Stale, Taken, TooLarge, Unavailable
from core.ports import Database, Stores
from tests.contract.entities import (
    Telling,
    commit,
    event,
    file,
    grant,
    later,
    model,
    namespace,
    store,
    told,
    version,
)

THREADS = 16


def race(work: Callable[[int], Any]) -> list[Any]:
    """Run `work` in all threads at once; what each returned, or the registry's error."""
    barrier = Barrier(THREADS)

    def run(number: int) -> Any:
        barrier.wait()
        try:
            return work(number)
        except (Taken, Stale) as error:
            return error

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def test_a_transaction_returns_what_its_body_returns(database: Database) -> None:
    assert database.transaction(lambda stores: stores.namespaces.get("fraud")) is None
    assert database.transaction(lambda stores: 7) == 7


def test_a_transaction_reads_what_it_wrote_and_others_do_not(database: Database) -> None:
    seen = []

    def work(stores: Stores) -> None:
        stores.namespaces.insert(namespace())
        seen.append(stores.namespaces.get("fraud"))
        seen.append(database.namespaces.get("fraud"))
        stores.events.add(told(namespace()))

    database.transaction(work)

    assert seen == [namespace(), None]
    assert database.namespaces.get("fraud") == namespace()


def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    first = version(1)
    store(database, first, grant())

    def work(stores: Stores) -> None:
        stores.namespaces.insert(namespace())
        stores.versions.replace(replace(first, description="changed", revision=2))
        stores.files.insert([file()])
        stores.grants.remove("fraud", "subject:dev:alice")
        stores.events.add(event("fraud/new"))
        raise Invalid("changed my mind")

    with pytest.raises(Invalid, match="changed my mind"):
        database.transaction(work)

    assert database.namespaces.get("fraud") is None
    assert database.files.get(1, "model.bin") is None
    assert database.grants.get("fraud", "subject:dev:alice") == grant()
    assert database.events.last(Subject(SubjectKind.MODEL, "fraud", "fraud/new")) is None
    assert len(database.events.page("fraud", before=None, limit=9)) == 2
    assert database.versions.find("fraud", "iris", ByNumber(1)) == first


CHANGES: dict[str, Callable[[Stores], Any]] = {
    "insert a namespace": lambda stores: stores.namespaces.insert(namespace("new")),
    "replace a namespace": lambda stores: stores.namespaces.replace(namespace(revision=2)),
    "insert a model": lambda stores: stores.models.insert(model()),
    "insert a version": lambda stores: stores.versions.insert(version()),
    "put a grant": lambda stores: stores.grants.put(grant()),
    "remove a grant": lambda stores: stores.grants.remove("fraud", "subject:dev:alice"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_without_an_event_is_refused(
    database: Database, change: Callable[[Stores], Any]
) -> None:
    store(database, namespace(), grant())

    with pytest.raises(AssertionError, match="without an event"):
        database.transaction(change)

    assert database.namespaces.get("fraud") == namespace()
    assert database.namespaces.get("new") is None
    assert database.models.get("fraud", "iris") is None


UNTRUE: dict[str, Event] = {
    "of another subject": told(namespace("other")),
    "of another kind": replace(told(namespace(revision=2)), kind=SubjectKind.MODEL),
    "of another namespace": replace(told(namespace(revision=2)), namespace="other"),
    "of another revision": told(namespace(revision=3)),
    "that says it is gone": replace(told(namespace(revision=2)), after=None),
    "that says something else": told(namespace(revision=2, description="else")),
}


@pytest.mark.parametrize("untrue", UNTRUE.values(), ids=UNTRUE.keys())
def test_an_event_that_does_not_hold_what_is_stored_does_not_count(
    database: Database, untrue: Event
) -> None:
    store(database, namespace())

    def work(stores: Stores) -> None:
        stores.namespaces.replace(namespace(revision=2))
        stores.events.add(untrue)

    with pytest.raises(AssertionError, match="without an event"):
        database.transaction(work)

    assert database.namespaces.get("fraud") == namespace()


def test_each_of_several_changes_needs_its_own_event(database: Database) -> None:
    def work(stores: Stores) -> None:
        stores.namespaces.insert(namespace())
        stores.models.insert(model())
        stores.events.add(told(namespace()))

    with pytest.raises(AssertionError, match="'fraud/iris' without an event"):
        database.transaction(work)

    assert database.namespaces.get("fraud") is None


def test_removing_what_is_not_there_is_no_change(database: Database) -> None:
    database.transaction(lambda stores: stores.grants.remove("fraud", "subject:dev:alice"))


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_entities_do_not_change_outside_a_transaction(
    database: Database, change: Callable[[Stores], Any]
) -> None:
    with pytest.raises(AssertionError, match="in transactions only"):
        change(database)


def test_the_transfer_of_files_needs_no_event(database: Database) -> None:
    def work(stores: Stores) -> bool:
        stores.files.insert([file(), file("other")])
        stores.files.begin(file(), "upload")
        stores.files.refuse(file("other"), "too short")
        return stores.files.receive(file(), later(1))

    assert database.transaction(work)
    assert [one.problem for one in database.files.page(1, after=None, limit=9)] == [
        None,
        "too short",
    ]


def test_twins_are_seen_inside_a_transaction(database: Database) -> None:
    def work(stores: Stores) -> list[str]:
        stores.files.insert([file()])
        stores.files.receive(file(), later(1))
        return list(stores.files.twins("fraud", [file().sha256]))

    assert database.transaction(work) == [file().sha256]


def test_of_sixteen_that_take_a_name_one_wins(database: Database) -> None:
    results = race(lambda number: store(database, model("iris", description=str(number))))

    winners = [number for number, result in enumerate(results) if result is None]
    assert len(winners) == 1
    assert all(isinstance(result, Taken) for result in results if result is not None)
    found = database.models.get("fraud", "iris")
    assert found is not None
    assert found.description == str(winners[0])


def test_of_sixteen_that_replace_a_revision_one_wins(database: Database) -> None:
    first = namespace()
    store(database, first)

    def work(number: int) -> None:
        changed = replace(first, description=str(number), revision=2)
        commit(database, lambda stores: stores.namespaces.replace(changed))

    results = race(work)

    winners = [number for number, result in enumerate(results) if result is None]
    assert len(winners) == 1
    assert all(isinstance(result, Stale) for result in results if result is not None)
    found = database.namespaces.get("fraud")
    assert found is not None
    assert (found.description, found.revision) == (str(winners[0]), 2)


def test_versions_numbered_at_once_lose_no_number(database: Database) -> None:
    store(database, model())
    ids = [database.next_id("version") for _ in range(THREADS)]

    def register(number: int) -> int:
        def work(stores: Stores) -> int:
            current = stores.models.get("fraud", "iris")
            assert current is not None
            last = current.last_version + 1
            telling: Any = Telling(stores)
            telling.models.replace(
                replace(current, last_version=last, revision=current.revision + 1)
            )
            telling.versions.insert(version(last, id=ids[number]))
            return last

        return database.transaction(work)

    results = race(register)

    expected = list(range(1, THREADS + 1))
    assert sorted(results) == expected
    page = database.versions.page("fraud", "iris", before=None, limit=100)
    assert [one.number for one in page] == expected[::-1]
    assert len(database.events.page("fraud", before=None, limit=100)) == 1 + 2 * THREADS
    found = database.models.get("fraud", "iris")
    assert found is not None
    assert (found.last_version, found.revision) == (THREADS, THREADS + 1)


def test_a_transaction_that_meets_a_lock_for_good_is_unavailable(
    mongodb_uri: str, database_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.adapters.mongo.database.TRANSACTION_SECONDS", 0.5)
    database = MongoDatabase.connect(mongodb_uri, database_name)
    database.prepare()
    store(database, namespace())
    second = namespace(revision=2)

    with MongoClient[Any](mongodb_uri) as client, client.start_session() as session:
        session.start_transaction()
        locked = client[database_name].namespaces
        locked.update_one({"_id": "fraud"}, {"$set": {"revision": 7}}, session=session)
        with pytest.raises(Unavailable):
            commit(database, lambda stores: stores.namespaces.replace(second))
        session.abort_transaction()

    commit(database, lambda stores: stores.namespaces.replace(second))
    assert database.namespaces.get("fraud") == second
    database.close()


def test_of_sixteen_that_receive_a_file_one_is_told_so(database: Database) -> None:
    store(database, file())

    results = race(lambda number: database.files.receive(file(), later(number)))

    assert sorted(results) == [False] * (THREADS - 1) + [True]


def test_of_sixteen_that_begin_a_file_one_may(database: Database) -> None:
    store(database, file())

    results = race(lambda number: database.files.begin(file(), str(number)))

    assert results.count(True) == 1
    found = database.files.get(1, "model.bin")
    assert found is not None
    assert found.multipart_id == str(results.index(True))


def test_sixteen_that_grant_the_same_role_leave_one_grant(database: Database) -> None:
    results = race(lambda number: store(database, grant()))

    assert results == [None] * THREADS
    assert list(database.grants.page("fraud", after=None, limit=9)) == [grant()]


@pytest.mark.parametrize("noun", ["version", "unforeseen"])
def test_ids_given_out_at_once_are_distinct(database: Database, noun: str) -> None:
    results = race(lambda _: [database.next_id(noun) for _ in range(5)])

    given = [one for some in results for one in some]
    assert sorted(given) == list(range(1, 5 * THREADS + 1))


def test_an_event_too_large_for_one_document_is_refused_whole(
    mongodb_uri: str, database_name: str
) -> None:
    database = MongoDatabase.connect(mongodb_uri, database_name)
    database.prepare()
    large = {f"part-{number}": {"text": "x" * (1 << 20)} for number in range(17)}

    def work(stores: Stores) -> None:
        stores.namespaces.insert(namespace())
        stores.events.add(told(namespace()))
        stores.events.add(replace(event(), after=large))

    with pytest.raises(TooLarge):
        database.transaction(work)

    assert database.namespaces.get("fraud") is None
    database.close()
