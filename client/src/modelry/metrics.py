"""Operations on metrics: logging points of a run, a thousand at a time, and reading them back."""

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from modelry.errors import Conflict, NotFound
from modelry.moments import moment
from modelry.records import Record
from modelry.runs import Run, Runs
from modelry.session import given

BATCH = 1_000

_OF = ("logged_model", "dataset_name", "dataset_digest")
"""What a point may be said of as well."""


@dataclass(frozen=True, repr=False)
class MetricPoint(Record):
    """A value of a metric."""

    step: int = 0
    at: datetime | None = None
    value: float = 0.0

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Self:
        """Make the record of a JSON object, in which NaN and infinity are text."""
        return super().read({**raw, "value": float(raw["value"])})


@dataclass(frozen=True, repr=False)
class Bucket(Record):
    """What there is of a metric from step `start` to `end`; text for NaN and infinity."""

    start: int = 0
    end: int = 0
    low: float = 0.0
    high: float = 0.0
    last: float = 0.0
    last_step: int = 0


class Metrics(Runs):
    """Metrics of runs."""

    def start_run(self, experiment: str, name: str | None = None, **fields: Any) -> "ActiveRun":
        """Start a run, for a `with` statement that ends it: finished, or failed if something is
        raised. The experiment is created if there is none of that name. `fields` are those of
        `create_run`."""
        namespace = fields.pop("namespace", None)
        try:
            run = self.create_run(experiment, name, namespace=namespace, **fields)
        except NotFound:
            if fields.get("parent") is not None:
                self.run(fields["parent"], namespace=namespace)
            with suppress(Conflict):  # somebody else did
                self.create_experiment(experiment, namespace=namespace)
            run = self.create_run(experiment, name, namespace=namespace, **fields)
        return ActiveRun(self, run)

    def log_metrics(
        self,
        id: str,
        points: Iterable[Mapping[str, Any]],
        *,
        namespace: str | None = None,
    ) -> None:
        """Note points, each a map of `key`, `value`, and if given `step`, `at`, `logged_model` (an
        id), `dataset_name` and `dataset_digest`, a thousand in a request. Sent again
        they are no second points."""
        path = f"{self.run_path(id, namespace)}/metrics"
        batch: list[dict[str, Any]] = []
        for point in points:
            batch.append(_plain(point))
            if len(batch) == BATCH:
                self._send_points(path, batch)
                batch = []
        if batch:
            self._send_points(path, batch)

    def metric_history(
        self,
        id: str,
        key: str,
        *,
        first: int | None = None,
        last: int | None = None,
        namespace: str | None = None,
    ) -> Iterator[MetricPoint]:
        """Every point of a metric, by step and time; of the steps from `first` to `last`."""
        path = f"{self.run_path(id, namespace)}/metrics"
        query = {"key": key, "first": first, "last": last, "page_size": BATCH}
        return map(MetricPoint.read, self.transport.items(path, **query))

    def plot(
        self,
        id: str,
        *keys: str,
        buckets: int = 200,
        first: int | None = None,
        last: int | None = None,
        namespace: str | None = None,
    ) -> dict[str, list[Bucket]]:
        """Metrics down-sampled: of each stretch of steps the lowest, highest and last value."""
        query = given(key=list(keys), buckets=buckets, first=first, last=last)
        answer = self.transport.get(f"{self.run_path(id, namespace)}/plot", **query).document
        return {
            each["key"]: [Bucket.read(bucket) for bucket in each["buckets"]]
            for each in answer["plots"]
        }

    def _send_points(self, path: str, points: list[dict[str, Any]]) -> None:
        self.transport.request("POST", path, body={"points": points}, idempotent=True)


@dataclass(slots=True)
class ActiveRun:
    """A run that goes on: metrics are collected and sent a thousand at a time, and at its end."""

    registry: Metrics
    run: Run
    _waiting: list[dict[str, Any]] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Its id."""
        return self.run.id

    def log_metric(self, key: str, value: float, step: int = 0) -> None:
        """Note the value of a metric at a step, now."""
        self.log_metrics({key: value}, step)

    def log_metrics(self, values: Mapping[str, float], step: int = 0) -> None:
        """Note the values of several metrics at a step, now."""
        at = moment(datetime.now(UTC))
        for key, value in values.items():
            self._waiting.append(_plain({"key": key, "value": value, "step": step, "at": at}))
        if len(self._waiting) >= BATCH:
            self.flush()

    def log_parameters(self, **parameters: Any) -> None:
        """Note parameters, which are written once."""
        self.registry.log_parameters(self.id, parameters, namespace=self.run.namespace)

    def log_input(self, kind: str = "dataset", **link: Any) -> None:
        """Note a data set (or model, or document) that went in: `name`, `digest`, `uri` …"""
        inputs = [{"kind": kind, **link}]
        self.registry.link_run(self.id, inputs=inputs, namespace=self.run.namespace)

    def log_output(self, model: str, number: int) -> None:
        """Note a version that came out."""
        outputs = [{"kind": "version", "model": model, "number": number}]
        self.registry.link_run(self.id, outputs=outputs, namespace=self.run.namespace)

    def flush(self) -> None:
        """Send what has been collected."""
        waiting, self._waiting = self._waiting, []
        self.registry.log_metrics(self.id, waiting, namespace=self.run.namespace)

    def end(self, status: str = "finished") -> Run:
        """Send what is left and end the run."""
        self.flush()
        self.run = self.registry.update_run(self.id, namespace=self.run.namespace, status=status)
        return self.run

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        stopped = kind is not None and issubclass(kind, KeyboardInterrupt)
        self.end("killed" if stopped else "failed" if kind else "finished")


def _spelt(number: float) -> str:
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def _plain(point: Mapping[str, Any]) -> dict[str, Any]:
    """The point as JSON carries it, with the time that makes it the same when it is sent again."""
    number = float(point["value"])
    value = number if math.isfinite(number) else _spelt(number)
    at = moment(point.get("at") or datetime.now(UTC))
    of = {name: point[name] for name in _OF if point.get(name) is not None}
    return {"key": point["key"], "value": value, "step": point.get("step") or 0, "at": at, **of}
