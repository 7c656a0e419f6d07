"""Events as JSON."""

from dataclasses import fields
from typing import Any

from core.domain.events import Event

_FIELDS = tuple(field.name for field in fields(Event))


def event(entity: Event) -> dict[str, Any]:
    """An event, with all that it remembers."""
    return {name: getattr(entity, name) for name in _FIELDS}
