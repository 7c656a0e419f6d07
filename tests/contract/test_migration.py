"""What earlier releases stored is rewritten: it is found again, and nothing of it changes."""

from collections.abc import Iterator
from typing import Any

import pytest

from core.adapters.mongo import migration
from core.adapters.mongo.database import MongoDatabase
from core.adapters.mongo.models import MongoModels
from core.domain.fields import VERSION_FIELDS, bound
from core.domain.orders import bound_orders
from core.domain.retention import Retention
from core.domain.search import Comparison, Operator, Path
from core.domain.versions import ByNumber
from core.ports import Stores
from tests.contract.entities import (
    artifact,
    commit,
    deployment,
    environment,
    experiment,
    logged_model,
    model,
    namespace,
    run,
    store,
    version,
)  # fmt: skip

DERIVED = ("shape", "listed", "readable", "purges", "expires", "terms", "words", "name_key")
NEWEST_FIRST = bound_orders([], VERSION_FIELDS)


@pytest.fixture
def mongo(mongodb_uri: str, database_name: str) -> Iterator[MongoDatabase]:
    mongo = MongoDatabase.connect(mongodb_uri, database_name)
    mongo.prepare()
    yield mongo
    mongo.close()


def forget(mongo: MongoDatabase, *fields: str) -> None:
    """Make all documents those of a release that did not have the fields."""
    for name in migration.REWRITTEN:
        mongo._database[name].update_many({}, {"$unset": dict.fromkeys(fields, "")})


def documents(mongo: MongoDatabase) -> dict[str, list[dict[str, Any]]]:
    return {
        name: list(mongo._database[name].find(sort=[("_id", 1)])) for name in migration.REWRITTEN
    }


def test_what_lacks_is_added_and_all_else_stays(mongo: MongoDatabase) -> None:
    store(mongo, namespace("fraud"), model(), *(version(number) for number in range(1, 4)))
    before = documents(mongo)
    forget(mongo, *DERIVED)

    done = list(mongo.rewrite())

    assert done == [("namespaces", 1), ("models", 1), ("versions", 3)]
    assert documents(mongo) == before
    assert list(mongo.rewrite()) == []


def test_every_noun_with_derived_fields_is_rewritten(mongo: MongoDatabase) -> None:
    nouns = (artifact(), environment(), deployment(), experiment(), run(), logged_model())
    store(mongo, model(), version(1), *nouns)
    before = documents(mongo)
    forget(mongo, *DERIVED)

    done = dict(mongo.rewrite())

    assert done == dict.fromkeys(set(migration.REWRITTEN) - {"namespaces"}, 1)
    assert documents(mongo) == before


def test_it_goes_on_where_it_was_broken_off(
    mongo: MongoDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migration, "BATCH", 2)
    store(mongo, model(), *(version(number) for number in range(1, 6)))
    before = documents(mongo)
    forget(mongo, *DERIVED)
    broken_off = mongo.rewrite()
    assert [next(broken_off), next(broken_off)] == [("models", 1), ("versions", 2)]

    assert list(mongo.rewrite()) == [("versions", 2), ("versions", 1)]
    assert documents(mongo) == before


def test_old_versions_are_listed_and_searched_again(mongo: MongoDatabase) -> None:
    kept = version(1, model_type="classifier")
    store(mongo, model(), kept)
    tree = bound(Comparison(Path("model_type"), Operator.EQUAL, "classifier"), VERSION_FIELDS)
    asked: Any = {"orders": NEWEST_FIRST, "after": None, "limit": 9}
    forget(mongo, *DERIVED)
    assert not mongo.versions.search([kept.namespace], tree, **asked)

    list(mongo.rewrite())

    assert mongo.versions.search([kept.namespace], tree, **asked) == [kept]
    assert mongo.versions.page(kept.namespace, kept.model, before=None, limit=9) == [kept]


def test_what_a_deleted_model_put_out_of_reach_stays_there(mongo: MongoDatabase) -> None:
    store(mongo, model(), version(1), version(2, retention=Retention.DELETED))

    def withdraw(stores: Stores) -> None:
        stores.versions.withdraw("fraud", "iris")

    commit(mongo, withdraw)
    forget(mongo, "shape", "terms", "words")

    list(mongo.rewrite())

    assert mongo.versions.find("fraud", "iris", ByNumber(1)) is None


def test_what_somebody_changes_meanwhile_is_left_to_them(
    mongo: MongoDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(mongo, model())
    forget(mongo, "shape")
    renewed = MongoModels.renewed

    def overtaken(self: Any, document: Any) -> dict[str, Any]:
        mongo._database["models"].update_one({}, {"$set": {"revision": 2, "description": "new"}})
        return renewed(self, document)

    monkeypatch.setattr(MongoModels, "renewed", overtaken)

    list(mongo.rewrite())

    found = mongo.models.get("fraud", "iris")
    assert found is not None
    assert (found.revision, found.description) == (2, "new")
