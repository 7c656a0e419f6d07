"""Registered models as JSON."""

from typing import Any

from pydantic import Field

from core.domain.models import RegisteredModel
from handlers.api.v1.wire.common import Body, Describing, Patch, common
from handlers.api.v1.wire.holds import hold


class NewModel(Describing):
    """A model to register."""

    name: str
    model_type: str | None = None
    card: dict[str, Any] = Field(default_factory=dict)
    compliance: dict[str, Any] = Field(default_factory=dict)

    def described(self) -> dict[str, Any]:
        """The fields for the use case, by the domain's names."""
        own = {name: getattr(self, name) for name in ("model_type", "card", "compliance")}
        return {**super().described(), **own}


class NewName(Body):
    """The name that a model is to have."""

    name: str


class ModelPatch(Patch):
    """A merge patch (RFC 7396) of what can be changed of a model; null clears."""

    model_type: str | None = None
    card: dict[str, Any] | None = None
    compliance: dict[str, Any] | None = None


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
        "stages": entity.stages,
        "compliance": entity.compliance,
        "holds": [hold(each) for each in entity.holds],
        "held_versions": entity.held_versions,
        "deleted_at": entity.deleted_at,
        "purge_at": entity.purge_at,
        **common(entity),
    }
