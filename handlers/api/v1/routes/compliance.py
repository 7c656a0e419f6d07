"""The operation of holding a version against the rules."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from core.domain.versions import parse_reference
from handlers.api.dependencies import AsOf, CurrentCaller, CurrentRegistry
from handlers.api.v1.answers import answer, answers
from handlers.api.v1.routes import group
from handlers.api.v1.wire.compliance import report

router = group("compliance", "/namespaces/{namespace}/models/{model}/versions/{version}/compliance")


@router.get("", openapi_extra=answers((200, "ComplianceReport")))
def get_compliance(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    version: str,
    as_of: AsOf,
    rules: Annotated[
        list[str] | None,
        Query(description="Rule sets, such as gdpr; those of the namespace if none is named."),
    ] = None,
) -> Response:
    """What a version's documentation lacks: of the EU AI Act (Annex IV) and the GDPR, each item
    that a registry can hold, where it was found, and what to do next.

    It says what is documented, not whether that is true and enough.
    """
    found = registry.compliance.report(
        caller, namespace, model, parse_reference(version), rule_sets=rules, as_of=as_of
    )
    return answer(report(found), headers={"Cache-Control": "private, no-cache"})
