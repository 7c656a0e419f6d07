"""Deliveries as documents, which the database itself removes when they expire; and cursors."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.keyset import ASCENDING, DESCENDING, before_key
from core.domain.deliveries import Cursor, Delivery, DeliveryState
from core.errors import Stale


class MongoDeliveries:
    """See `core.ports.DeliveryStore`."""

    def __init__(self, documents: Documents[Delivery], cursors: Documents[Cursor]) -> None:
        self._documents = documents
        self._cursors = cursors

    def cursor(self, webhook_id: str) -> Cursor | None:
        return self._cursors.one({"_id": webhook_id})

    def due(self, at: datetime, limit: int) -> Sequence[Cursor]:
        filter = {"active": True, "due_at": {"$lte": at}}
        return self._cursors.many(filter, [("due_at", ASCENDING)], limit)

    def begin(self, cursor: Cursor) -> None:
        self._cursors.put_untold(cursor.webhook_id, cursor)

    def move(self, cursor: Cursor) -> None:
        if not self._cursors.exchange(
            {"_id": cursor.webhook_id, "version": cursor.version - 1}, cursor.webhook_id, cursor
        ):
            raise Stale("Another relay is at this webhook.")

    def end(self, webhook_id: str) -> None:
        self._cursors.remove_all([webhook_id])

    def record(self, deliveries: Collection[Delivery]) -> None:
        self._documents.put_all((each.key, each) for each in deliveries)

    def get(self, webhook_id: str, event_id: str) -> Delivery | None:
        return self._documents.one({"_id": f"{webhook_id} {event_id}"})

    def known(self, webhook_id: str, event_ids: Collection[str]) -> set[str]:
        if not event_ids:
            return set()
        span = {"$gte": min(event_ids), "$lte": max(event_ids)}
        filter = {"webhook_id": webhook_id, "event_id": span}
        found = self._documents.values("event_id", filter, [("event_id", ASCENDING)])
        return set(event_ids).intersection(found)

    def waiting(self, webhook_id: str, limit: int) -> Sequence[Delivery]:
        filter = {"webhook_id": webhook_id, "state": DeliveryState.WAITING.value}
        return self._documents.many(filter, [("event_id", ASCENDING)], limit)

    def page(
        self, webhook_id: str, *, state: DeliveryState | None, before: str | None, limit: int
    ) -> Sequence[Delivery]:
        filter: dict[str, Any] = {"webhook_id": webhook_id, **before_key("event_id", before)}
        if state is not None:
            filter["state"] = state.value
        return self._documents.many(filter, [("event_id", DESCENDING)], limit)
