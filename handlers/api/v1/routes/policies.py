"""Operations on the policies of a namespace."""

from fastapi import Request
from starlette.responses import Response

from handlers.api.dependencies import AsOf, CurrentCaller, CurrentRegistry, Reason
from handlers.api.revisions import OptionalRevision
from handlers.api.v1.answers import answers, single
from handlers.api.v1.routes import group
from handlers.api.v1.wire.policies import NewRetention, NewRuleSets, retention, rule_sets

router = group("policies", "/namespaces/{namespace}")


@router.get("/retention", openapi_extra=answers((200, "Retention"), (304, None)))
def get_retention(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    as_of: AsOf,
) -> Response:
    """How long a namespace keeps what is deleted."""
    found = registry.policies.get(caller, namespace, as_of=as_of)
    return single(request, retention(found), found.revision)


@router.put("/retention", openapi_extra=answers((200, "Retention"), problems=(412,)))
def put_retention(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    body: NewRetention,
    expected: OptionalRevision,
    reason: Reason,
) -> Response:
    """Set how long a namespace keeps what is deleted. Needs the role owner.

    What was deleted before is purged no sooner than was promised then, and later if the new rules
    say so.
    """
    done = registry.policies.set_retention(
        caller, namespace, body.rules(), expected_revision=expected, reason=reason
    )
    return single(request, retention(done), done.revision)


@router.get("/rule-sets", openapi_extra=answers((200, "RuleSets"), (304, None)))
def get_rule_sets(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    as_of: AsOf,
) -> Response:
    """The rule sets that versions of a namespace are held against."""
    found = registry.policies.get(caller, namespace, as_of=as_of)
    return single(request, rule_sets(found), found.revision)


@router.put("/rule-sets", openapi_extra=answers((200, "RuleSets"), problems=(412,)))
def put_rule_sets(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    body: NewRuleSets,
    expected: OptionalRevision,
    reason: Reason,
) -> Response:
    """Choose the rule sets that versions of a namespace are held against. Needs the role owner."""
    done = registry.policies.set_rule_sets(
        caller, namespace, body.rule_sets, expected_revision=expected, reason=reason
    )
    return single(request, rule_sets(done), done.revision)
