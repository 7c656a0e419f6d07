"""What receivers made for MLflow's webhooks are sent: its own events, told from ours."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.domain.events import Event, SubjectKind
from core.domain.messages import Message, encoded, group_of
from core.domain.moments import shown
from core.domain.webhook_secrets import Secret, signature
from core.errors import Invalid

MLFLOW_EVENTS = frozenset(
    {
        "registered_model.created",
        "model_version.created",
        "model_version_tag.set",
        "model_version_tag.deleted",
        "model_version_alias.created",
        "model_version_alias.deleted",
    }
)


def check_mlflow_event(name: str) -> None:
    """Raise `Invalid` for an event that MLflow does not know, or that never happens here."""
    if name not in MLFLOW_EVENTS:
        raise Invalid(
            f"{name[:60]!a} is no event of MLflow's that happens here.",
            next_step=f"Choose from: {', '.join(sorted(MLFLOW_EVENTS))}.",
        )


def told_to_mlflow(event: Event) -> Iterator[tuple[str, dict[str, Any]]]:
    """The names of MLflow's events that this is, each with its payload. One change of several tags
    is several of MLflow's."""
    before, after = event.before or {}, event.after or {}
    match event.action:
        case "model.registered":
            yield "registered_model.created", _described(after, name=after["name"])
        case "version.registered":
            origin = after.get("origin") or {}
            where = f"models:/{after['model']}/{after['number']}"
            yield (
                "model_version.created",
                _described(
                    after,
                    name=after["model"],
                    version=str(after["number"]),
                    source=origin.get("source") or where,
                    run_id=origin.get("run_id"),
                ),
            )
        case "alias.set" | "alias.moved":
            alias = {"name": after["model"], "alias": after["alias"]}
            yield "model_version_alias.created", {**alias, "version": str(after["version"])}
        case "alias.removed":
            alias = {"name": before["model"], "alias": before["alias"]}
            yield "model_version_alias.deleted", alias
        case _ if event.kind is SubjectKind.VERSION and after and "tags" in before:
            yield from _tags(after, before["tags"])


def mlflow_messages(event: Event, names: tuple[str, ...]) -> Iterator[Message]:
    """What is sent of the event to whoever asked for these of MLflow's events."""
    told = [each for each in told_to_mlflow(event) if each[0] in names]
    for number, (name, payload) in enumerate(told, 1):
        message_id = event.id if len(told) == 1 else f"{event.id}.{number}"
        yield mlflow_message(message_id, name, payload, at=shown(event.at), group=group_of(event))


def mlflow_message(
    message_id: str, name: str, payload: Mapping[str, Any], *, at: str, group: str
) -> Message:
    """One of MLflow's events."""
    entity, _, action = name.partition(".")
    content = {"entity": entity, "action": action, "timestamp": at, "data": payload}
    return Message(message_id, name, group, encoded(content), {"Content-Type": "application/json"})


def mlflow_headers(message: Message, secrets: tuple[Secret, ...], timestamp: int) -> dict[str, str]:
    """MLflow's own headers: it knows one secret, and takes all of its text as the key."""
    headers = {"X-MLflow-Delivery-Id": message.id, "X-MLflow-Timestamp": str(timestamp)}
    if secrets:
        headers["X-MLflow-Signature"] = signature(
            secrets[0].text.encode(), message.id, timestamp, message.body
        )
    return headers


EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "registered_model.created": {
        "name": "example_model",
        "tags": {"example_key": "example_value"},
        "description": "An example registered model",
    },
    "model_version.created": {
        "name": "example_model",
        "version": "1",
        "source": "models:/123",
        "run_id": "abcd1234abcd5678",
        "tags": {"example_key": "example_value"},
        "description": "An example model version",
    },
    "model_version_tag.set": {
        "name": "example_model",
        "version": "1",
        "key": "example_key",
        "value": "example_value",
    },
    "model_version_tag.deleted": {"name": "example_model", "version": "1", "key": "example_key"},
    "model_version_alias.created": {
        "name": "example_model",
        "alias": "example_alias",
        "version": "1",
    },
    "model_version_alias.deleted": {"name": "example_model", "alias": "example_alias"},
}
"""What a test of a webhook sends, as MLflow's server does."""


def _described(after: Mapping[str, Any], **named: Any) -> dict[str, Any]:
    return {**named, "tags": after["tags"], "description": after["description"] or None}


def _tags(
    after: Mapping[str, Any], former: Mapping[str, str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    version = {"name": after["model"], "version": str(after["number"])}
    for key in sorted(former.keys() | after["tags"].keys()):
        value = after["tags"].get(key)
        if value is None:
            yield "model_version_tag.deleted", {**version, "key": key}
        elif value != former.get(key):
            yield "model_version_tag.set", {**version, "key": key, "value": value}
