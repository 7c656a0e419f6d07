"""Answers about runs and their metrics."""

from datetime import datetime
from typing import Any, Literal

from handlers.api.v1.document.common import Answer, Described
from handlers.api.v1.document.comparisons import Row

Number = float | Literal["NaN", "Infinity", "-Infinity"]
Status = Literal["scheduled", "running", "finished", "failed", "killed"]


class Latest(Answer):
    """Of which step and time the latest value of a metric is, and how many points were noted,
    repeats among them."""

    step: int
    at: datetime
    count: int


class Run(Described):
    """One try, with the latest of each metric."""

    id: str
    namespace: str
    experiment_id: str
    name: str
    status: Status
    state: Literal["active", "archived", "deleted", "purged"]
    started_at: datetime | None
    ended_at: datetime | None
    parent_id: str | None
    parameters: dict[str, Any]
    metrics: dict[str, Number]
    latest: dict[str, Latest]
    inputs: list[dict[str, Any]]
    outputs: list[dict[str, Any]]
    purge_at: datetime | None


class BestRuns(Answer):
    """Runs, the best first."""

    items: list[Run]


class ComparedRun(Answer):
    """One of the runs that were compared."""

    id: str
    name: str
    status: Status


class RunComparison(Answer):
    """Runs side by side."""

    runs: list[ComparedRun]
    rows: list[Row]


class MetricPoint(Answer):
    """A value of a metric."""

    step: int
    at: datetime
    value: Number


class Logged(Answer):
    """The latest of each metric that was noted."""

    metrics: dict[str, Number]


class Bucket(Answer):
    """What there is of the steps from `start` to `end`."""

    start: int
    end: int
    low: Number
    high: Number
    last: Number
    last_step: int
    last_at: datetime


class Plot(Answer):
    """A metric, down-sampled."""

    key: str
    buckets: list[Bucket]


class Plots(Answer):
    """Metrics, down-sampled."""

    plots: list[Plot]
