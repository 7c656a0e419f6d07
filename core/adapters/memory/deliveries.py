"""Deliveries in memory."""

from collections.abc import Collection, Sequence
from datetime import datetime

from core.adapters.memory.tables import MemoryStore
from core.domain.deliveries import Cursor, Delivery, DeliveryState
from core.errors import Stale


class MemoryDeliveries(MemoryStore):
    """See `core.ports.DeliveryStore`."""

    def cursor(self, webhook_id: str) -> Cursor | None:
        with self.use(False) as tables:
            return tables.cursors.get(webhook_id)

    def due(self, at: datetime, limit: int) -> Sequence[Cursor]:
        with self.use(False) as tables:
            due = [each for each in tables.cursors.values() if each.active and each.due_at <= at]
            return sorted(due, key=lambda cursor: cursor.due_at)[:limit]

    def begin(self, cursor: Cursor) -> None:
        with self.use(True) as tables:
            tables.cursors[cursor.webhook_id] = cursor

    def move(self, cursor: Cursor) -> None:
        with self.use(True) as tables:
            stored = tables.cursors.get(cursor.webhook_id)
            if stored is None or stored.version != cursor.version - 1:
                raise Stale("Another relay is at this webhook.")
            tables.cursors[cursor.webhook_id] = cursor

    def end(self, webhook_id: str) -> None:
        with self.use(True) as tables:
            tables.cursors.pop(webhook_id, None)

    def record(self, deliveries: Collection[Delivery]) -> None:
        with self.use(True) as tables:
            for delivery in deliveries:
                tables.deliveries[delivery.key] = delivery

    def get(self, webhook_id: str, event_id: str) -> Delivery | None:
        with self.use(False) as tables:
            return tables.deliveries.get(f"{webhook_id} {event_id}")

    def known(self, webhook_id: str, event_ids: Collection[str]) -> set[str]:
        with self.use(False) as tables:
            return {each for each in event_ids if f"{webhook_id} {each}" in tables.deliveries}

    def waiting(self, webhook_id: str, limit: int) -> Sequence[Delivery]:
        return self._of(webhook_id, DeliveryState.WAITING)[:limit]

    def page(
        self, webhook_id: str, *, state: DeliveryState | None, before: str | None, limit: int
    ) -> Sequence[Delivery]:
        found = reversed(self._of(webhook_id, state))
        return [each for each in found if before is None or each.event_id < before][:limit]

    def _of(self, webhook_id: str, state: DeliveryState | None) -> list[Delivery]:
        with self.use(False) as tables:
            every = [tables.deliveries[key] for key in sorted(tables.deliveries)]
            here = [each for each in every if each.webhook_id == webhook_id]
            return [each for each in here if state is None or each.state is state]
