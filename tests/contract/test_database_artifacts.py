"""Artifacts, on every implementation of the store."""

from dataclasses import replace
from typing import Any

import pytest

from core.domain.fields import ARTIFACT_FIELDS, bound
from core.domain.orders import bound_orders
from core.domain.search import And, Comparison, Operator, Path
from core.errors import Stale, Taken
from core.ports import Database
from tests.contract.entities import artifact, commit, store

OF_FIRST: dict[str, Any] = {"model": "iris", "number": 1, "version_id": 1}
OF_SECOND: dict[str, Any] = {"model": "iris", "number": 2, "version_id": 2}
BY_ID = bound_orders([], ARTIFACT_FIELDS)


def found(database: Database, **wanted: Any) -> list[str]:
    """The names of what has just these values, by search."""
    terms = tuple(Comparison(Path(name), Operator.EQUAL, value) for name, value in wanted.items())
    tree = bound(terms[0] if len(terms) == 1 else And(terms), ARTIFACT_FIELDS)
    rows = database.artifacts.search(["fraud"], tree, orders=BY_ID, after=None, limit=100)
    return sorted(each.name for each in rows)


def test_an_artifact_comes_back_as_it_was(database: Database) -> None:
    whole = artifact(
        uri="s3://bucket/a.bin",
        digest="sha256:00",
        size_bytes=3,
        media_type="text/plain",
        details={"format": "onnx", "value": 0.5, "step": 2**40},
        custom_properties={"a.b": {"$c": [1, None]}},
        **OF_FIRST,
    )
    store(database, whole)

    assert database.artifacts.with_id("fraud", whole.id) == whole
    assert database.artifacts.with_id("other", whole.id) is None
    assert database.artifacts.with_id("fraud", whole.id + 1) is None


def test_a_name_is_unique_among_its_kind_in_its_parent(database: Database) -> None:
    first = artifact(**OF_FIRST)
    store(database, first)

    with pytest.raises(Taken):
        store(database, artifact(**OF_FIRST))
    store(
        database,
        artifact(**OF_SECOND),
        artifact(kind="document", **OF_FIRST),
        artifact(),
        artifact(run_id=1),
        artifact("Weights", **OF_FIRST),
    )
    assert database.artifacts.named("fraud", first.parent, "model", "weights") == first
    assert database.artifacts.named("fraud", first.parent, "metric", "weights") is None


def test_data_sets_may_share_a_name(database: Database) -> None:
    both = [artifact("train", kind="dataset", **OF_FIRST) for _ in range(2)]

    store(database, *both)

    assert found(database, name="train") == ["train", "train"]


def test_an_external_id_belongs_to_one_artifact(database: Database) -> None:
    store(database, artifact(external_id="x"))

    with pytest.raises(Taken, match="external id"):
        store(database, artifact("other", external_id="x"))


def test_a_change_is_a_compare_and_set(database: Database) -> None:
    first = artifact()
    store(database, first)
    changed = replace(first, uri="https://host/b", revision=2)
    commit(database, lambda stores: stores.artifacts.replace(changed))

    with pytest.raises(Stale):
        commit(database, lambda stores: stores.artifacts.replace(changed))
    assert database.artifacts.with_id("fraud", first.id) == changed


def test_artifacts_are_found_by_what_they_are_of_and_what_they_hold(database: Database) -> None:
    store(
        database,
        artifact("a", details={"format": "onnx"}, **OF_FIRST),
        artifact("b", uri="s3://bucket/b", **OF_FIRST),
        artifact("c", details={"format": "onnx"}, run_id=5),
    )

    assert found(database, version_id=1) == ["a", "b"]
    assert found(database, run_id=5) == ["c"]
    assert found(database, uri="s3://bucket/b") == ["b"]
    tree = Comparison(Path("details", ("format",)), Operator.EQUAL, "onnx")
    rows = database.artifacts.search(
        ["fraud"], bound(tree, ARTIFACT_FIELDS), orders=BY_ID, after=None, limit=9
    )
    assert sorted(each.name for each in rows) == ["a", "c"]


def test_artifacts_go_and_come_back_with_their_version_and_with_their_model(
    database: Database,
) -> None:
    first, second = artifact("a", **OF_FIRST), artifact("b", **OF_SECOND)
    store(database, first, second, artifact("c", model="other", number=1, version_id=3))
    kind = {"kind": "model"}

    commit(database, lambda stores: stores.artifacts.withdraw("fraud", "iris", 1))
    assert found(database, **kind) == ["b", "c"]
    assert database.artifacts.with_id("fraud", first.id) is None

    commit(database, lambda stores: stores.artifacts.withdraw("fraud", "iris"))
    assert found(database, **kind) == ["c"]

    commit(database, lambda stores: stores.artifacts.readmit("fraud", "iris"))
    assert found(database, **kind) == ["b", "c"]

    commit(database, lambda stores: stores.artifacts.withdraw("fraud", "iris"))
    commit(database, lambda stores: stores.artifacts.readmit("fraud", "iris", 1))
    assert found(database, **kind) == ["c"]

    commit(database, lambda stores: stores.artifacts.readmit("fraud", "iris"))
    assert found(database, **kind) == ["a", "b", "c"]


def test_artifacts_go_and_come_back_with_their_run_and_with_their_experiment(
    database: Database,
) -> None:
    first = artifact("a", run_id=1, experiment_id=1)
    second = artifact("b", run_id=2, experiment_id=1)
    store(database, first, second, artifact("c", run_id=3, experiment_id=2), artifact("d"))
    kind = {"kind": "model"}

    commit(database, lambda stores: stores.artifacts.withdraw_runs(1, 1))
    assert found(database, **kind) == ["b", "c", "d"]
    assert database.artifacts.with_id("fraud", first.id) is None

    commit(database, lambda stores: stores.artifacts.withdraw_runs(1))
    commit(database, lambda stores: stores.artifacts.readmit_runs(1, 1))
    assert found(database, **kind) == ["c", "d"]

    commit(database, lambda stores: stores.artifacts.readmit_runs(1))
    assert found(database, experiment_id=1) == ["a", "b"]

    commit(database, lambda stores: stores.artifacts.forget_run(1, 2))
    assert found(database, **kind) == ["a", "c", "d"]


def test_what_was_purged_is_forgotten_and_its_name_is_free(database: Database) -> None:
    store(database, artifact(**OF_FIRST), artifact(**OF_SECOND))

    commit(database, lambda stores: stores.artifacts.forget(1))

    assert found(database, kind="model") == ["weights"]
    store(database, artifact(**OF_FIRST))


def test_ids_can_be_taken_several_at_a_time(database: Database) -> None:
    first = database.next_id("artifact", 3)

    assert database.next_id("artifact") == first + 3
