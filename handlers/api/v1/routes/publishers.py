"""Operations on trusted publishers."""

from fastapi import Request
from starlette.responses import Response

from handlers.api.dependencies import CurrentCaller, CurrentPage, CurrentRegistry, Reason
from handlers.api.v1.answers import answers, page, single
from handlers.api.v1.routes import group
from handlers.api.v1.wire.publishers import NewPublisher, publisher

router = group("publishers", "/namespaces/{namespace}/publishers")


@router.get("", openapi_extra=answers((200, "PublisherPage")))
def page_publishers(
    registry: CurrentRegistry, caller: CurrentCaller, namespace: str, wanted: CurrentPage
) -> Response:
    """The workloads that a namespace trusts, by name. Needs the role owner or auditor."""
    return page(registry.publishers.page(caller, namespace, wanted), publisher)


@router.get("/{publisher_name}", openapi_extra=answers((200, "Publisher"), (304, None)))
def get_publisher(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    publisher_name: str,
) -> Response:
    """One of them. Needs the role owner or auditor."""
    found = registry.publishers.get(caller, namespace, publisher_name)
    return single(request, publisher(found), found.revision)


@router.put("/{publisher_name}", openapi_extra=answers((200, "Publisher")))
def put_publisher(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    publisher_name: str,
    body: NewPublisher,
    reason: Reason,
) -> Response:
    """Trust the workload whose token has all of these claims. Needs the role owner.

    The issuer is one of those that the settings trust for workloads. A table names who the
    workload is, by names and by ids, and which of its runs are meant.
    """
    done = registry.publishers.put(
        caller,
        namespace,
        publisher_name,
        body.issuer,
        body.claims,
        reason=reason,
        **body.terms(),
    )
    return single(request, publisher(done), done.revision)


@router.delete("/{publisher_name}", status_code=204, openapi_extra=answers((204, None)))
def remove_publisher(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    publisher_name: str,
    reason: Reason,
) -> Response:
    """Trust it no more. Needs the role owner."""
    registry.publishers.remove(caller, namespace, publisher_name, reason=reason)
    return Response(status_code=204)
