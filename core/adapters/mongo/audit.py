"""The audit log as documents; counts that the database itself removes."""

from collections.abc import Sequence
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any

from pymongo import ReturnDocument
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.failures import translated
from core.adapters.mongo.keyset import ASCENDING
from core.domain.events import Event


class MongoAudit:
    """See `core.ports.AuditStore`."""

    def __init__(
        self,
        changes: Documents[Event],
        accesses: Documents[Event],
        tallies: Collection[dict[str, Any]],
    ) -> None:
        self._changes = changes
        self._accesses = accesses
        self._tallies = tallies

    def between(self, after: str, until: str, limit: int) -> Sequence[Event]:
        filter = {"id": {"$gt": after, "$lte": until}}
        found = [
            documents.many(filter, [("id", ASCENDING)], limit)
            for documents in (self._changes, self._accesses)
        ]
        return list(islice(merge(*found, key=lambda event: event.id), limit))

    def size(self) -> int:
        with translated():
            return sum(
                documents.collection.estimated_document_count()
                for documents in (self._changes, self._accesses)
            )

    def note(self, event: Event) -> None:
        self._accesses.insert_all([(event.id, event)], "id of an event")

    def count(self, name: str, expires_at: datetime) -> int:
        with translated():
            while True:
                # Never an upsert; see `core.adapters.mongo.counters`.
                tally = self._tallies.find_one_and_update(
                    {"_id": name}, {"$inc": {"count": 1}}, return_document=ReturnDocument.AFTER
                )
                if tally is not None:
                    return int(tally["count"])
                try:
                    self._tallies.insert_one({"_id": name, "count": 1, "expires_at": expires_at})
                except DuplicateKeyError:
                    continue
                return 1
