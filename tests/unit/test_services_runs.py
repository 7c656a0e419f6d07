"""Use cases on experiments, runs and metrics, on memory adapters."""

import math
from datetime import timedelta
from typing import Any

import pytest

from core.domain.access import Role, system_caller
from core.domain.comparison import Direction
from core.domain.events import SubjectKind
from core.domain.pages import PageRequest
from core.domain.subjects import numbered_subject
from core.errors import Conflict, Forbidden, Invalid, NotFound, Taken, TooLarge
from core.services.search import Question
from handlers.api.v1.filters import parse_filter, parse_order
from tests.builders import World, caller

WRITER = caller(("default", Role.WRITER), subject="alice")
OWNER = caller(("default", Role.OWNER), subject="carol")
READER = caller(("default", Role.READER), subject="bob")
ALL = PageRequest(1_000)
HERE = ("default",)


@pytest.fixture
def world() -> World:
    """An experiment `first` with a run."""
    world = World()
    world.registry.experiments.create(WRITER, "default", "first", {})
    world.registry.runs.create(WRITER, "default", "first", {}, parameters={"lr": 0.1})
    return world


def started(world: World, **fields: Any) -> Any:
    return world.registry.runs.create(WRITER, "default", "first", {}, **fields)


def logged(world: World, run: str = "1", key: str = "loss", **points: float) -> Any:
    """Points such as `s3=0.5`, for step 3."""
    at = world.clock.now()
    rows = [{"key": key, "value": v, "step": int(s[1:]), "at": at} for s, v in points.items()]
    return world.registry.batches.log(WRITER, "default", run, rows)


def runs(world: World, text: str = "", order: str = "id") -> list[int]:
    question = Question(namespaces=HERE, filter=parse_filter(text), orders=parse_order(order))
    return [run.id for run in world.registry.search.runs(READER, question, ALL).page.items]


def test_an_experiment_is_named_by_id_or_name_and_can_be_renamed(world: World) -> None:
    experiments = world.registry.experiments

    with pytest.raises(Taken, match="already"):
        experiments.create(WRITER, "default", "first", {})
    second = experiments.create(WRITER, "default", "second", {})
    with pytest.raises(Taken):
        experiments.update(WRITER, "default", "second", {"name": "first"}, expected_revision=None)
    experiments.update(WRITER, "default", "second", {"name": "a/b: c"}, expected_revision=1)
    assert experiments.get(READER, "default", str(second.id)).name == "a/b: c"
    assert experiments.get(READER, "default", "a/b: c").id == second.id
    with pytest.raises(NotFound):
        experiments.get(READER, "default", "second")


def test_a_deleted_experiment_takes_its_runs_along_and_back(world: World) -> None:
    experiments = world.registry.experiments
    with pytest.raises(Invalid, match="must say why"):
        experiments.delete(OWNER, "default", "first", reason=" ")
    with pytest.raises(Forbidden):
        experiments.delete(WRITER, "default", "first", reason="why")
    before = world.clock.now()
    world.clock.advance(seconds=1)

    gone = experiments.delete(OWNER, "default", "first", reason="why")

    assert gone.purge_at is not None
    assert runs(world) == []
    with pytest.raises(NotFound, match="deleted"):
        experiments.get(READER, "default", "first")
    with pytest.raises(NotFound, match="deleted"):
        started(world)
    with pytest.raises(Taken, match="it is deleted"):
        experiments.create(WRITER, "default", "first", {})
    assert experiments.get(READER, "default", "first", even_deleted=True).id == 1
    assert experiments.get(READER, "default", "first", as_of=before).state == "active"
    experiments.undelete(OWNER, "default", "first")
    assert runs(world) == [1]
    with pytest.raises(Conflict):
        experiments.undelete(OWNER, "default", "first")


def test_what_is_archived_is_out_of_lists_and_can_be_read(world: World) -> None:
    world.registry.runs.archive(WRITER, "default", "1")
    assert runs(world) == []
    assert world.registry.runs.get(READER, "default", "1").state == "archived"
    world.registry.runs.restore(WRITER, "default", "1")
    assert runs(world) == [1]


def test_the_time_to_undelete_a_run_ends(world: World) -> None:
    world.registry.runs.delete(WRITER, "default", "1", reason="why")
    world.clock.advance(seconds=world.settings.delete_grace_seconds + 1)

    with pytest.raises(Conflict, match="is over"):
        world.registry.runs.undelete(WRITER, "default", "1")


