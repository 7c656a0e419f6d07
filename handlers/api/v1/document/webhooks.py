"""Answers about webhooks and their deliveries."""

from datetime import datetime
from typing import Literal

from handlers.api.v1.document.common import Answer


class Webhook(Answer):
    """Who is told of what happens in a namespace: a URL, or a target of the settings."""

    id: str
    namespace: str
    name: str
    description: str
    target: str
    events: list[str]
    models: list[str]
    stages: list[str]
    format: Literal["cloudevents", "mlflow"]
    state: Literal["active", "disabled"]
    former_secret_until: datetime | None
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    revision: int


class NewWebhook(Webhook):
    """A webhook and, this once, its secret."""

    secret: str | None


class Delivery(Answer):
    """What became of telling a webhook of an event, up to the last attempt."""

    webhook_id: str
    event_id: str
    action: str
    subject: str
    state: Literal["waiting", "delivered", "dead"]
    attempts: int
    status: int | None
    detail: str
    duration_ms: int | None
    again: bool
    created_at: datetime
    tried_at: datetime | None
    next_at: datetime | None
    expires_at: datetime


class Pinged(Answer):
    """What a target answered to a message of no event."""

    accepted: bool
    status: int | None
    detail: str
    duration_ms: int | None
