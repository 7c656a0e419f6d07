"""Who may do what in a namespace."""

from starlette.responses import Response

from handlers.api.dependencies import CurrentCaller, CurrentPage, CurrentRegistry
from handlers.api.v1.answers import answers, page
from handlers.api.v1.routes import group
from handlers.api.v1.wire.access import entry

router = group("access", "/namespaces/{namespace}/access")


@router.get("", openapi_extra=answers((200, "AccessEntryPage")))
def page_access(
    registry: CurrentRegistry, caller: CurrentCaller, namespace: str, wanted: CurrentPage
) -> Response:
    """Who may do what in a namespace and by what: grants that reach everywhere, those of the
    namespace and of its models, publishers. Needs the role owner or auditor."""
    return page(registry.access.page(caller, namespace, wanted), entry)
