"""Changes as JSON."""

from typing import Any

from core.domain.history import Change, FieldChange


def field_change(entity: FieldChange) -> dict[str, Any]:
    """A field, before and after."""
    return {"field": entity.field, "before": entity.before, "after": entity.after}


def change(entity: Change) -> dict[str, Any]:
    """One change of an object, field by field."""
    event = entity.event
    return {
        "id": event.id,
        "at": event.at,
        "action": event.action,
        "actor": event.actor,
        "reason": event.reason,
        "revision": event.revision,
        "changes": [field_change(each) for each in entity.fields],
    }
