"""What runs log and the histories of their metrics, on a real database."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from core.domain.pages import PageRequest
from tests.builders import ADMIN
from tests.contract.test_round_trips import Watched


@pytest.fixture
def watched(mongodb_uri: str, database_name: str) -> Iterator[Watched]:
    """A registry with an experiment and three runs."""
    watched = Watched(mongodb_uri, database_name)
    watched.registry.experiments.create(ADMIN, "default", "first", {})
    for _ in range(3):
        watched.registry.runs.create(ADMIN, "default", "first", {})
    yield watched
    watched.close()


def attach(watched: Watched, run: int, kind: str, name: str, **details: Any) -> None:
    what = {"kind": kind, "name": name, "details": details}
    watched.registry.attachments.attach_to_run(ADMIN, "default", str(run), what)


def test_metrics_and_parameters_that_are_attached_are_the_runs(watched: Watched) -> None:
    for value in (0.5, 0.25):
        attach(watched, 1, "metric", "loss", value=value, step=int(value * 4))
        attach(watched, 1, "parameter", "lr", value=str(value), parameter_type="number")

    run = watched.registry.runs.get(ADMIN, "default", "1")
    assert (run.parameters, run.metrics) == ({"lr": 0.25}, {"loss": 0.5})
    page = watched.registry.metric_histories.page(ADMIN, "default", PageRequest())
    assert [(each.point.step, each.point.value) for each in page.items] == [(1, 0.25), (2, 0.5)]


def test_a_list_of_all_that_a_run_logged_is_two_commands(watched: Watched) -> None:
    attach(watched, 1, "metric", "loss", value=0.5)
    attach(watched, 1, "parameter", "lr", value="0.1", parameter_type="number")
    points = [{"key": "auc", "value": 1.0, "step": 1}]
    watched.registry.batches.log(ADMIN, "default", "1", points)
    watched.registry.batches.log(ADMIN, "default", "2", points)
    pages = watched.registry.run_artifacts

    for run, names in (("1", ["loss", "lr", "auc"]), ("2", ["auc"])):
        page = pages.page(ADMIN, "default", run, PageRequest())
        assert [each.name for each in page.items] == names
    assert watched.commands(lambda: pages.page(ADMIN, "default", "1", PageRequest())) == [
        "find runs",
        "aggregate artifacts",
    ]


def test_the_histories_of_runs_are_paged_without_gaps(watched: Watched) -> None:
    for run in (1, 3):
        for name in ("a/b: c", "loss"):
            for step in range(3):
                attach(watched, run, "metric", name, value=run, step=step)
    histories = watched.registry.metric_histories

    for steps, descending in product(((), (0, 2)), (False, True)):
        found, token = [], None
        while True:
            request = PageRequest(2, token)
            page = histories.page(ADMIN, "default", request, steps=steps, descending=descending)
            found += [(each.run.id, each.point.key, each.point.step) for each in page.items]
            token = page.next_token
            if token is None:
                break
        every = [*product((1, 3), ("a/b: c", "loss"), steps or range(3))]
        assert found == (every[::-1] if descending else every)


def test_a_page_of_a_long_history_is_two_commands(watched: Watched) -> None:
    points = [{"key": "loss", "value": 1.0, "step": step} for step in range(1_000)]
    watched.registry.batches.log(ADMIN, "default", "1", points)

    def read() -> None:
        watched.registry.metric_histories.page(ADMIN, "default", PageRequest(500))

    assert watched.commands(read) == ["aggregate runs", "find metric_points"]
