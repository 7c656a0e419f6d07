"""Use cases on logged models, on memory adapters."""

import math
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.access import Role, system_caller
from core.domain.logged_models import (
    LoggedModel,
    Measurement,
    logged_model_id,
    measured_on,
    measured_where,
    read_logged_model_id,
    with_measurements,
)
from core.domain.metrics import MAX_KEYS, MetricPoint
from core.domain.pages import PageRequest
from core.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge
from core.services.noting import note_measurements
from core.services.search import Question
from handlers.api.v1.filters import parse_filter
from tests.builders import World, caller
from tests.contract.entities import NOW, logged_model, point

READER, WRITER, OWNER = (
    caller(("default", role)) for role in (Role.READER, Role.WRITER, Role.OWNER)
)


@pytest.fixture
def world() -> World:
    world = World()
    world.registry.experiments.create(WRITER, "default", "first", {})
    world.registry.runs.create(WRITER, "default", "first", {})
    return world


def logged(world: World, **fields: Any) -> LoggedModel:
    return world.registry.logged_models.create(WRITER, "default", "first", {}, **fields)


def measure(world: World, measurements: list[Measurement]) -> LoggedModel:
    model = world.registry.logged_models.get(READER, "default", "1")
    return note_measurements(world.database, model, measurements)


def found(world: World, text: str = "") -> list[int]:
    question = Question(namespaces=("default",), filter=parse_filter(text))
    page = world.registry.search.logged_models(READER, question, PageRequest()).page
    return sorted(model.id for model in page.items)


@given(st.integers(1, 999_999_999))
def test_an_id_reads_as_what_it_was_written_from(number: int) -> None:
    text = logged_model_id(number)

    assert len(text) == 34
    assert read_logged_model_id(text) == read_logged_model_id(str(number)) == number
    assert read_logged_model_id(text[:-1]) is None


@given(st.text(max_size=40))
def test_no_text_that_is_no_id_breaks_anything(text: str) -> None:
    number = read_logged_model_id(text)

    assert number is None or text in {str(number), logged_model_id(number)}


def test_it_is_pending_until_its_files_are_there(world: World) -> None:
    model = logged(world, run="1", model_type="classifier", parameters={"lr": "0.1"})

    assert (model.status, model.run_id, model.experiment_id) == ("pending", 1, 1)
    models = world.registry.logged_models
    ready = models.update(WRITER, "default", model.model_id, {"status": "ready"})
    assert models.get(READER, "default", "1") == ready
    assert found(world, "status = 'ready' AND run_id = 1") == [1]
    with pytest.raises(Invalid, match="no status"):
        models.update(WRITER, "default", "1", {"status": "done"})
    with pytest.raises(NotFound, match="no run '9'"):
        logged(world, run="9")
    with pytest.raises(NotFound, match="no logged model 'm-1'"):
        models.get(READER, "default", "m-1")


def test_its_parameters_are_written_once(world: World) -> None:
    logged(world, parameters={"lr": "0.1"})
    log = world.registry.logged_models.log_parameters

    assert log(WRITER, "default", "1", {"lr": "0.1"}).revision == 1
    assert log(WRITER, "default", "1", {"depth": "3"}).parameters == {"lr": "0.1", "depth": "3"}
    with pytest.raises(Conflict, match="lr had another value"):
        log(WRITER, "default", "1", {"lr": "0.2"})


def test_the_latest_of_each_metric_on_each_data_set_stays_and_no_event_tells(
    world: World,
) -> None:
    logged(world)
    before = len(world.database.events.page("default", before=None, limit=99))

    measure(world, [Measurement(point(5, 0.5, "auc"), "iris", "x")])
    measure(world, [Measurement(point(4, 0.4, "auc"))])
    measure(world, [Measurement(point(6, math.nan, "auc"), "wine", "y")])
    after = measure(world, [])

    assert after.metrics == {
        "auc": None,
        measured_on("auc", "iris", "x"): 0.5,
        measured_on("auc", "iris", ""): 0.5,
        measured_on("auc", "", ""): 0.4,
        measured_on("auc", "wine", "y"): None,
        measured_on("auc", "wine", ""): None,
    }
    assert {facts["dataset_name"] for _, facts in measured_where(after)} == {"", "iris", "wine"}
    assert len(list(measured_where(after))) == 3
    assert after.measured["auc"]["value"] == "NaN"
    assert len(world.database.events.page("default", before=None, limit=99)) == before


@given(st.permutations([(0, 0), (0, 1), (1, 0), (2, 0)]))
def test_in_whatever_order_they_come_the_last_step_and_time_wins(
    order: list[tuple[int, int]],
) -> None:
    model = logged_model()
    for step, second in order:
        at = NOW + timedelta(seconds=second)
        metrics, measured = with_measurements(
            model, [Measurement(MetricPoint(1, "auc", step, at, step + second / 2))]
        )
        model = logged_model(
            metrics={**model.metrics, **metrics}, measured={**model.measured, **measured}
        )

    assert model.metrics["auc"] == 2.0


def test_a_logged_model_has_so_many_metrics_at_most(world: World) -> None:
    points = [Measurement(point(0, 1.0, f"m{n}")) for n in range(2 * MAX_KEYS)]

    with pytest.raises(TooLarge, match="at most 1000 metrics"):
        with_measurements(logged_model(), points)


def test_it_can_be_deleted_and_brought_back_and_goes_with_its_experiment(world: World) -> None:
    logged(world)
    models, experiments = world.registry.logged_models, world.registry.experiments

    with pytest.raises(Invalid, match="say why"):
        models.delete(WRITER, "default", "1", reason="")
    models.delete(WRITER, "default", "1", reason="why")
    assert found(world) == []
    with pytest.raises(NotFound, match="is deleted"):
        models.get(READER, "default", "1")
    assert models.undelete(WRITER, "default", "1").state == "active"
    experiments.delete(OWNER, "default", "first", reason="why")
    assert found(world) == []
    experiments.undelete(OWNER, "default", "first")
    assert found(world) == [1]
    with pytest.raises(Forbidden):
        models.delete(READER, "default", "1", reason="why")


def test_after_the_grace_period_what_was_said_of_it_goes(world: World) -> None:
    logged(world, parameters={"lr": "0.1"})
    alone = logged(world)
    models, sweep = world.registry.logged_models, system_caller("sweep")
    models.delete(WRITER, "default", str(alone.id), reason="why")
    world.registry.experiments.delete(OWNER, "default", "first", reason="why")

    world.clock.advance(seconds=world.settings.delete_grace_seconds + 1)
    assert world.registry.run_purges.purge(sweep) == 4
    assert world.registry.run_purges.purge(sweep) == 0

    purged = models.get(READER, "default", "1", even_deleted=True)
    assert (purged.state, purged.parameters) == ("purged", {})
    with pytest.raises(NotFound, match="for good"):
        models.get(READER, "default", "1")


def test_the_past_of_it_can_be_read(world: World) -> None:
    model = logged(world, name="net")
    at = world.clock.now()
    world.clock.advance(seconds=1)
    world.registry.logged_models.update(WRITER, "default", "1", {"name": "better"})

    then = world.registry.logged_models.get(READER, "default", "1", as_of=at)
    assert then == model
