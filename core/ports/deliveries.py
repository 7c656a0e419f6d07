"""Deliveries in the database, and how far they have come."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.domain.deliveries import Cursor, Delivery, DeliveryState


class DeliveryStore(Protocol):
    """Deliveries by webhook and event, and each webhook's cursor. Neither has a history."""

    def cursor(self, webhook_id: str) -> Cursor | None: ...

    def due(self, at: datetime, limit: int) -> Sequence[Cursor]:
        """Of active webhooks, those to look at up to the moment, longest due first."""
        ...

    def begin(self, cursor: Cursor) -> None:
        """Store a webhook's first one."""
        ...

    def move(self, cursor: Cursor) -> None:
        """Store the next version; in transactions only. Raise `Stale` unless the stored one is the
        one before it."""
        ...

    def end(self, webhook_id: str) -> None:
        """Remove the cursor: its webhook is gone."""
        ...

    def record(self, deliveries: Collection[Delivery]) -> None:
        """Store these, each in place of what there was; in transactions only."""
        ...

    def get(self, webhook_id: str, event_id: str) -> Delivery | None: ...

    def known(self, webhook_id: str, event_ids: Collection[str]) -> set[str]:
        """Those of the events of which there is a delivery."""
        ...

    def waiting(self, webhook_id: str, limit: int) -> Sequence[Delivery]:
        """Those that wait, by event, ascending."""
        ...

    def page(
        self, webhook_id: str, *, state: DeliveryState | None, before: str | None, limit: int
    ) -> Sequence[Delivery]:
        """By event, newest first."""
        ...
