"""Metric points and their summaries as documents whose keys sort as they are read: run, metric,
step, time, value. There is no other index."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import UpdateOne
from pymongo.collection import Collection as MongoCollection
from pymongo.errors import BulkWriteError

from core.adapters.mongo.failures import translated
from core.domain.metrics import MetricPoint, Summary, first_place

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
                "_id": f"{_prefix(point.run_id, point.key)}{point.place}",
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
    ) -> Sequence[MetricPoint]:
        prefix = _prefix(run_id, key)
        start = prefix if first is None else prefix + first_place(first)
        end = prefix[:-1] + _AFTER if last is None else prefix + first_place(last + 1)
        bounds = {"$gte": start, "$lt": end}
        if after is not None and prefix + after >= start:
            bounds = {"$gt": prefix + after, "$lt": end}
        return [
            MetricPoint(run_id, key, found["step"], found["at"], found["value"])
            for found in self._read(self.points, bounds, limit)
        ]

    def summarise(self, summaries: Collection[Summary]) -> None:
        changes = [_merging(each) for each in summaries]
        if changes:
            with translated():
                self.summed.bulk_write(changes, ordered=False)

    def summaries(
        self, run_id: int, key: str, level: int, *, first: int, last: int, limit: int
    ) -> Sequence[Summary]:
        prefix = _summed_prefix(run_id, key, level)
        bounds = {
            "$gte": prefix + first_place(first >> level),
            "$lte": prefix + first_place(last >> level),
        }
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
            for found in self._read(self.summed, bounds, limit)
        ]

    def forget(self, run_id: int, limit: int) -> int:
        removed = 0
        for collection in (self.points, self.summed):
            bounds = {"$gte": f"{run_id}{_END}", "$lt": f"{run_id}{_AFTER}"}
            keys = [found["_id"] for found in self._read(collection, bounds, limit)]
            if keys:
                with translated():
                    collection.delete_many({"_id": {"$in": keys}})
            removed += len(keys)
        return removed

    def _read(
        self, collection: MongoCollection[dict[str, Any]], bounds: Mapping[str, str], limit: int
    ) -> list[dict[str, Any]]:
        with translated():
            found = collection.find({"_id": bounds}, sort=[("_id", 1)], limit=limit)
            return list(found.batch_size(limit))


def _prefix(run_id: int, key: str) -> str:
    return f"{run_id}{_END}{key}{_END}"


def _summed_prefix(run_id: int, key: str, level: int) -> str:
    return f"{_prefix(run_id, key)}{level:02}{_END}"


def _merging(summary: Summary) -> UpdateOne:
    place = first_place(summary.stretch)
    key = _summed_prefix(summary.run_id, summary.key, summary.level) + place
    highest: dict[str, Any] = {"last": summary.last}
    change: dict[str, Any] = {"$max": highest, "$setOnInsert": {"stretch": summary.stretch}}
    if summary.low is not None and summary.high is not None:
        change["$min"] = {"low": summary.low}
        highest["high"] = summary.high
    return UpdateOne({"_id": key}, change, upsert=True)
