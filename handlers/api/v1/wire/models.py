"""Registered models as JSON."""

from typing import Any

from core.domain.models import RegisteredModel
from handlers.api.v1.wire.common import Describing, common


class NewModel(Describing):
    """A model to register."""

    name: str


def registered_model(entity: RegisteredModel) -> dict[str, Any]:
    """A registered model."""
    return {
        "id": str(entity.id),
        "namespace": entity.namespace,
        "name": entity.name,
        "state": entity.state,
        "last_version": entity.last_version,
        "aliases": entity.aliases,
        "purge_at": entity.purge_at,
        **common(entity),
    }
