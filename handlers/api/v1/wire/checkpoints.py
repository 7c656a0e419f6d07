"""Checkpoints and proofs as JSON."""

from dataclasses import fields
from typing import Any

from core.domain.checkpoints import FORM, Checkpoint, Proof
from handlers.api.v1.wire.events import event

_FIELDS = tuple(field.name for field in fields(Checkpoint))


def checkpoint(entity: Checkpoint) -> dict[str, Any]:
    """A checkpoint, with its signature."""
    return {"form": FORM, **{name: getattr(entity, name) for name in _FIELDS}}


def proof(entity: Proof) -> dict[str, Any]:
    """An event, its checkpoint, and the path from one to the other."""
    return {
        "event": event(entity.event),
        "checkpoint": checkpoint(entity.checkpoint),
        "index": entity.index,
        "path": list(entity.path),
    }
