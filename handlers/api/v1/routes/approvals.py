"""Operations on requests for approval."""

from typing import Annotated
from urllib.parse import quote

from fastapi import Query, Request
from starlette.responses import Response

from core.domain.access import Caller
from core.domain.approvals import Verdict
from core.domain.subjects import approval_subject
from core.registry import Registry
from handlers.api.dependencies import (
    AsOf,
    CreatingCaller,
    CurrentCaller,
    CurrentPage,
    CurrentRegistry,
    Reason,
)
from handlers.api.v1.answers import answer, answers, created, page
from handlers.api.v1.references import number_of
from handlers.api.v1.routes import group
from handlers.api.v1.wire.approvals import NewApproval, NewComment, NewDecision, approval, review
from handlers.api.v1.wire.history import change

router = group("approvals", "/namespaces/{namespace}")

_OF_VERSION = "/models/{model}/versions/{version}/approvals"
_ONE = "/models/{model}/approvals/{approval}"


@router.get("/approvals", openapi_extra=answers((200, "ApprovalPage")))
def page_approvals(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    wanted: CurrentPage,
    everybody: Annotated[
        bool, Query(alias="all", description="Also what others have to decide.")
    ] = False,
) -> Response:
    """What waits for your decision in a namespace, oldest first."""
    found = registry.approvals.waiting(caller, namespace, wanted, everybody=everybody)
    return page(found, approval)


@router.get(_OF_VERSION, openapi_extra=answers((200, "ApprovalPage")))
def page_version_approvals(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    version: str,
    wanted: CurrentPage,
    as_of: AsOf,
) -> Response:
    """All requests for approval of a version, newest first."""
    number = number_of(registry, caller, namespace, model, version)
    found = registry.approvals.of_version(caller, namespace, model, number, wanted, as_of=as_of)
    return page(found, approval)


@router.post(
    _OF_VERSION,
    status_code=201,
    openapi_extra=answers((201, "ApprovalReview"), (200, "ApprovalReview"), problems=(409,)),
)
def request_approval(
    request: Request,
    registry: CurrentRegistry,
    caller: CreatingCaller,
    namespace: str,
    model: str,
    version: str,
    body: NewApproval,
    reason: Reason,
) -> Response:
    """Ask that a version may go to a stage from where it is. Needs the role writer.

    200 instead of 201: there is a standing request for just this, which is the answer. 409: the
    version is not ready, or no way leads to the stage.
    """
    number = number_of(registry, caller, namespace, model, version)
    done = registry.approvals.request(
        caller,
        namespace,
        model,
        number,
        to_stage=body.to,
        rollback=body.rollback,
        ttl=body.ttl(),
        comment=body.comment,
        reason=reason,
    )
    place = f"/namespaces/{namespace}/models/{quote(model, safe='')}/approvals/{done.approval.id}"
    return answer(review(done), 201 if done.is_new else 200, created(request, place))


@router.get(_ONE, openapi_extra=answers((200, "ApprovalReview"), (304, None)))
def get_approval(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    approval: str,
    as_of: AsOf,
) -> Response:
    """A request for approval, and what there is to judge today."""
    return answer(review(registry.approvals.get(caller, namespace, model, approval, as_of=as_of)))


@router.get(f"{_ONE}/history", openapi_extra=answers((200, "ChangePage")))
def page_approval_history(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    approval: str,
    wanted: CurrentPage,
) -> Response:
    """What happened to a request for approval, newest first, field by field."""
    subject = approval_subject(namespace, model, approval)
    return page(registry.history.page(caller, subject, wanted), change)


@router.post(f"{_ONE}/approve", openapi_extra=answers((200, "ApprovalReview"), problems=(409, 412)))
def approve_transition(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    approval: str,
    body: NewDecision,
    reason: Reason,
) -> Response:
    """Approve what has the digest. Needs the role that the gate names, approver by default.

    403 for who asked for it or registered the version (four eyes). 409: it is closed, or you
    approved just this before. 412 naming what changed: that is not what there is to judge today.
    """
    return _decide(registry, caller, (namespace, model, approval), Verdict.APPROVE, body, reason)


@router.post(f"{_ONE}/reject", openapi_extra=answers((200, "ApprovalReview"), problems=(409, 412)))
def reject_transition(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    approval: str,
    body: NewDecision,
    reason: Reason,
) -> Response:
    """Reject what has the digest, which closes the request. Needs the role approver or owner.

    403, 409 and 412 as for an approval.
    """
    return _decide(registry, caller, (namespace, model, approval), Verdict.REJECT, body, reason)


@router.post(f"{_ONE}/withdraw", openapi_extra=answers((200, "ApprovalReview"), problems=(409,)))
def withdraw_approval(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    approval: str,
    reason: Reason,
) -> Response:
    """Take a request back. For whoever asked for it, and for owners."""
    return answer(
        review(registry.decisions.withdraw(caller, namespace, model, approval, reason=reason))
    )


@router.post(f"{_ONE}/comment", openapi_extra=answers((200, "ApprovalReview"), problems=(409,)))
def comment_on_approval(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    approval: str,
    body: NewComment,
    reason: Reason,
) -> Response:
    """Say something about a request, even after it was closed. Needs the role writer or approver.

    409: it has 200 comments already.
    """
    done = registry.decisions.comment(caller, namespace, model, approval, body.text, reason=reason)
    return answer(review(done))


def _decide(
    registry: Registry,
    caller: Caller,
    place: tuple[str, str, str],
    verdict: Verdict,
    body: NewDecision,
    reason: str,
) -> Response:
    done = registry.decisions.decide(
        caller, *place, verdict, digest=body.digest, comment=body.comment, reason=reason
    )
    return answer(review(done))
