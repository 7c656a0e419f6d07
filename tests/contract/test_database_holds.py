"""What the ports promise of legal holds: nothing that is held is due."""

from dataclasses import replace
from typing import Any

from core.adapters.memory.clock import MemoryClock
from core.domain.access import Role
from core.domain.fields import MODEL_FIELDS, VERSION_FIELDS, bound
from core.domain.holds import Hold
from core.domain.orders import bound_orders
from core.domain.retention import Retention
from core.domain.search import Comparison, Exists, Not, Operator, Path, Tree
from core.domain.versions import ModelVersion, VersionState
from core.ports import Database
from core.services.holds import Holds
from handlers.api.v1.filters import parse_order
from tests.builders import caller
from tests.contract.entities import NOW, commit, later, model, store, version

HOLDS = (Hold("case 7", "litigation", "subject:dev:alice", NOW),)


def deleted(number: int, **fields: Any) -> ModelVersion:
    values = {"retention": Retention.DELETED, "purge_at": later(number), **fields}
    return version(number, **values)


def due(database: Database) -> list[int]:
    return [each.number for each in database.versions.due(later(99), 9)]


def test_what_is_held_is_stored_whole_and_never_due(database: Database) -> None:
    held = deleted(1, holds=HOLDS)
    state = {"state": Retention.DELETED, "purge_at": later(1)}
    models = [model("a", holds=HOLDS, **state), model("b", held_versions=(3,), **state)]
    store(database, held, deleted(2), *models, model("c", **state))

    assert due(database) == [2]
    assert [each.name for each in database.models.due(later(9), 9)] == ["c"]
    assert database.versions.get("fraud", "iris", 1) == held
    assert database.models.get("fraud", "a") == models[0]


def test_a_hold_on_a_model_takes_its_versions_out_of_what_is_due(database: Database) -> None:
    others = deleted(4, model="other")
    store(database, deleted(1), deleted(2, holds=HOLDS), deleted(3), others, version(5))

    commit(database, lambda stores: stores.versions.hold("fraud", "iris"))
    held = due(database)
    commit(database, lambda stores: stores.versions.release("fraud", "iris"))

    assert held == [4]
    assert due(database) == [1, 3, 4]


def test_a_version_is_due_again_when_its_own_hold_is_lifted(database: Database) -> None:
    held = deleted(1, holds=HOLDS)
    store(database, held)

    commit(database, lambda stores: stores.versions.replace(replace(held, holds=(), revision=2)))

    assert due(database) == [1]


def test_what_is_on_hold_for_a_matter_is_found(database: Database) -> None:
    both = (*HOLDS, Hold("tax", "an audit", "subject:dev:bob", NOW))
    store(database, version(1), version(2, holds=HOLDS), version(3, holds=both))
    store(database, model("a", holds=both), model("b"))
    hold = Path("hold")

    def found(tree: Tree) -> tuple[list[int], list[str]]:
        ask: dict[str, Any] = {"after": None, "limit": 9}
        orders = bound_orders(parse_order("id"), VERSION_FIELDS)
        versions = database.versions.search(
            ["fraud"], bound(tree, VERSION_FIELDS), orders=orders, **ask
        )
        models = database.models.search(["fraud"], bound(tree, MODEL_FIELDS), orders=orders, **ask)
        return [each.number for each in versions], [each.name for each in models]

    assert found(Comparison(hold, Operator.EQUAL, "case 7")) == ([2, 3], ["a"])
    assert found(Comparison(hold, Operator.EQUAL, "tax")) == ([3], ["a"])
    assert found(Exists(hold)) == ([2, 3], ["a"])
    assert found(Not(Exists(hold))) == ([1], ["b"])


def test_a_release_leaves_what_is_not_deleted_alone(database: Database) -> None:
    store(database, version(1), version(2, retention=Retention.PURGED))

    commit(database, lambda stores: stores.versions.release("fraud", "iris"))

    assert due(database) == []


def test_a_version_of_a_held_model_stays_out_of_what_is_due_whatever_becomes_of_its_own_hold(
    database: Database,
) -> None:
    clock = MemoryClock(later(0))
    holds = Holds(database, clock, 60)
    owner = caller(("fraud", Role.OWNER))
    store(database, model(), deleted(1, state=VersionState.READY, purge_at=later(500)))

    holds.hold_model(owner, "fraud", "iris", reference="case 7", reason="litigation")
    holds.hold_version(owner, "fraud", "iris", 1, reference="tax", reason="an audit")
    holds.release_version(owner, "fraud", "iris", 1, reason="closed")
    held = database.versions.due(later(9_999), 9)
    holds.release_model(owner, "fraud", "iris", reason="closed")

    assert list(held) == []
    assert [each.number for each in database.versions.due(later(9_999), 9)] == [1]
