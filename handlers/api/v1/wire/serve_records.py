"""Serve records as JSON."""

from typing import Any

from pydantic import Field

from core.domain.serve_records import ServeRecord
from handlers.api.v1.wire.common import Describing, common


class NewServeRecord(Describing):
    """What was seen of a deployment: the version, its state, and how requests are shared out."""

    number: int = Field(ge=1, le=999_999_999)
    name: str | None = None
    state: str = "unknown"
    traffic: dict[str, int] = Field(default_factory=dict)
    endpoint: str | None = None
    message: str = ""


def serve_record(entity: ServeRecord) -> dict[str, Any]:
    """A serve record."""
    return {
        "id": str(entity.id),
        "namespace": entity.namespace,
        "deployment_id": str(entity.deployment_id),
        "name": entity.name,
        "model": entity.model,
        "number": entity.number,
        "version_id": str(entity.version_id),
        "state": entity.state,
        "traffic": entity.traffic,
        "endpoint": entity.endpoint,
        "message": entity.message,
        **common(entity),
    }
