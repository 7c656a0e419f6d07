"""Metric points as JSON: NaN and the infinities, which JSON lacks, are text."""

from typing import Any, Literal

from pydantic import Field

from core.domain.metrics import Bucket, MetricPoint, number_of, plain_number
from core.domain.moments import parse_moment
from core.services.metrics import Plot
from handlers.api.v1.wire.common import Body


class NewPoint(Body):
    """A value of a metric; without `at` it is of now, without `step` of step 0. It may be said of
    a logged model, and of the data set that it was measured on."""

    key: str
    value: float | Literal["NaN", "Infinity", "-Infinity"]
    step: int = 0
    at: str | None = Field(default=None, max_length=64)
    logged_model: str | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None

    def point(self) -> dict[str, Any]:
        """The point for the use case. Raises `Invalid`."""
        at = None if self.at is None else parse_moment(self.at)
        return {
            "key": self.key,
            "value": number_of(self.value),
            "step": self.step,
            "at": at,
            "logged_model": self.logged_model,
            "dataset_name": self.dataset_name,
            "dataset_digest": self.dataset_digest,
        }


class NewPoints(Body):
    """At most 1 000 points."""

    points: list[NewPoint] = Field(max_length=1_000)


def metric_point(entity: MetricPoint) -> dict[str, Any]:
    """A point."""
    return {"step": entity.step, "at": entity.at, "value": plain_number(entity.value)}


def plot(found: Plot) -> dict[str, Any]:
    """A metric as a plot draws it."""
    return {"key": found.key, "buckets": [_bucket(each) for each in found.buckets]}


def _bucket(entity: Bucket) -> dict[str, Any]:
    return {
        "start": entity.start,
        "end": entity.end,
        "low": plain_number(entity.low),
        "high": plain_number(entity.high),
        "last": plain_number(entity.last),
        "last_step": entity.last_step,
        "last_at": entity.last_at,
    }
