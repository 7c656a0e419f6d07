"""What every resource has: names of fields, times, custom properties."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from core.domain.common import Described
from core.domain.retention import Retention
from handlers.api.kubeflow.properties import PREFIX, all_shown, read_all, replacing

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

NonEmpty = Annotated[str, Field(min_length=1)]
STATES = {"LIVE": Retention.ACTIVE, "ARCHIVED": Retention.ARCHIVED}


class Body(BaseModel):
    """A request body: unknown fields and loose types are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, alias_generator=to_camel)


class Describing(Body):
    """What may be said of any resource."""

    description: str | None = None
    external_id: str | None = None
    custom_properties: dict[str, Any] | None = None

    def described(self) -> dict[str, Any]:
        """The fields for the use case that creates it, by the domain's names."""
        return {
            "description": self.description or "",
            "external_id": self.external_id or None,
            "custom_properties": read_all(self.custom_properties),
        }

    def patch(self, entity: Described) -> dict[str, Any]:
        """The merge patch for the use case that changes the entity: what is absent or null stays,
        empty text is cleared, and the map of properties is replaced as a whole."""
        patch: dict[str, Any] = {}
        if self.description is not None:
            patch["description"] = self.description
        if self.external_id is not None:
            patch["external_id"] = self.external_id or None
        if self.custom_properties is not None:
            patch |= _properties_patch(entity, read_all(self.custom_properties))
        return patch


def resource(
    entity: Any, name: str | None, more: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The fields that every resource answers with; those that are not set are absent.

    `more` are properties that the registry shows of its own.
    """
    own = {f"{PREFIX}{key}": value for key, value in (more or {}).items()}
    properties = {**entity.tags, **entity.custom_properties, **own}
    return present(
        id=str(entity.id),
        name=name,
        description=entity.description or None,
        externalId=entity.external_id,
        customProperties=all_shown(properties),
        createTimeSinceEpoch=milliseconds(entity.created_at),
        lastUpdateTimeSinceEpoch=milliseconds(entity.updated_at),
    )


def present(**fields: Any) -> dict[str, Any]:
    """The fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def milliseconds(at: datetime | None) -> str | None:
    """Epoch milliseconds, as text."""
    return None if at is None else str((at - _EPOCH) // timedelta(milliseconds=1))


def _properties_patch(entity: Described, after: dict[str, Any]) -> dict[str, Any]:
    """Tags are shown among the properties: those that stay, stay tags."""
    tags = {
        name: after[name] if isinstance(after.get(name), str) else None
        for name in entity.tags
        if name not in entity.custom_properties
    }
    rest = {name: value for name, value in after.items() if tags.get(name) is None}
    patch: dict[str, Any] = {"custom_properties": replacing(entity.custom_properties, rest)}
    changed = {name: value for name, value in tags.items() if value != entity.tags[name]}
    return {**patch, **({"tags": changed} if changed else {})}
