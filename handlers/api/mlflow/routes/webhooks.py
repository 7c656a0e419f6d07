"""Operations on webhooks: receivers made for MLflow's are sent what MLflow would send them."""

from typing import Any

from starlette.responses import Response

from core.domain.webhooks import Format, WebhookState
from core.errors import Invalid
from handlers.api.dependencies import CurrentCaller, CurrentRegistry
from handlers.api.mlflow.answers import answered
from handlers.api.mlflow.bodies import CurrentFields, Fields
from handlers.api.mlflow.pages import listed, wanted
from handlers.api.mlflow.routes import group
from handlers.api.mlflow.scope import CurrentNamespace
from handlers.api.mlflow.wire.webhooks import event_name, event_names, tested, webhook

router = group("webhooks")

PAGE = 100
MAX_PAGE = 1_000


@router.post("/mlflow/webhooks")
def create_webhook(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    fields: CurrentFields,
) -> Response:
    """Tell a URL of MLflow's events, signed as MLflow does if a secret is given."""
    said = {
        "name": fields.required("name"),
        "target": _url(fields),
        "events": event_names(fields),
        "description": fields.text("description") or "",
        "format": Format.MLFLOW,
        "state": _state(fields) or WebhookState.ACTIVE,
    }
    secret = fields.text("secret") or None
    made = registry.webhooks.create(caller, namespace, said, secret=secret, unsigned=not secret)
    return answered({"webhook": webhook(made.webhook)})


@router.get("/mlflow/webhooks")
def list_webhooks(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    fields: CurrentFields,
) -> Response:
    """The webhooks of a namespace, whoever made them."""
    return listed(
        "webhooks",
        lambda request: registry.webhooks.page(caller, namespace, request),
        webhook,
        wanted(fields, default=PAGE, most=MAX_PAGE),
    )


@router.get("/mlflow/webhooks/{webhook_id}")
def get_webhook(
    registry: CurrentRegistry, caller: CurrentCaller, namespace: CurrentNamespace, webhook_id: str
) -> Response:
    """One of them; its secret is never answered."""
    return answered({"webhook": webhook(registry.webhooks.get(caller, namespace, webhook_id))})


@router.patch("/mlflow/webhooks/{webhook_id}")
def update_webhook(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    webhook_id: str,
    fields: CurrentFields,
) -> Response:
    """Change what is given of it."""
    changes: dict[str, Any] = {
        name: fields.text(name) for name in ("name", "description") if fields.has(name)
    }
    if fields.has("url"):
        changes["target"] = _url(fields)
    if fields.has("events"):
        changes["events"] = event_names(fields)
    state = _state(fields)
    if state is not None:
        changes["state"] = state
    secret = fields.text("secret") or None
    done = registry.webhooks.update(caller, namespace, webhook_id, changes, secret=secret)
    return answered({"webhook": webhook(done)})


@router.delete("/mlflow/webhooks/{webhook_id}")
def delete_webhook(
    registry: CurrentRegistry, caller: CurrentCaller, namespace: CurrentNamespace, webhook_id: str
) -> Response:
    """Tell it nothing any more."""
    registry.webhooks.delete(caller, namespace, webhook_id)
    return answered()


@router.post("/mlflow/webhooks/{webhook_id}/test")
def test_webhook(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    webhook_id: str,
    fields: CurrentFields,
) -> Response:
    """Send an example of an event at once, and say what the receiver answered."""
    entry = fields.entry("event")
    event = None if entry is None else event_name(entry)
    answer = registry.deliveries.ping(caller, namespace, webhook_id, event=event)
    return answered({"result": tested(answer)})


def _url(fields: Fields) -> str:
    url = fields.required("url")
    if ":" not in url:  # the name of a queue, topic or bus is not for these clients
        raise Invalid(
            f"{url[:80]!a} is no URL.", next_step="Give the https address of the receiver."
        )
    return url


def _state(fields: Fields) -> WebhookState | None:
    status = fields.text("status")
    if not status:
        return None
    if status.lower() not in set(WebhookState):
        raise Invalid(
            f"Invalid value {status[:40]!a} for parameter 'status'.",
            next_step="Choose ACTIVE or DISABLED.",
        )
    return WebhookState(status.lower())
