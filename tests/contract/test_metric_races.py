"""Many who log to one run at once, on a real database: nothing is lost, and it stays cheap."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from core.domain.pages import PageRequest
from tests.builders import ADMIN
from tests.contract.test_round_trips import Watched

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def watched(mongodb_uri: str, database_name: str) -> Iterator[Watched]:
    """A registry with an experiment and a run."""
    watched = Watched(mongodb_uri, database_name)
    watched.registry.experiments.create(ADMIN, "default", "first", {})
    watched.registry.runs.create(ADMIN, "default", "first", {})
    yield watched
    watched.close()


def log(watched: Watched, first: int, count: int) -> None:
    points = [
        {"key": "loss", "value": float(step), "step": step, "at": START + timedelta(seconds=step)}
        for step in range(first, first + count)
    ]
    watched.registry.batches.log(ADMIN, "default", "1", points)


def test_those_who_log_at_once_lose_nothing(watched: Watched) -> None:
    firsts = [place * 200 for place in range(20)]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda first: log(watched, first, 200), firsts))

    run = watched.registry.runs.get(ADMIN, "default", "1")
    assert (run.metrics["loss"], run.latest["loss"]["count"]) == (3_999.0, 4_000)
    (plot,) = watched.registry.metrics.plot(ADMIN, "default", "1", ["loss"], buckets=1_000)
    assert [(b.low, b.high) for b in plot.buckets] == [
        (float(start), float(min(start + 255, 3_999))) for start in range(0, 4_000, 256)
    ]


def test_logging_a_thousand_points_is_three_commands_and_no_event(watched: Watched) -> None:
    assert watched.commands(lambda: log(watched, 0, 1_000)) == [
        "find runs",
        "insert metric_points",
        "update runs",
    ]


def test_a_long_history_takes_one_command_more_to_log_and_two_to_plot(watched: Watched) -> None:
    for first in range(0, 3_000, 1_000):
        log(watched, first, 1_000)

    assert watched.commands(lambda: log(watched, 3_000, 1_000)) == [
        "find runs",
        "insert metric_points",
        "update metric_summaries",
        "update runs",
    ]
    plot = watched.commands(
        lambda: watched.registry.metrics.plot(ADMIN, "default", "1", ["loss"], buckets=100)
    )
    assert plot == ["find runs", "find metric_summaries"]
    page = watched.commands(
        lambda: watched.registry.metrics.history(ADMIN, "default", "1", "loss", PageRequest(1_000))
    )
    assert page == ["find runs", "find metric_points"]
