"""Experiments, runs and their metric points in every database."""

import math
from datetime import timedelta
from functools import partial

import pytest

from core.domain.fields import bound
from core.domain.metrics import summaries
from core.domain.orders import bound_orders
from core.domain.retention import Retention, Shown
from core.domain.runs import RUN_FIELDS
from core.errors import Taken
from core.ports import Database
from handlers.api.v1.filters import parse_filter, parse_order
from tests.contract.entities import NOW, commit, experiment, later, point, run, store

ODD = "val/loss.a $x%2E"


def names(
    database: Database, text: str, order: str = "id", shown: Shown = Shown.LISTED
) -> list[str]:
    tree = parse_filter(text)
    found = database.runs.search(
        ["fraud"],
        None if tree is None else bound(tree, RUN_FIELDS),
        orders=bound_orders(parse_order(order), RUN_FIELDS),
        after=None,
        limit=9,
        shown=shown,
    )
    return [each.name for each in found]


def test_experiments_have_unique_names_and_runs_need_not(database: Database) -> None:
    first = experiment("a/b: c", external_id="x")
    store(database, first, run("same"), run("same"), run("own", has_unique_name=True))

    assert database.experiments.named("fraud", "a/b: c") == first
    assert database.experiments.known_as("fraud", "x") == first
    for taken in (
        experiment("a/b: c"),
        experiment("new", external_id="x"),
        run("own", has_unique_name=True),
    ):
        with pytest.raises(Taken):
            store(database, taken)
    store(database, run("own"), run("own", has_unique_name=True, experiment_id=2))
    found = database.runs.named("fraud", 1, "same")
    assert found is not None
    assert database.runs.get("fraud", found.id) == found
    assert database.runs.named("other", 1, "same") is None


def test_the_same_point_twice_is_one_and_all_come_in_order(database: Database) -> None:
    points = [point(2), point(-1), point(2, 0.25), point(2, at=NOW + timedelta(seconds=1))]
    nan = [point(5, math.nan, ODD), point(6, -math.inf, ODD)]

    for _ in range(2):
        database.metrics.insert([*points, *nan])
    database.metrics.insert([])

    page = database.metrics.page(1, "loss", limit=9)
    assert [each.place for each in page] == sorted(each.place for each in points)
    assert page[0] == points[1]
    odd = database.metrics.page(1, ODD, limit=9)
    assert [str(each.value) for each in odd] == ["nan", "-inf"]
    assert database.metrics.page(2, "loss", limit=9) == []
    assert database.metrics.page(1, "los", limit=9) == []


def test_history_is_paged_and_cut_by_steps(database: Database) -> None:
    points = [point(step) for step in range(-3, 7)]
    database.metrics.insert(points)

    first = database.metrics.page(1, "loss", limit=4)
    rest = database.metrics.page(1, "loss", after=first[-1].place, limit=9)

    assert [*first, *rest] == points
    assert database.metrics.page(1, "loss", first=0, last=2, limit=9) == points[3:6]
    assert database.metrics.page(1, "loss", after=points[0].place, first=5, limit=9) == points[8:]
    assert database.metrics.page(1, "loss", after=points[8].place, first=0, limit=9) == points[9:]
    falling = partial(database.metrics.page, 1, "loss", descending=True)
    assert falling(limit=4) == points[:-5:-1]
    assert falling(after=points[3].place, limit=9) == points[2::-1]
    assert falling(first=0, last=2, limit=9) == points[5:2:-1]
    assert falling(after=points[5].place, first=0, last=2, limit=1) == [points[4]]


def test_summaries_merge_in_whatever_order_and_however_often(database: Database) -> None:
    steps = [(0, 1.0), (255, math.nan), (256, -2.0), (10, 7.0), (300, 0.5), (-1, 3.0)]
    points = [point(step, value) for step, value in steps]

    for part in (points[:3], points[2:], points):
        database.metrics.summarise(summaries(part))

    found = database.metrics.summaries(1, "loss", 8, first=-1, last=300, limit=9)
    assert [(each.stretch, each.low, each.high) for each in found] == [
        (-1, 3.0, 3.0),
        (0, 1.0, 7.0),
        (1, -2.0, 0.5),
    ]
    whole = {(each.level, each.stretch): each for each in summaries(points)}
    assert all(each == whole[each.level, each.stretch] for each in found)
    assert len(database.metrics.summaries(1, "loss", 8, first=0, last=255, limit=9)) == 1
    assert len(database.metrics.summaries(1, "loss", 8, first=-1, last=300, limit=2)) == 2


