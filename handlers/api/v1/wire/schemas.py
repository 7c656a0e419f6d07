"""Schemas as JSON."""

from typing import Any

from core.domain.schemas import Schema
from handlers.api.v1.wire.common import Body


class NewSchema(Body):
    """A JSON Schema (2020-12) that documents of versions must satisfy."""

    document: dict[str, Any]


def schema(entity: Schema) -> dict[str, Any]:
    """A schema, and who set it when."""
    return {
        "namespace": entity.namespace,
        "model_type": entity.model_type,
        "document": entity.document,
        "created_at": entity.created_at,
        "created_by": entity.created_by,
        "updated_at": entity.updated_at,
        "updated_by": entity.updated_by,
        "revision": entity.revision,
    }
