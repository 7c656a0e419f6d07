"""Operations on webhooks."""

from datetime import timedelta

from fastapi import Request
from starlette.responses import Response

from handlers.api.dependencies import (
    CreatingCaller,
    CurrentCaller,
    CurrentPage,
    CurrentRegistry,
    Reason,
)
from handlers.api.revisions import ExpectedRevision
from handlers.api.v1.answers import answers, page, single
from handlers.api.v1.routes import group
from handlers.api.v1.wire.webhooks import NewWebhook, Rotation, WebhookPatch, webhook, with_secret

router = group("webhooks", "/namespaces/{namespace}/webhooks")
_NEVER_KEPT = {"Cache-Control": "no-store"}


@router.get("", openapi_extra=answers((200, "WebhookPage")))
def page_webhooks(
    registry: CurrentRegistry, caller: CurrentCaller, namespace: str, wanted: CurrentPage
) -> Response:
    """The webhooks of a namespace, the oldest first. Needs the role owner or auditor."""
    return page(registry.webhooks.page(caller, namespace, wanted), webhook)


@router.post("", status_code=201, openapi_extra=answers((201, "NewWebhook"), problems=(409,)))
def create_webhook(
    request: Request,
    registry: CurrentRegistry,
    caller: CreatingCaller,
    namespace: str,
    body: NewWebhook,
    reason: Reason,
) -> Response:
    """Tell a target of what happens from now on. Needs the role owner.

    The target is an https URL on the public internet, or the name of a queue, topic or bus that an
    operator has set up. The secret that messages are signed with is in this answer and nowhere
    else; it is null if the request repeats an earlier one, or if nothing is signed.
    """
    made = registry.webhooks.create(caller, namespace, body.fields(), reason=reason)
    found = made.webhook
    return single(
        request,
        with_secret(made),
        found.revision,
        status=201,
        location=f"/namespaces/{namespace}/webhooks/{found.id}",
        more_headers=_NEVER_KEPT,
    )


@router.get("/{webhook_id}", openapi_extra=answers((200, "Webhook"), (304, None)))
def get_webhook(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    webhook_id: str,
) -> Response:
    """One of them. Needs the role owner or auditor."""
    found = registry.webhooks.get(caller, namespace, webhook_id)
    return single(request, webhook(found), found.revision)


@router.patch("/{webhook_id}", openapi_extra=answers((200, "Webhook"), problems=(412, 428)))
def update_webhook(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    webhook_id: str,
    body: WebhookPatch,
    expected: ExpectedRevision,
    reason: Reason,
) -> Response:
    """Change it, or disable it (`state`) and make it active again. Needs the role owner.

    What happens while it is disabled is told once it is active again.
    """
    done = registry.webhooks.update(
        caller, namespace, webhook_id, body.changes(), expected=expected, reason=reason
    )
    return single(request, webhook(done), done.revision)


@router.delete("/{webhook_id}", status_code=204, openapi_extra=answers((204, None)))
def delete_webhook(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    webhook_id: str,
    reason: Reason,
) -> Response:
    """Tell it nothing any more; what waits is not sent. Needs the role owner."""
    registry.webhooks.delete(caller, namespace, webhook_id, reason=reason)
    return Response(status_code=204)


@router.post(
    "/{webhook_id}/rotate-secret", openapi_extra=answers((200, "NewWebhook"), problems=(409,))
)
def rotate_webhook_secret(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    webhook_id: str,
    reason: Reason,
    body: Rotation,
) -> Response:
    """Give it a new secret, which is in this answer and nowhere else. Needs the role owner.

    For `grace_seconds` (a day) messages are signed with the former one too.
    """
    made = registry.webhooks.rotate(
        caller,
        namespace,
        webhook_id,
        grace=timedelta(seconds=body.grace_seconds),
        reason=reason,
    )
    return single(request, with_secret(made), made.webhook.revision, more_headers=_NEVER_KEPT)