def test_a_run_starts_now_and_ends_when_its_status_says_so(world: World) -> None:
    first = world.clock.now()
    world.clock.advance(seconds=60)

    ended = world.registry.runs.update(WRITER, "default", "1", {"status": "finished"})
    again = world.registry.runs.update(WRITER, "default", "1", {"status": "finished"})

    assert (ended.started_at, ended.ended_at) == (first, first + timedelta(seconds=60))
    assert again == ended
    assert started(world, status="scheduled").started_at is None
    for patch in (
        {"status": "FINISHED"},
        {"status": None},
        {"ended_at": first - timedelta(seconds=1)},
        {"parent_id": 2},
        {"name": None},
    ):
        with pytest.raises(Invalid):
            world.registry.runs.update(WRITER, "default", "1", patch)


def test_names_are_free_unless_a_run_wants_one_of_its_own(world: World) -> None:
    started(world, name="same")
    started(world, name="same")
    assert started(world).name == "run-4"

    with pytest.raises(Taken):
        started(world, name="same", unique_name=True)
    started(world, name="own", unique_name=True)
    with pytest.raises(Taken):
        started(world, name="own", unique_name=True)


def test_runs_may_be_parts_of_another(world: World) -> None:
    part = started(world, parent="1")

    assert runs(world, "parent_id = 1") == [part.id]
    with pytest.raises(NotFound):
        started(world, parent="9")


def test_parameters_are_written_once(world: World) -> None:
    log = world.registry.runs.log_parameters

    same = log(WRITER, "default", "1", {"lr": 0.1})
    more = log(WRITER, "default", "1", {"lr": 0.1, "model.depth": 3})

    assert (same.revision, more.revision) == (1, 2)
    with pytest.raises(Conflict, match="written once") as refused:
        log(WRITER, "default", "1", {"lr": 0.2, "new": 1})
    assert refused.value.problems == (("lr", "has another value already"),)
    assert "new" not in world.registry.runs.get(READER, "default", "1").parameters
    assert log(WRITER, "default", "1", {"lr": 0.2}, overwrite=True).parameters["lr"] == 0.2
    assert runs(world, "parameters.model.depth = 3") == [1]
    for bad in ({"a": {"b": 1}}, {"a": [1]}, {"": 1}, {"x" * 251: 1}):
        with pytest.raises(Invalid):
            log(WRITER, "default", "1", bad)
    with pytest.raises(TooLarge):
        log(WRITER, "default", "1", {f"p{n}": n for n in range(2_001)})


def test_what_went_in_and_came_out_is_noted_once(world: World) -> None:
    link = world.registry.runs.link
    data = {"kind": "dataset", "name": "iris", "digest": "sha256:0", "metadata": {"rows": 150}}
    version = {"kind": "version", "model": "iris", "number": 3}

    run = link(WRITER, "default", "1", inputs=[data, data], outputs=[version])
    again = link(WRITER, "default", "1", inputs=[{**data, "metadata": {}}])

    assert (run.inputs, run.outputs, run.revision) == ((data,), (version,), 2)
    assert again == run
    for bad in (
        {"kind": "dataset"},
        {"kind": "what", "name": "x"},
        {"kind": "version", "model": "iris"},
        {"kind": "dataset", "name": "x", "unknown": 1},
        "text",
    ):
        with pytest.raises(Invalid, match=r"inputs\.0"):
            link(WRITER, "default", "1", inputs=[bad])


def test_the_latest_of_a_metric_is_on_the_run_without_an_event(world: World) -> None:
    logged(world, s1=0.9, s3=0.5)
    logged(world, s2=0.7)
    subject = numbered_subject(SubjectKind.RUN, "default", 1)

    run = world.registry.runs.get(READER, "default", "1")

    assert (run.metrics, run.revision) == ({"loss": 0.5}, 1)
    assert run.latest["loss"] == {
        "value": 0.5, "step": 3, "at": world.clock.now(), "first": 1, "count": 3,
        "summarised": False,
    }  # fmt: skip
    assert len(world.registry.history.page(READER, subject, ALL).items) == 1
    ended = world.registry.runs.update(WRITER, "default", "1", {"status": "finished"})
    assert ended.metrics == {"loss": 0.5}


