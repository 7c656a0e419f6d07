"""Registered models as JSON."""

from typing import Any

from pydantic import Field

from core.domain.models import RegisteredModel
from handlers.api.v1.wire.common import Describing, Patch, common


class NewModel(Describing):
    """A model to register."""

    name: str
    model_type: str | None = None
    card: dict[str, Any] = Field(default_factory=dict)

    def described(self) -> dict[str, Any]:
        """The fields for the use case, by the domain's names."""
        return {**super().described(), "model_type": self.model_type, "card": self.card}


class ModelPatch(Patch):
    """A merge patch (RFC 7396) of what can be changed of a model; null clears."""

    model_type: str | None = None
    card: dict[str, Any] | None = None


def registered_model(entity: RegisteredModel) -> dict[str, Any]:
    """A registered model."""
    return {
        "id": str(entity.id),
        "namespace": entity.namespace,
        "name": entity.name,
        "model_type": entity.model_type,
        "card": entity.card,
        "state": entity.state,
        "last_version": entity.last_version,
        "aliases": entity.aliases,
        "purge_at": entity.purge_at,
        **common(entity),
    }
