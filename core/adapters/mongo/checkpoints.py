"""Checkpoints and their batches as documents, by number."""

from collections.abc import Sequence
from datetime import datetime

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.keyset import ASCENDING, DESCENDING, after_key
from core.domain.checkpoints import Batch, Checkpoint


class MongoCheckpoints:
    """See `core.ports.CheckpointStore`."""

    def __init__(self, checkpoints: Documents[Checkpoint], batches: Documents[Batch]) -> None:
        self._checkpoints = checkpoints
        self._batches = batches

    def last(self) -> Checkpoint | None:
        return self._checkpoints.one(after_key("number", 0), [("number", DESCENDING)])

    def get(self, number: int) -> Checkpoint | None:
        return self._checkpoints.one({"_id": number})

    def batch(self, number: int) -> Batch | None:
        return self._batches.one({"_id": number})

    def page(self, *, after: int | None, limit: int) -> Sequence[Checkpoint]:
        return self._checkpoints.many(
            after_key("number", after or 0), [("number", ASCENDING)], limit
        )

    def reaching(self, first: str, last: str) -> Sequence[Batch]:
        overlapping = {"last": {"$gte": first}, "first": {"$lte": last}}
        return self._batches.many(overlapping, [("last", ASCENDING)])

    def add(self, checkpoint: Checkpoint, batch: Batch) -> None:
        self._checkpoints.changing()
        self._checkpoints.insert_all([(checkpoint.number, checkpoint)], "number of a checkpoint")
        self._batches.insert_all([(batch.number, batch)], "number of a batch")

    def publish(self, number: int, at: datetime) -> None:
        self._checkpoints.update({"_id": number}, {"published_at": at})
