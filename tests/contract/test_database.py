"""What the ports promise of each store, on every implementation."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from core.domain.versions import ByAlias, ByDigest, ByNumber, Latest, VersionState
from core.errors import Stale, Taken
from core.ports import Database, Stores
from tests.contract.entities import (
    commit,
    digest,
    file,
    grant,
    later,
    model,
    namespace,
    store,
    version,
)

READY = VersionState.READY


def test_a_database_answers(database: Database) -> None:
    database.ping()


@pytest.mark.parametrize("stored", [namespace(), model(), version(), file(), grant()])
def test_what_is_stored_comes_back_equal(database: Database, stored: Any) -> None:
    store(database, stored)

    found = [
        database.namespaces.get("fraud"),
        database.models.get("fraud", "iris"),
        database.versions.find("fraud", "iris", ByNumber(1)),
        database.files.get(1, "model.bin"),
        database.grants.get("fraud", "subject:dev:alice"),
    ]
    assert [one for one in found if one is not None] == [stored]


def test_every_store_returns_none_for_what_is_not_there(database: Database) -> None:
    found = [
        database.namespaces.get("nothing"),
        database.models.get("fraud", "nothing"),
        *(
            database.versions.find("fraud", "iris", reference)
            for reference in (ByNumber(1), ByAlias("a"), ByDigest("sha256:0"), Latest())
        ),
        database.versions.at_prefix("fraud/iris/1"),
        database.files.get(1, "nothing"),
        database.grants.get("fraud", "nobody"),
    ]

    assert found == [None] * len(found)


def test_namespaces_are_paged_by_name(database: Database) -> None:
    store(database, *(namespace(name) for name in ("c", "a", "d", "b")))

    assert _names(database.namespaces.page(among=None, after=None, limit=3)) == ["a", "b", "c"]
    assert _names(database.namespaces.page(among=None, after="c", limit=3)) == ["d"]


def test_only_the_namespaces_that_may_be_seen_are_paged(database: Database) -> None:
    store(database, *(namespace(name) for name in ("c", "a", "d", "b")))

    seen = {"d", "b", "a", "not-there"}

    assert _names(database.namespaces.page(among=seen, after=None, limit=2)) == ["a", "b"]
    assert _names(database.namespaces.page(among=seen, after="b", limit=2)) == ["d"]
    assert _names(database.namespaces.page(among=[], after=None, limit=2)) == []


def test_a_namespaces_name_is_taken_once(database: Database) -> None:
    store(database, namespace())

    with pytest.raises(Taken, match="fraud"):
        store(database, namespace(description="another"))

    assert database.namespaces.get("fraud") == namespace()


@pytest.mark.parametrize("twin", ["iris", "IRIS", "\uff49ris"])
def test_a_model_name_that_looks_like_another_is_taken(database: Database, twin: str) -> None:
    store(database, model("iris"))

    with pytest.raises(Taken, match="model name"):
        store(database, model(twin))


def test_a_model_is_found_by_its_exact_name_only(database: Database) -> None:
    store(database, model("Iris"))

    assert database.models.get("fraud", "iris") is None
    assert database.models.get("other", "Iris") is None


def test_models_are_paged_by_what_their_names_look_like(database: Database) -> None:
    others = [model("b", namespace="other"), model("zz", namespace="fraudulent")]
    store(database, *(model(name) for name in ("b", "C", "a", "ä", "Z")), *others)

    assert _names(database.models.page("fraud", after=None, limit=3)) == ["a", "b", "C"]
    assert _names(database.models.page("fraud", after="C", limit=3)) == ["Z", "ä"]


@pytest.mark.parametrize("kind", ["namespaces", "models", "versions"])
def test_a_replacement_must_follow_the_stored_revision(database: Database, kind: str) -> None:
    entities: dict[str, Any] = {
        "namespaces": namespace(),
        "models": model(),
        "versions": version(),
    }
    first = entities[kind]
    store(database, first)
    second = replace(first, description="second", revision=2)
    commit(database, partial(_replace, kind, second))

    for revision in (1, 2, 4):
        stale = replace(first, description="stale", revision=revision)
        with pytest.raises(Stale):
            commit(database, partial(_replace, kind, stale))

    found = [
        database.namespaces.get("fraud"),
        database.models.get("fraud", "iris"),
        database.versions.find("fraud", "iris", ByNumber(1)),
    ]
    assert [one for one in found if one is not None] == [second]


def test_what_is_not_there_cannot_be_replaced(database: Database) -> None:
    with pytest.raises(Stale):
        commit(database, lambda stores: stores.namespaces.replace(namespace(revision=2)))


def test_a_version_number_is_taken_once_in_its_model(database: Database) -> None:
    store(database, version(1), version(1, model="other"), version(2))

    with pytest.raises(Taken, match="version 1"):
        store(database, version(1))


def test_versions_are_found_whichever_way_they_are_named(database: Database) -> None:
    same = {"digest": f"sha256:{digest('same')}", "state": READY}
    one = version(1, **same, aliases=("old", "older"))
    two = version(2, **same, aliases=("champion",))
    three = version(3, state=READY)
    four = version(4, digest=same["digest"])
    store(database, one, two, three, four, version(9, model="other", **same, aliases=("old",)))

    def find(reference: Any) -> Any:
        return database.versions.find("fraud", "iris", reference)

    assert find(ByNumber(4)) == four
    assert find(ByAlias("older")) == one
    assert find(ByAlias("champion")) == two
    assert find(ByAlias("Champion")) is None
    assert find(ByDigest(same["digest"])) == two
    assert find(Latest()) == three
    assert database.versions.at_prefix("fraud/iris/2") == two


def test_an_alias_that_moved_names_its_new_version_only(database: Database) -> None:
    old, new = version(1, aliases=("champion",)), version(2)
    store(database, old, new)

    commit(
        database,
        lambda stores: stores.versions.replace(replace(old, aliases=(), revision=2)),
        lambda stores: stores.versions.replace(replace(new, aliases=("champion",), revision=2)),
    )

    found = database.versions.find("fraud", "iris", ByAlias("champion"))
    assert found is not None
    assert found.number == 2


def test_versions_are_paged_newest_first(database: Database) -> None:
    store(database, *(version(number) for number in (2, 10, 1, 3)), version(7, model="other"))

    assert _numbers(database.versions.page("fraud", "iris", before=None, limit=3)) == [10, 3, 2]
    assert _numbers(database.versions.page("fraud", "iris", before=3, limit=3)) == [2, 1]


def test_pending_versions_of_the_same_files_are_found(database: Database) -> None:
    wanted = f"sha256:{digest('wanted')}"
    waiting = [version(number, digest=wanted) for number in range(1, 13)]
    others = [version(20, digest=wanted, state=READY), version(21, digest="sha256:0")]
    store(database, *waiting, *others)

    found = database.versions.pending("fraud", "iris", wanted)

    assert _numbers(found) == list(range(12, 2, -1))


def test_expired_versions_are_the_pending_ones_of_before(database: Database) -> None:
    store(
        database,
        version(1, upload_expires_at=later(20)),
        version(2, upload_expires_at=later(10), model="other"),
        version(3, upload_expires_at=later(30)),
        version(4, upload_expires_at=later(5), state=READY),
        version(5),
    )

    assert _numbers(database.versions.expired(later(30), 10)) == [2, 1]
    assert _numbers(database.versions.expired(later(30), 1)) == [2]


def test_ids_ascend_from_one_for_each_noun(database: Database) -> None:
    assert [database.next_id("model") for _ in range(3)] == [1, 2, 3]
    assert database.next_id("version") == 1
    assert [database.next_id("unforeseen") for _ in range(2)] == [1, 2]


def _names(rows: Any) -> list[str]:
    return [row.name for row in rows]


def _numbers(rows: Any) -> list[int]:
    return [row.number for row in rows]


def _replace(kind: str, entity: Any, stores: Stores) -> None:
    getattr(stores, kind).replace(entity)
