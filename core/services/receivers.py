"""Webhooks as several use cases read and store them, with what is kept of their secrets."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.domain.access import Caller
from core.domain.deliveries import Cursor
from core.domain.moments import parse_moment, shown
from core.domain.subjects import event_of
from core.domain.webhook_secrets import Secret
from core.domain.webhooks import Webhook, WebhookState
from core.errors import Conflict, NotFound
from core.ports import Stores, Vault
from core.services.lookups import namespace_of


def webhook_of(stores: Stores, namespace: str, webhook_id: str) -> Webhook:
    """The webhook. Raises `NotFound`."""
    webhook = stores.webhooks.get(namespace, webhook_id)
    if webhook is None:
        namespace_of(stores, namespace)
        raise NotFound(
            f"The namespace {namespace!r} has no webhook {webhook_id[:200]!a}.",
            next_step="List its webhooks to see which there are.",
        )
    return webhook


def kept_of(stores: Stores, namespace: str, webhook_id: str) -> tuple[Webhook, str]:
    """The webhook and what is kept of its secrets. Raises `NotFound`."""
    webhook = webhook_of(stores, namespace, webhook_id)
    found = stores.webhooks.kept(webhook_id)
    return webhook, "" if found is None else found[1]


def changed(before: Webhook, caller: Caller, at: datetime, **changes: Any) -> Webhook:
    """Its next revision."""
    return replace(
        before,
        **changes,
        updated_at=at,
        updated_by=caller.principal.name,
        revision=before.revision + 1,
    )


def store_changed(
    stores: Stores,
    caller: Caller,
    before: Webhook,
    after: Webhook,
    kept: str,
    action: str,
    reason: str,
) -> None:
    """Store the next revision with its event. If it is sent to no more or again, the relay that is
    at it notices."""
    stores.webhooks.replace(after, kept)
    stores.events.add(
        event_of(caller, action, at=after.updated_at, before=before, after=after, reason=reason)
    )
    cursor = stores.deliveries.cursor(after.id)
    if cursor is not None and after != before:
        active = after.state is WebhookState.ACTIVE
        if active != cursor.active:
            stores.deliveries.move(
                moved(cursor, active=active, due_at=after.updated_at, failures=0)
            )


def moved(cursor: Cursor, **changes: Any) -> Cursor:
    """Its next version."""
    return replace(cursor, version=cursor.version + 1, **changes)


def locked(vault: Vault, webhook_id: str, secrets: tuple[Secret, ...]) -> str:
    """What is kept of the secrets; "" if there are none. Raises `Conflict` without a key."""
    if not secrets:
        return ""
    if not vault.locks:
        raise Conflict(
            "Webhooks are not set up here: there is no key to keep their secrets under.",
            next_step="An operator sets MODELRY_RELAY_KEYS.",
        )
    texts = [[each.text, each.until and shown(each.until)] for each in secrets]
    return vault.lock(json.dumps(texts), webhook_id)


def opened(vault: Vault, webhook_id: str, kept: str) -> tuple[Secret, ...]:
    """The secrets of which this was kept. Raises `Unavailable` or `Invalid`."""
    if not kept:
        return ()
    return tuple(
        Secret(text, None if until is None else parse_moment(until))
        for text, until in json.loads(vault.open(kept, webhook_id))
    )
