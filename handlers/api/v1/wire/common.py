"""The fields every object has."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from core.domain.common import Described


class Body(BaseModel):
    """A request body: unknown fields and loose types are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=False)


class Describing(Body):
    """What a caller may say of any object when creating it."""

    description: str = ""
    tags: dict[str, str] = Field(default_factory=dict)
    metadata: dict[str, Any] = Field(default_factory=dict)
    custom_properties: dict[str, Any] = Field(default_factory=dict)
    external_id: str | None = None
    owner: str | None = None

    def described(self) -> dict[str, Any]:
        """The fields for the use case, by the domain's names."""
        return {name: getattr(self, name) for name in Describing.model_fields}


class Patch(Body):
    """A merge patch (RFC 7396) of the fields that can be changed; null clears."""

    description: str | None = None
    tags: dict[str, str | None] | None = None
    metadata: dict[str, Any] | None = None
    custom_properties: dict[str, Any] | None = None
    external_id: str | None = None
    owner: str | None = None

    def patch(self) -> dict[str, Any]:
        """Only what the caller sent."""
        return {name: getattr(self, name) for name in self.model_fields_set}


def common(entity: Described) -> dict[str, Any]:
    """The fields every object answers with, first to last."""
    return {
        "description": entity.description,
        "tags": entity.tags,
        "metadata": entity.metadata,
        "custom_properties": entity.custom_properties,
        "external_id": entity.external_id,
        "owner": entity.owner,
        "created_at": entity.created_at,
        "created_by": entity.created_by,
        "updated_at": entity.updated_at,
        "updated_by": entity.updated_by,
        "revision": entity.revision,
    }
