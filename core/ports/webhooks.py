"""Webhooks in the database, with what is kept of their secrets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.domain.webhooks import Webhook


class WebhookStore(Protocol):
    """Webhooks by namespace and id. Locked secrets are no part of the entity, so that no event,
    list or answer ever holds one: each is `(locked text, until when it is good)` as a document."""

    def get(self, namespace: str, webhook_id: str) -> Webhook | None: ...

    def kept(self, webhook_id: str) -> tuple[Webhook, str] | None:
        """With its locked secrets; "" if it has none."""
        ...

    def page(self, namespace: str, *, after: str | None, limit: int) -> Sequence[Webhook]:
        """By id, ascending: the oldest first."""
        ...

    def insert(self, webhook: Webhook, kept: str) -> None: ...

    def replace(self, webhook: Webhook, kept: str) -> None:
        """Store the next revision. Raise `Stale` unless the stored one is the one before it."""
        ...

    def remove(self, webhook: Webhook) -> None: ...
