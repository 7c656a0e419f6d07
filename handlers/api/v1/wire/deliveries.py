"""Deliveries as JSON."""

from typing import Any

from core.domain.deliveries import Answer, Delivery


def delivery(entity: Delivery) -> dict[str, Any]:
    """What became of telling a webhook of an event."""
    return {
        "webhook_id": entity.webhook_id,
        "event_id": entity.event_id,
        "action": entity.action,
        "subject": entity.subject,
        "state": entity.state,
        "attempts": entity.attempts,
        "status": entity.status,
        "detail": entity.detail,
        "duration_ms": entity.duration_ms,
        "again": entity.again,
        "created_at": entity.created_at,
        "tried_at": entity.tried_at,
        "next_at": entity.next_at,
        "expires_at": entity.expires_at,
    }


def pinged(answer: Answer) -> dict[str, Any]:
    """What a target answered at once."""
    return {
        "accepted": answer.accepted,
        "status": answer.status,
        "detail": answer.detail,
        "duration_ms": answer.duration_ms,
    }