def test_as_of_a_moment_a_run_has_the_metrics_of_its_last_event(world: World) -> None:
    logged(world, s1=0.9)
    world.registry.runs.update(WRITER, "default", "1", {"owner": "x"})
    at = world.clock.now()
    world.clock.advance(seconds=1)
    logged(world, s2=0.1)

    assert world.registry.runs.get(READER, "default", "1", as_of=at).metrics == {"loss": 0.9}
    assert world.registry.runs.get(READER, "default", "1").metrics == {"loss": 0.1}
    (then,) = world.registry.runs.page_at(READER, "default", ALL, at).items
    assert then.metrics == {"loss": 0.9}


def test_logging_again_changes_nothing_but_the_count(world: World) -> None:
    for _ in range(2):
        logged(world, s1=0.9, s2=math.nan)

    history = world.registry.metrics.history(READER, "default", "1", "loss", ALL).items
    run = world.registry.runs.get(READER, "default", "1")
    assert [str(point.value) for point in history] == ["0.9", "nan"]
    assert (run.metrics, run.latest["loss"]["value"]) == ({"loss": None}, "NaN")


def test_history_is_paged(world: World) -> None:
    logged(world, **{f"s{step}": step / 10 for step in range(10)})
    history = world.registry.metrics.history

    first = history(READER, "default", "1", "loss", PageRequest(6), first=1)
    rest = history(READER, "default", "1", "loss", PageRequest(6, first.next_token), first=1)

    assert [point.step for point in (*first.items, *rest.items)] == list(range(1, 10))
    with pytest.raises(Invalid, match="page token"):
        history(READER, "default", "1", "loss", PageRequest(6, first.next_token))
    with pytest.raises(NotFound, match="no metric 'auc'"):
        history(READER, "default", "1", "auc", ALL)


def test_a_long_history_is_plotted_from_summaries_that_are_true(world: World) -> None:
    for start in range(0, 12_000, 1_000):
        logged(world, **{f"s{step}": float(step) for step in range(start, start + 1_000)})

    (plot,) = world.registry.metrics.plot(READER, "default", "1", ["loss"], buckets=20)
    (part,) = world.registry.metrics.plot(
        READER, "default", "1", ["loss"], buckets=10, first=100, last=199
    )

    assert len(plot.buckets) <= 20
    for bucket in plot.buckets:
        assert (bucket.low, bucket.high) == (bucket.start, min(bucket.end, 11_999))
        assert (bucket.last_step, bucket.last) == (bucket.high, bucket.high)
    assert [(bucket.low, bucket.high) for bucket in part.buckets] == [
        (start, start + 9) for start in range(100, 200, 10)
    ]
    for buckets, keys in ((0, ["loss"]), (1_001, ["loss"]), (1, []), (1, ["loss"] * 21)):
        with pytest.raises(Invalid):
            world.registry.metrics.plot(READER, "default", "1", keys, buckets=buckets)


def test_what_is_logged_is_bounded(world: World) -> None:
    log = world.registry.batches.log
    point = {"key": "a", "value": 1.0}

    with pytest.raises(TooLarge):
        log(WRITER, "default", "1", [point] * 1_001)
    log(WRITER, "default", "1", [{"key": f"m{n}", "value": 1.0} for n in range(1_000)])
    with pytest.raises(TooLarge, match="at most 1000 metrics"):
        log(WRITER, "default", "1", [point])
    assert log(WRITER, "default", "1", []).logged == 1
    for bad in ({**point, "key": "a\nb"}, {**point, "step": 1 << 63}):
        with pytest.raises(Invalid):
            log(WRITER, "default", "1", [bad])
    with pytest.raises(Forbidden):
        log(READER, "default", "1", [point])


def test_nothing_is_logged_to_a_deleted_run(world: World) -> None:
    world.registry.runs.delete(WRITER, "default", "1", reason="why")

    with pytest.raises(NotFound, match="deleted"):
        logged(world, s1=0.5)


