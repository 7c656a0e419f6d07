"""Operations on the lifecycle of a namespace."""

from fastapi import Request
from starlette.responses import Response

from core.domain.subjects import lifecycle_subject
from handlers.api.dependencies import AsOf, CurrentCaller, CurrentPage, CurrentRegistry, Reason
from handlers.api.revisions import OptionalRevision
from handlers.api.v1.answers import answers, page, single
from handlers.api.v1.routes import group
from handlers.api.v1.wire.history import change
from handlers.api.v1.wire.lifecycles import NewLifecycle, lifecycle

router = group("lifecycles", "/namespaces/{namespace}/lifecycle")


@router.get("", openapi_extra=answers((200, "Lifecycle"), (304, None)))
def get_lifecycle(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    as_of: AsOf,
) -> Response:
    """The stages of a namespace and the gates between them; the default ones if none were set."""
    found = registry.lifecycles.get(caller, namespace, as_of=as_of)
    return single(request, lifecycle(found), found.revision)


@router.put("", openapi_extra=answers((200, "Lifecycle"), problems=(409, 412)))
def put_lifecycle(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    body: NewLifecycle,
    expected: OptionalRevision,
    reason: Reason,
) -> Response:
    """Set the stages of a namespace and the gates between them. Needs the role owner.

    Every stage must be reachable from the first one, and only ways marked `back` lead back. A
    stage that holds versions cannot go, nor change what it holds or its alias: 409 names them.
    """
    done = registry.lifecycles.put(
        caller,
        namespace,
        [stage.stage() for stage in body.stages],
        [transition.transition() for transition in body.transitions],
        body.protected_aliases,
        expected_revision=expected,
        reason=reason,
    )
    return single(request, lifecycle(done), done.revision)


@router.get("/history", openapi_extra=answers((200, "ChangePage")))
def page_lifecycle_history(
    registry: CurrentRegistry, caller: CurrentCaller, namespace: str, wanted: CurrentPage
) -> Response:
    """What was changed of the lifecycle, newest first; nothing while it is the default one."""
    subject = lifecycle_subject(namespace)
    return page(registry.history.page(caller, subject, wanted), change)
