"""Webhooks as MLflow's clients read them."""

from typing import Any

from core.domain.deliveries import Answer
from core.domain.webhooks import Format, Webhook
from handlers.api.mlflow.answers import present
from handlers.api.mlflow.bodies import Fields
from handlers.api.mlflow.wire.common import milliseconds

_AS_OURS = {
    "model.registered": "registered_model.created",
    "version.registered": "model_version.created",
    "alias.set": "model_version_alias.created",
    "alias.removed": "model_version_alias.deleted",
}
"""What is shown of webhooks that were made with other clients."""


def event_names(fields: Fields) -> tuple[str, ...]:
    """The events that a request names: `{"entity": "MODEL_VERSION", "action": "CREATED"}`."""
    return tuple(event_name(each) for each in fields.entries("events"))


def event_name(entry: Fields) -> str:
    """One of them, as MLflow calls it: `model_version.created`."""
    return f"{entry.required('entity')}.{entry.required('action')}".lower()


def webhook(entity: Webhook) -> dict[str, Any]:
    """A webhook; of one that another client made, those events that MLflow knows."""
    names = [
        each if entity.format is Format.MLFLOW else _AS_OURS.get(each) for each in entity.events
    ]
    events = [name.upper().partition(".") for name in names if name]
    return present(
        webhook_id=entity.id,
        name=entity.name,
        description=entity.description,
        url=entity.target,
        events=[{"entity": event[0], "action": event[2]} for event in events],
        status=entity.state.upper(),
        creation_timestamp=milliseconds(entity.created_at),
        last_updated_timestamp=milliseconds(entity.updated_at),
        workspace=entity.namespace,
    )


def tested(answer: Answer) -> dict[str, Any]:
    """What a receiver answered to an example."""
    result: dict[str, Any] = {"success": answer.accepted}
    result |= present(response_status=answer.status)
    if not answer.accepted:
        said = "response_body" if answer.status is not None else "error_message"
        result |= present(**{said: answer.detail})
    return result
