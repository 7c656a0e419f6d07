"""Documents and schemas come back from every database exactly as they were stored."""

import secrets
from typing import Any

import pytest

from core.domain.documents import is_same
from core.domain.records import record
from core.domain.versions import ByNumber
from core.ports import Database
from tests.api.test_documents import CASES
from tests.contract.entities import commit, event, schema, store, version
from tests.unit.test_builds import EVERYTHING


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_document_is_stored_exactly(database: Database, case: Any) -> None:
    stored = version(
        parameters=case, metadata=case, tuning=case, serving=case,
        artifacts=({"name": "a", "metadata": case},), datasets=({"preprocessing": case},),
    )  # fmt: skip
    store(database, stored)

    found = database.versions.find("fraud", "iris", ByNumber(1))

    assert found is not None
    assert is_same(record(found), record(stored))


def test_every_field_of_a_build_is_stored_exactly(database: Database) -> None:
    stored = version(**EVERYTHING)
    store(database, stored)

    found = database.versions.find("fraud", "iris", ByNumber(1))

    assert is_same(record(found), record(stored))


@pytest.mark.parametrize("character", ["x", "%", "."])
def test_the_event_of_the_largest_change_is_stored(database: Database, character: str) -> None:
    def largest() -> dict[str, Any]:
        names = (f"{secrets.token_hex(4)}{character * 240}" for _ in range(3_800))
        return dict.fromkeys(names, 0)

    before, after = version(metadata=largest()), version(metadata=largest())
    change = event("fraud/iris/1", before=before, after=after)

    commit(database, lambda stores: stores.events.add(change))

    (found,) = database.events.page("fraud", before=None, limit=1)
    assert found == change


def test_schemas_are_put_in_place_of_others_and_removed(database: Database) -> None:
    first = schema()
    store(database, first, schema("*"), schema("*", namespace="other"))
    second = schema(document={"$ref": "#", "a.b": {"%": 1}}, revision=2)

    commit(database, lambda stores: stores.schemas.put(second))
    kept = database.schemas.get("fraud", "classifier")
    commit(database, lambda stores: stores.schemas.remove("fraud", "classifier"))

    assert kept == second
    assert database.schemas.get("fraud", "classifier") is None
    assert database.schemas.get("fraud", "*") == schema("*")


def test_schemas_are_found_among_types_and_paged_by_type(database: Database) -> None:
    store(database, *(schema(name) for name in ("c", "a", "*", "b")))
    store(database, schema("a", namespace="other"))

    found = database.schemas.among("fraud", {"a", "*", "missing"})
    page = database.schemas.page("fraud", after="*", limit=2)

    assert [each.model_type for each in found] == ["*", "a"]
    assert [each.model_type for each in page] == ["a", "b"]
    assert database.schemas.among("fraud", set()) == []