def test_the_best_run_is_found_by_what_its_metric_means(world: World) -> None:
    for number, (loss, accuracy) in enumerate([(0.9, 0.7), (0.1, 0.9), (math.inf, math.nan)], 1):
        if number > 1:
            started(world)
        logged(world, str(number), "loss", s1=loss)
        logged(world, str(number), "accuracy", s1=accuracy)
        logged(world, str(number), "val/x", s1=loss)
    started(world)
    best = world.registry.metrics.best

    assert [run.id for run in best(READER, "default", "first", "loss", count=9)] == [2, 1]
    assert [run.id for run in best(READER, "default", "first", "accuracy")] == [2]
    assert best(READER, "default", "1", "val/x", direction=Direction.HIGHER)[0].id == 1
    with pytest.raises(Invalid, match="high 'val/x' is good"):
        best(READER, "default", "first", "val/x")
    with pytest.raises(NotFound, match="No run"):
        best(READER, "default", "first", "auc")
    assert runs(world, "metrics.loss <= 0.9", "metrics.loss") == [2, 1]


def test_runs_are_compared_like_versions(world: World) -> None:
    started(world, parameters={"lr": 0.2})
    logged(world, "1", "accuracy", s1=0.8)
    logged(world, "2", "accuracy", s1=0.9)

    found = world.registry.metrics.compare(READER, "default", ["1", "2"])

    rows = {(row.section, row.name): row for row in found.rows}
    assert rows["metrics", "accuracy"].best == (1,)
    assert rows["parameters", "lr"].differs
    for references in (["1"], ["1"] * 21):
        with pytest.raises(Invalid):
            world.registry.metrics.compare(READER, "default", references)


def test_who_may_see_one_model_only_sees_no_runs(world: World) -> None:
    world.registry.models.register(OWNER, "default", "iris", {})
    alice = caller(("default/iris", Role.WRITER), subject="alice")

    with pytest.raises(Forbidden):
        world.registry.runs.get(alice, "default", "1")
    with pytest.raises(Forbidden):
        world.registry.batches.log(alice, "default", "1", [])
    assert world.registry.search.runs(alice, Question(), ALL).page.items == ()


def test_a_version_knows_its_run_and_the_run_its_versions(world: World) -> None:
    world.registry.models.register(OWNER, "default", "iris", {})
    register = world.registry.versions.register

    first = register(WRITER, "default", "iris", {"run_id": 1, "parameters": {"lr": 0.1}}).version
    started(world)
    again = register(WRITER, "default", "iris", {"run_id": 2, "parameters": {"lr": 0.1}})

    output = {"kind": "version", "model": "iris", "number": 1}
    assert (first.run_id, again.version.number, again.outcome) == (1, 1, "existing")
    for run in ("1", "2"):
        assert world.registry.runs.get(READER, "default", run).outputs == (output,)
    question = Question(namespaces=HERE, filter=parse_filter("run_id = 1"))
    found = world.registry.search.versions(READER, question, ALL).page.items
    assert [version.number for version in found] == [1]
    with pytest.raises(NotFound, match="no run '9'"):
        register(WRITER, "default", "iris", {"run_id": 9})
    assert world.database.models.get("default", "iris").last_version == 1


def test_after_the_grace_period_metrics_and_descriptions_go_and_names_are_free(
    world: World,
) -> None:
    experiments, sweep = world.registry.experiments, system_caller("sweep")
    logged(world, s1=0.5)
    alone = started(world)
    card = {"name": "card", "kind": "document"}
    world.registry.attachments.attach_to_run(WRITER, "default", "1", card)
    world.registry.experiments.create(WRITER, "default", "second", {})
    world.registry.runs.delete(WRITER, "default", str(alone.id), reason="why")
    experiments.delete(OWNER, "default", "first", reason="why")

    assert world.registry.run_purges.purge(sweep) == 0
    world.clock.advance(seconds=world.settings.delete_grace_seconds + 1)
    assert world.registry.run_purges.purge(sweep) == 3
    assert world.registry.run_purges.purge(sweep) == 0

    run = world.registry.runs.get(READER, "default", "1", even_deleted=True)
    assert (run.state, run.parameters, run.metrics) == ("purged", {}, {})
    assert world.database.metrics.page(1, "loss", limit=9) == []
    assert world.database.artifacts.named("default", "run 1", "document", "card") is None
    assert experiments.create(WRITER, "default", "first", {}).state == "active"
    with pytest.raises(NotFound, match="for good"):
        world.registry.runs.get(READER, "default", "1")
