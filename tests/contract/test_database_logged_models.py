"""Logged models in every database."""

import pytest

from core.domain.fields import bound
from core.domain.logged_models import LOGGED_MODEL_FIELDS, measured_on
from core.domain.orders import bound_orders
from core.domain.retention import Retention, Shown
from core.errors import Taken
from core.ports import Database
from handlers.api.v1.filters import parse_filter, parse_order
from tests.contract.entities import commit, later, logged_model, store

ODD = "val/acc.a $x%2E"


def names(
    database: Database, text: str, order: str = "id", shown: Shown = Shown.LISTED
) -> list[str]:
    tree = parse_filter(text)
    found = database.logged_models.search(
        ["fraud"],
        None if tree is None else bound(tree, LOGGED_MODEL_FIELDS),
        orders=bound_orders(parse_order(order), LOGGED_MODEL_FIELDS),
        after=None,
        limit=9,
        shown=shown,
    )
    return [each.name for each in found]


def test_names_need_not_differ_and_external_ids_must(database: Database) -> None:
    first = logged_model("same", external_id="x")
    store(database, first, logged_model("same"))

    assert database.logged_models.get("fraud", first.id) == first
    assert database.logged_models.get("other", first.id) is None
    assert database.logged_models.known_as("fraud", "x") == first
    with pytest.raises(Taken):
        store(database, logged_model("new", external_id="x"))


def test_what_was_measured_moves_by_compare_and_set_and_without_an_event(
    database: Database,
) -> None:
    place = measured_on(ODD, "iris", "sha256:0")
    before = logged_model(metrics={"other": 1.0}, measured={"other": {"step": 1}})
    store(database, before)
    new = logged_model(
        id=before.id,
        metrics={ODD: 0.5, place: 0.5},
        measured={ODD: {"step": 3}, place: {"step": 3}},
        logged=1,
    )

    assert database.logged_models.note(new, [ODD, place])
    assert not database.logged_models.note(new, [ODD, place])

    found = database.logged_models.get("fraud", before.id)
    assert found is not None
    assert (found.logged, found.revision) == (1, 1)
    assert found.metrics == {"other": 1.0, ODD: 0.5, place: 0.5}
    assert found.measured[place] == {"step": 3}
    assert names(database, f'metrics."{ODD}" = 0.5') == ["net"]


def test_they_are_searched_by_what_they_are_and_ordered_by_a_metric(database: Database) -> None:
    store(
        database,
        logged_model("a", metrics={"auc": 0.9}, parameters={"lr": "0.1"}, status="ready"),
        logged_model("b", metrics={"auc": None}, run_id=7, tags={"team": "x"}),
        logged_model("c", metrics={"auc": 0.95}, experiment_id=2, model_type="agent"),
    )

    assert names(database, "", "metrics.auc desc") == ["c", "a", "b"]
    assert names(database, "metrics.auc > 0.9") == ["c"]
    assert names(database, "parameters.lr = '0.1' AND status = 'ready'") == ["a"]
    assert names(database, "run_id = 7 AND tags.team = 'x'") == ["b"]
    assert names(database, "model_type = 'agent' OR experiment_id = 3") == ["c"]


def test_they_go_out_of_lists_with_their_experiment_and_come_back(database: Database) -> None:
    gone = logged_model("gone", state=Retention.DELETED, purge_at=later(5))
    store(database, logged_model("a"), gone, logged_model("c", experiment_id=2))

    commit(database, lambda stores: stores.logged_models.withdraw(1))
    assert names(database, "") == ["c"]
    assert names(database, "", shown=Shown.EVERYTHING) == ["gone", "a", "c"]

    commit(database, lambda stores: stores.logged_models.readmit(1))
    assert names(database, "") == ["a", "c"]
    assert database.logged_models.due(later(6), 9) == [gone]
    assert database.logged_models.due(later(5), 9) == []
