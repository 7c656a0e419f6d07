"""Operations on deliveries."""

from typing import Annotated, Literal

from fastapi import Query
from starlette.responses import Response

from core.domain.deliveries import DeliveryState
from handlers.api.dependencies import CurrentCaller, CurrentPage, CurrentRegistry
from handlers.api.v1.answers import answer, answers, page
from handlers.api.v1.routes import group
from handlers.api.v1.wire.deliveries import delivery, pinged

router = group("deliveries", "/namespaces/{namespace}/webhooks/{webhook_id}")


@router.get("/deliveries", openapi_extra=answers((200, "DeliveryPage")))
def page_deliveries(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    webhook_id: str,
    wanted: CurrentPage,
    state: Annotated[
        Literal["waiting", "delivered", "dead"] | None,
        Query(description="Only those that wait, were accepted, or were given up."),
    ] = None,
) -> Response:
    """What was delivered, waits or was given up, the newest first. Needs owner or auditor."""
    found = registry.deliveries.page(
        caller, namespace, webhook_id, wanted, state=DeliveryState(state) if state else None
    )
    return page(found, delivery)


@router.get("/deliveries/{event_id}", openapi_extra=answers((200, "Delivery")))
def get_delivery(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    webhook_id: str,
    event_id: str,
) -> Response:
    """What became of one event. Needs the role owner or auditor."""
    return answer(delivery(registry.deliveries.get(caller, namespace, webhook_id, event_id)))


@router.post("/deliveries/{event_id}/redeliver", openapi_extra=answers((200, "Delivery")))
def redeliver(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    webhook_id: str,
    event_id: str,
) -> Response:
    """Let an event of the namespace be sent once more, whatever became of it. Needs the role owner.

    It is sent by the next run of the relay, outside of the order of its subject.
    """
    done = registry.deliveries.redeliver(caller, namespace, webhook_id, event_id)
    return answer(delivery(done))


@router.post("/ping", openapi_extra=answers((200, "Pinged")))
def ping_webhook(
    registry: CurrentRegistry, caller: CurrentCaller, namespace: str, webhook_id: str
) -> Response:
    """Send a signed message of no event (`modelry.webhook.ping`) at once, and say what the target
    answered. Needs the role owner."""
    return answer(pinged(registry.deliveries.ping(caller, namespace, webhook_id)))
