"""Audit events as lines of JSON and as CloudEvents 1.0."""

from typing import Any

from core.domain.events import Event
from handlers.api.v1.wire.events import event

SPECIFICATION = "1.0"


def cloud_event(entity: Event, public_url: str) -> dict[str, Any]:
    """The event in the structured form of CloudEvents; `actor`, `outcome` and the rest are
    extension attributes."""
    return {
        "specversion": SPECIFICATION,
        "id": entity.id,
        "source": f"{public_url}/api/v1/namespaces/{entity.namespace}",
        "type": f"modelry.{entity.action}",
        "subject": entity.subject,
        "time": entity.at,
        "datacontenttype": "application/json",
        "actor": entity.actor,
        "outcome": entity.outcome,
        **({"dialect": entity.dialect} if entity.dialect else {}),
        **({"requestid": entity.request_id} if entity.request_id else {}),
        "data": event(entity),
    }
