"""Metric points and their summaries as documents: a series is one metric of a run, and in it they
are unique by a place that sorts as they are read: by step, time and value."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import UpdateOne
from pymongo.collection import Collection as MongoCollection
from pymongo.errors import BulkWriteError

from core.adapters.mongo.failures import translated
from core.domain.metrics import MAX_STEP, MetricPoint, Summary, first_place, read_place

_END = "\n"  # which no name of a metric holds
_AFTER = "\x0b"  # what comes after it
_DUPLICATE = 11000


@dataclass(frozen=True, slots=True)
class MongoMetrics:
    """See `core.ports.MetricStore`."""

    points: MongoCollection[dict[str, Any]]
    summed: MongoCollection[dict[str, Any]]

    def insert(self, points: Collection[MetricPoint]) -> None:
        documents = [
            {
                "series": _series(point.run_id, point.key),
                "place": point.place,
                "step": point.step,
                "at": point.at,
                "value": point.value,
            }
            for point in points
        ]
        if not documents:
            return
        try:
            with translated():
                self.points.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            problems = error.details["writeErrors"]
            if any(problem.get("code") != _DUPLICATE for problem in problems):
                raise

    def page(
        self,
        run_id: int,
        key: str,
        *,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
        limit: int,
        descending: bool = False,
    ) -> Sequence[MetricPoint]:
        found: list[dict[str, Any]] = []
        windows = [(first, last)] if descending else _windows(after, first, last, limit)
        for low, high in windows:
            bounds = _bounds(low, high, after, descending=descending)
            wanted = limit - len(found)
            series = _series(run_id, key)
            found += self._read(self.points, series, bounds, wanted, descending=descending)
            if len(found) == limit:
                break
        return [MetricPoint(run_id, key, each["step"], each["at"], each["value"]) for each in found]

    def summarise(self, summaries: Collection[Summary]) -> None:
        changes = [_merging(each) for each in summaries]
        if changes:
            with translated():
                self.summed.bulk_write(changes, ordered=False)

    def summaries(
        self, run_id: int, key: str, level: int, *, first: int, last: int, limit: int
    ) -> Sequence[Summary]:
        bounds = {"$gte": first_place(first >> level), "$lte": first_place(last >> level)}
        series = _series(run_id, key, level)
        return [
            Summary(
                run_id,
                key,
                level,
                found["stretch"],
                found.get("low"),
                found.get("high"),
                found["last"],
            )
            for found in self._read(self.summed, series, bounds, limit)
        ]

    def forget(self, run_id: int, limit: int) -> int:
        removed = 0
        bounds = {"$gte": f"{run_id}{_END}", "$lt": f"{run_id}{_AFTER}"}
        for collection in (self.points, self.summed):
            with translated():
                found = collection.find({"series": bounds}, sort=[("series", 1)], limit=limit)
                keys = [each["_id"] for each in found]
                if keys:
                    collection.delete_many({"_id": {"$in": keys}})
            removed += len(keys)
        return removed

    def _read(
        self,
        collection: MongoCollection[dict[str, Any]],
        series: str,
        bounds: Mapping[str, str],
        limit: int,
        *,
        descending: bool = False,
    ) -> list[dict[str, Any]]:
        filter: dict[str, Any] = {"series": series, **({"place": bounds} if bounds else {})}
        sort = [("place", -1 if descending else 1)]
        with translated():
            return list(collection.find(filter, sort=sort, limit=limit, batch_size=limit))


def _bounds(
    first: int | None, last: int | None, after: str | None, *, descending: bool
) -> dict[str, str]:
    """The places of the steps from `first` to `last` that are behind the place `after`."""
    bounds: dict[str, str] = {}
    if first is not None:
        bounds["$gte"] = first_place(first)
    if last is not None:
        bounds["$lt"] = first_place(last + 1)
    if after is not None and descending:
        bounds["$lt"] = min(after, bounds.get("$lt", after))
    elif after is not None and after >= bounds.get("$gte", ""):
        bounds.pop("$gte", None)
        bounds["$gt"] = after
    return bounds


def _windows(
    after: str | None, first: int | None, last: int | None, limit: int
) -> Iterator[tuple[int | None, int | None]]:
    """The steps to read, stretch by stretch, where it is known from where to where.

    Some servers read a whole range before they sort it and take the first: so not all that
    follows at once, but as many steps as points are wanted, and further at each turn.
    """
    low = (
        first if after is None else max(read_place(after)[0], -MAX_STEP if first is None else first)
    )
    if low is None or last is None:
        yield first, last
        return
    span = limit if after is None else limit + 1  # the step of `after` has one that was read
    while low <= last:
        high = min(last, low + span - 1)
        yield low, high
        low, span = high + 1, span * 8


def _series(run_id: int, key: str, level: int | None = None) -> str:
    return f"{run_id}{_END}{key}" if level is None else f"{run_id}{_END}{key}{_END}{level}"


def _merging(summary: Summary) -> UpdateOne:
    place = {
        "series": _series(summary.run_id, summary.key, summary.level),
        "place": first_place(summary.stretch),
    }
    highest: dict[str, Any] = {"last": summary.last}
    change: dict[str, Any] = {"$max": highest, "$setOnInsert": {"stretch": summary.stretch}}
    if summary.low is not None and summary.high is not None:
        change["$min"] = {"low": summary.low}
        highest["high"] = summary.high
    return UpdateOne(place, change, upsert=True)
