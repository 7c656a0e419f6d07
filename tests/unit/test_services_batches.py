"""What a training logs at once, on memory adapters."""

from typing import Any

import pytest

from core.domain.access import Role
from core.domain.metrics import MAX_BATCH, MAX_KEYS
from core.domain.pages import PageRequest
from core.domain.runs import Run
from core.errors import Conflict, Forbidden, Invalid, NotFound, RegistryError, TooLarge
from core.services.search import Question
from core.services.sorting import MAX_SORTED
from handlers.api.v1.filters import parse_filter, parse_order
from tests.builders import World, caller

READER, WRITER = (caller(("default", role)) for role in (Role.READER, Role.WRITER))


@pytest.fixture
def world() -> World:
    world = World()
    world.registry.experiments.create(WRITER, "default", "first", {})
    world.registry.runs.create(WRITER, "default", "first", {}, parameters={"lr": 0.1})
    world.registry.logged_models.create(WRITER, "default", "first", {}, run="1")
    return world


def log(world: World, *points: dict[str, Any], **more: Any) -> Run:
    return world.registry.batches.log(WRITER, "default", "1", points, **more)


def test_all_of_it_is_one_revision_and_repeating_it_is_none(world: World) -> None:
    at = world.clock.now()
    said = {"parameters": {"depth": 3}, "tags": {"team": "risk"}, "name": "try"}
    point = {"key": "auc", "value": 0.5, "at": at, "logged_model": "1", "dataset_name": "a"}

    first = log(world, point, **said)
    again = log(world, point, **said)

    assert (first.revision, again.revision) == (2, 2)
    assert (again.name, again.tags, again.metrics) == ("try", {"team": "risk"}, {"auc": 0.5})
    assert again.parameters == {"lr": 0.1, "depth": 3}
    assert len(world.database.metrics.page(1, "auc", limit=9)) == 1
    model = world.registry.logged_models.get(READER, "default", "1")
    assert model.metrics["auc"] == 0.5
    assert log(world).logged == again.logged


def test_what_the_caller_reads_as_he_sends_it_is_no_other_value(world: World) -> None:
    assert log(world, parameters={"lr": "0.1"}, shown=str).parameters == {"lr": 0.1}
    with pytest.raises(Conflict, match="lr had another value"):
        log(world, parameters={"lr": "0.1"})


@pytest.mark.parametrize(
    ("points", "more", "error"),
    [
        ([{"key": "m", "value": 1.0}], {"parameters": {"lr": 0.2}}, Conflict),
        ([{"key": "m", "value": 1.0}], {"parameters": {"new": [1]}}, Invalid),
        ([{"key": "m", "value": 1.0}], {"tags": {"": "x"}}, Invalid),
        ([{"key": "m", "value": 1.0, "logged_model": "9"}], {"tags": {"a": "b"}}, NotFound),
        ([{"key": "", "value": 1.0}], {"tags": {"a": "b"}}, Invalid),
        ([{"key": "m", "value": 1.0}] * (MAX_BATCH + 1), {"tags": {"a": "b"}}, TooLarge),
    ],
)
def test_what_is_refused_leaves_nothing(
    world: World, points: list[dict[str, Any]], more: Any, error: type[RegistryError]
) -> None:
    before = world.registry.runs.get(READER, "default", "1")

    with pytest.raises(error):
        log(world, *points, **more)

    assert world.registry.runs.get(READER, "default", "1") == before
    assert world.database.metrics.page(1, "m", limit=9) == []


def test_too_many_metrics_are_refused_before_parameters_are_stored(world: World) -> None:
    log(world, *({"key": f"m{n}", "value": 1.0} for n in range(MAX_KEYS)))

    with pytest.raises(TooLarge):
        log(world, {"key": "one more", "value": 1.0}, parameters={"new": 1})
    assert "new" not in world.registry.runs.get(READER, "default", "1").parameters
    with pytest.raises(Forbidden):
        world.registry.batches.log(READER, "default", "1", [])


def test_runs_are_ordered_by_several_things_that_may_lack(world: World) -> None:
    for metrics, lr in (({"auc": 0.9}, 2), ({"auc": 0.9}, 1), ({}, 3), ({"auc": 0.7}, 9)):
        made = world.registry.runs.create(WRITER, "default", "first", {}, parameters={"lr": lr})
        points = [{"key": key, "value": value} for key, value in metrics.items()]
        world.registry.batches.log(WRITER, "default", str(made.id), points)
    question = Question(orders=parse_order("metrics.auc desc, parameters.lr, started_at"))
    found: list[int] = []
    token = None

    while token is not None or not found:
        request = PageRequest(2, token)
        page = world.registry.search.runs(READER, question, request).page
        found += [run.id for run in page.items]
        token = page.next_token

    assert found == [3, 2, 5, 1, 4]


def test_more_than_can_be_sorted_here_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MAX_SORTED == 5_000
    monkeypatch.setattr("core.services.sorting.MAX_SORTED", 0)
    question = Question(orders=parse_order("metrics.auc, parameters.lr"))

    with pytest.raises(Invalid, match="too many to be ordered"):
        world.registry.search.runs(READER, question, PageRequest())


def test_runs_are_found_by_what_went_in_and_came_out(world: World) -> None:
    world.registry.runs.link(
        WRITER,
        "default",
        "1",
        inputs=[{"kind": "dataset", "name": "iris", "digest": "sha256:0", "tags": {"a.b": "c"}}],
        outputs=[{"kind": "logged-model", "name": "m-1"}],
    )

    for text in (
        "inputs.digest = 'sha256:0' AND inputs.name = 'iris'",
        "inputs.tags.\"a.b\" = 'c'",
        "outputs.name = 'm-1'",
    ):
        question = Question(namespaces=("default",), filter=parse_filter(text))
        found = world.registry.search.runs(READER, question, PageRequest()).page.items
        assert [run.id for run in found] == [1], text