def test_only_nan_has_neither_lowest_nor_highest(database: Database) -> None:
    database.metrics.summarise(summaries([point(0, math.nan)]))

    (found,) = database.metrics.summaries(1, "loss", 8, first=0, last=0, limit=9)

    assert (found.low, found.high) == (None, None)


def test_the_latest_moves_by_compare_and_set_and_without_an_event(database: Database) -> None:
    before = run(metrics={"other": 1.0}, latest={"other": {"step": 1}})
    store(database, before)
    new = run(id=before.id, metrics={ODD: 0.5}, latest={ODD: {"step": 3}}, logged=1)

    assert database.runs.note(new, [ODD])
    assert not database.runs.note(new, [ODD])

    found = database.runs.get("fraud", before.id)
    assert found is not None
    assert (found.metrics, found.logged, found.revision) == ({"other": 1.0, ODD: 0.5}, 1, 1)
    assert found.latest[ODD] == {"step": 3}
    assert names(database, f'metrics."{ODD}" = 0.5') == ["try"]


def test_runs_are_searched_and_ordered_by_the_latest_of_a_metric(database: Database) -> None:
    store(
        database,
        run("a", metrics={"auc": 0.9}, parameters={"model.lr": 0.1}, tags={"team": "x"}),
        run("b", metrics={"auc": None}, parent_id=7),
        run("c", metrics={"auc": 0.95}, status="finished"),
        run("d", experiment_id=2, metrics={"auc": 0.99}),
        run(
            "e",
            inputs=({"kind": "dataset", "name": "x", "tags": {"a.b": "c", "$%": "d"}},),
            outputs=({"kind": "version", "model": "iris", "number": 3},),
        ),
    )

    assert names(database, "experiment_id = 1", "metrics.auc desc") == ["c", "a", "e", "b"]
    assert names(database, "metrics.auc > 0.9") == ["c", "d"]
    assert names(database, "metrics.auc = 0.9") == ["a"]
    assert names(database, "parameters.model.lr = 0.1 AND tags.team = 'x'") == ["a"]
    assert names(database, "status = 'finished'") == ["c"]
    assert names(database, "parent_id = 7") == ["b"]
    assert names(database, "inputs.name = 'x' AND inputs.tags.\"a.b\" = 'c'") == ["e"]
    assert names(database, "inputs.tags.\"$%\" = 'd' AND outputs.number = 3") == ["e"]


def test_runs_go_out_of_lists_with_their_experiment_and_come_back_as_they_were(
    database: Database,
) -> None:
    store(database, run("a"), run("b", state=Retention.ARCHIVED), run("c", experiment_id=2))

    commit(database, lambda stores: stores.runs.withdraw(1))
    assert names(database, "") == ["c"]
    assert names(database, "", shown=Shown.READABLE) == ["c"]
    assert names(database, "", shown=Shown.EVERYTHING) == ["a", "b", "c"]

    commit(database, lambda stores: stores.runs.readmit(1))
    assert names(database, "") == ["a", "c"]
    assert names(database, "", shown=Shown.READABLE) == ["a", "b", "c"]


def test_what_is_deleted_long_enough_is_due(database: Database) -> None:
    deleted = {"state": Retention.DELETED, "purge_at": later(5)}
    late, gone = run("late", **deleted), experiment("gone", **deleted)
    store(database, run(), late, experiment(), gone)

    assert database.runs.due(later(6), 9) == [late]
    assert database.experiments.due(later(6), 9) == [gone]
    assert database.runs.due(later(5), 9) == []


def test_points_and_summaries_of_a_run_are_forgotten_bit_by_bit(database: Database) -> None:
    points = [point(step) for step in range(5)]
    other = point(run_id=11)
    database.metrics.insert([*points, other])
    database.metrics.summarise(summaries([*points, other]))

    while database.metrics.forget(1, 2):
        pass

    assert database.metrics.page(1, "loss", limit=9) == []
    assert database.metrics.summaries(1, "loss", 8, first=0, last=9, limit=9) == []
    assert database.metrics.page(11, "loss", limit=9) == [other]
