"""What is sent of an event: CloudEvents 1.0 in structured JSON, signed as Standard Webhooks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.domain.events import Event
from core.domain.moments import shown
from core.domain.records import record
from core.domain.webhook_secrets import Secret, signature

MAX_BODY_BYTES = 200_000
"""Queues and buses take 256 KiB; of what is larger, `before` and `after` are left out."""

CLOUDEVENT = "application/cloudevents+json; charset=utf-8"
_KEPT = frozenset({"address", "actor_roles"})
"""Fields of an event that stay here: where somebody sat, and what else they may do."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `group` is what it must keep its order within, `headers` are HTTP's."""

    id: str
    type: str
    group: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def group_of(event: Event) -> str:
    """What an event keeps its order within: its subject."""
    return f"{event.kind} {event.subject}"


def cloud_event(event: Event, source: str) -> Message:
    """The event as a CloudEvent of the registry at `source`, not signed yet."""
    told = {name: value for name, value in record(event).items() if name not in _KEPT}
    content: dict[str, Any] = {
        "specversion": "1.0",
        "id": event.id,
        "source": f"{source}/api/v1/namespaces/{event.namespace}",
        "type": f"modelry.{event.action}",
        "subject": event.subject,
        "time": shown(event.at),
        "datacontenttype": "application/json",
        "data": told,
    }
    body = encoded(content)
    if len(body) > MAX_BODY_BYTES:
        content["data"] = {**told, "before": None, "after": None, "truncated": True}
        body = encoded(content)
    return Message(event.id, content["type"], group_of(event), body, {"Content-Type": CLOUDEVENT})


def standard_headers(
    message: Message, secrets: tuple[Secret, ...], timestamp: int
) -> dict[str, str]:
    """The headers of Standard Webhooks 1.0: a signature by each of the secrets."""
    by_each = (signature(each.key, message.id, timestamp, message.body) for each in secrets)
    return {
        "webhook-id": message.id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(by_each),
    }


def encoded(content: Mapping[str, Any]) -> bytes:
    """JSON, with times as every answer of the registry writes them."""
    return json.dumps(content, default=_text, ensure_ascii=False, separators=(",", ":")).encode()


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return shown(value)
    raise TypeError(f"a message cannot hold {type(value).__name__}")
