"""Ids, names and external ids, on every implementation of the stores."""

from dataclasses import replace
from typing import Any

import pytest

from core.domain.retention import Retention
from core.errors import Taken
from core.ports import Database
from tests.contract.entities import commit, model, namespace, store, version


@pytest.fixture
def fraud(database: Database) -> Database:
    store(database, namespace(), model(id=7), version(1, id=8, name="first"))
    return database


def test_an_id_finds_what_it_was_given_to_in_its_namespace_alone(fraud: Database) -> None:
    assert fraud.models.with_id("fraud", 7) == fraud.models.get("fraud", "iris")
    assert fraud.versions.with_id("fraud", 8) == fraud.versions.get("fraud", "iris", 1)
    assert fraud.models.with_id("other", 7) is None
    assert fraud.versions.with_id("other", 8) is None
    assert fraud.models.with_id("fraud", 8) is None
    assert fraud.versions.with_id("fraud", 7) is None


@pytest.mark.parametrize(
    ("kept", "is_found"), [(Retention.ARCHIVED, True), (Retention.DELETED, False)]
)
def test_an_id_finds_what_is_archived_but_not_what_is_deleted(
    fraud: Database, kept: Retention, is_found: bool
) -> None:
    made, built = fraud.models.with_id("fraud", 7), fraud.versions.with_id("fraud", 8)
    assert made is not None
    assert built is not None
    commit(
        fraud,
        lambda stores: stores.models.replace(replace(made, state=kept, revision=2)),
        lambda stores: stores.versions.replace(replace(built, retention=kept, revision=2)),
    )

    assert (fraud.models.with_id("fraud", 7) is not None) is is_found
    assert (fraud.versions.with_id("fraud", 8) is not None) is is_found


def test_versions_of_a_withdrawn_model_have_no_id_that_finds_them(fraud: Database) -> None:
    commit(fraud, lambda stores: stores.versions.withdraw("fraud", "iris"))
    assert fraud.versions.with_id("fraud", 8) is None

    commit(fraud, lambda stores: stores.versions.readmit("fraud", "iris"))
    assert fraud.versions.with_id("fraud", 8) is not None


def test_a_name_belongs_to_one_version_of_a_model(fraud: Database) -> None:
    with pytest.raises(Taken, match="name"):
        store(fraud, version(2, name="first"))
    store(fraud, version(2, name="First"), version(1, model="other", name="first"), version(3))

    assert fraud.versions.named("fraud", "iris", "first") == fraud.versions.with_id("fraud", 8)
    assert fraud.versions.named("fraud", "iris", "%irst") is None
    assert fraud.versions.get("fraud", "iris", 3) is not None


@pytest.mark.parametrize("kind", [model, version])
def test_an_external_id_belongs_to_one_object_of_its_noun_in_a_namespace(
    database: Database, kind: Any
) -> None:
    first, second, third = "abc", "abd", "abe"
    arguments = (lambda name: (name,)) if kind is model else (lambda name: (ord(name[-1]),))
    store(database, kind(*arguments(first), external_id="x"), kind(*arguments(second)))

    with pytest.raises(Taken, match="external id"):
        store(database, kind(*arguments(third), external_id="x"))
    store(database, kind(*arguments(third), namespace="other", external_id="x"))


def test_an_external_id_cannot_be_taken_over_by_a_change(database: Database) -> None:
    other = model("other", external_id="y")
    store(database, model(external_id="x"), other)

    with pytest.raises(Taken, match="external id"):
        commit(
            database,
            lambda stores: stores.models.replace(replace(other, external_id="x", revision=2)),
        )
    commit(
        database, lambda stores: stores.models.replace(replace(other, external_id=None, revision=2))
    )
    store(database, model("third", external_id="y"))
