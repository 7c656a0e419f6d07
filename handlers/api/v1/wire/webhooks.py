"""Webhooks as JSON."""

from typing import Any, Literal

from pydantic import Field

from core.domain.webhooks import Webhook, WebhookState
from core.errors import Invalid
from core.services.webhooks import WithSecret
from handlers.api.v1.wire.common import Body

_LISTS = ("events", "models", "stages")


class NewWebhook(Body):
    """A webhook to create: its target, and what it is to be told of."""

    name: str
    description: str = ""
    target: str
    events: list[str] = Field(default_factory=lambda: ["*"])
    models: list[str] = Field(default_factory=list)
    stages: list[str] = Field(default_factory=list)
    state: Literal["active", "disabled"] = "active"

    def fields(self) -> dict[str, Any]:
        """The fields for the use case, by the domain's names."""
        return _read({name: getattr(self, name) for name in NewWebhook.model_fields})


class WebhookPatch(Body):
    """A merge patch (RFC 7396); lists are replaced as a whole."""

    name: str | None = None
    description: str | None = None
    target: str | None = None
    events: list[str] | None = None
    models: list[str] | None = None
    stages: list[str] | None = None
    state: Literal["active", "disabled"] | None = None

    def changes(self) -> dict[str, Any]:
        """Only what the caller sent. Raises `Invalid` for null where something must be."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        for name, empty in (("description", ""), ("models", []), ("stages", [])):
            if name in sent and sent[name] is None:
                sent[name] = empty
        if lacking := sorted(name for name, value in sent.items() if value is None):
            raise Invalid(
                f"{', '.join(lacking)} cannot be null.", next_step="Leave out what is to stay."
            )
        return _read(sent)


class Rotation(Body):
    """For how long the former secret stays good."""

    grace_seconds: int = Field(default=86_400, ge=0)


def _read(sent: dict[str, Any]) -> dict[str, Any]:
    read = {name: tuple(value) if name in _LISTS else value for name, value in sent.items()}
    if "state" in read:
        read["state"] = WebhookState(sent["state"])
    return read


def webhook(entity: Webhook) -> dict[str, Any]:
    """A webhook, without its secret."""
    return {
        "id": entity.id,
        "namespace": entity.namespace,
        "name": entity.name,
        "description": entity.description,
        "target": entity.target,
        "events": entity.events,
        "models": entity.models,
        "stages": entity.stages,
        "format": entity.format,
        "state": entity.state,
        "former_secret_until": entity.former_secret_until,
        "created_at": entity.created_at,
        "created_by": entity.created_by,
        "updated_at": entity.updated_at,
        "updated_by": entity.updated_by,
        "revision": entity.revision,
    }


def with_secret(made: WithSecret) -> dict[str, Any]:
    """A webhook and, this once, its secret."""
    return {**webhook(made.webhook), "secret": made.secret}
