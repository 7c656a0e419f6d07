"""What can become of a request for approval: a pure state machine.

Each step takes the request as it is and gives its next revision, or refuses.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.domain.approvals import (
    MAX_ENTRIES,
    Approval,
    ApprovalState,
    Comment,
    Decision,
    Judged,
    Verdict,
)
from core.domain.moments import shown
from core.domain.roles import Action
from core.domain.versions import DIGEST
from core.errors import Conflict, Forbidden, Refusal, Stale


def settled(approval: Approval, now: datetime) -> Approval:
    """The request as it is now: expired if its time is over, else the very same.

    It is the same expired one whoever looks, and whenever: as it is stored in the end.
    """
    if not approval.is_due(now):
        return approval
    expired = ApprovalState.EXPIRED
    return _next(approval, approval.updated_by, approval.expires_at, state=expired)


def commented(approval: Approval, text: str, *, by: str, at: datetime) -> Approval:
    """With a comment more; what is closed can be commented on too. Raises `Invalid`, `Conflict`."""
    comment = Comment(by=by, text=text, at=max(at, approval.updated_at))
    _check_room(approval.comments, "comments")
    return _next(approval, by, at, comments=(*approval.comments, comment))


def decided(
    approval: Approval,
    verdict: Verdict,
    *,
    seen: str,
    today: Judged,
    needs: Mapping[str, int],
    roles: tuple[str, ...],
    by: str,
    at: datetime,
    comment: str = "",
) -> Approval:
    """With a decision on what has the digest `seen`; `needs` and `today` are those of now.

    Raises `Conflict` for a request that is closed or expired, and for a second approval of the
    same; `Forbidden` for the requester, the author, and whoever has none of the roles needed;
    `Stale`, naming what changed, if what was seen is not what there is today.
    """
    check_standing(approval, at)
    _check_may_decide(approval, needs, roles, by, verdict)
    _check_was_seen(approval, seen, today)
    if verdict is Verdict.APPROVE:
        for each in approval.approving(seen):
            if each.by == by:
                raise Conflict(
                    f"You approved exactly this at {shown(each.at)} already.",
                    next_step="Another person has to approve it too, if it needs more.",
                )
    _check_room(approval.decisions, "decisions")
    decision = Decision(
        by=by,
        roles=roles,
        verdict=verdict,
        digest=seen,
        comment=comment,
        at=max(at, approval.updated_at),
    )
    after = _next(approval, by, at, decisions=(*approval.decisions, decision), needs=needs)
    if verdict is Verdict.REJECT:
        return replace(after, state=ApprovalState.REJECTED)
    is_enough = not after.lacking(today.digest)
    return replace(after, state=ApprovalState.APPROVED if is_enough else ApprovalState.OPEN)


def withdrawn(approval: Approval, *, by: str, at: datetime) -> Approval:
    """Taken back. Raises `Conflict` if it is closed already."""
    check_standing(approval, at)
    return _next(approval, by, at, state=ApprovalState.WITHDRAWN)


def used(approval: Approval, *, by: str, at: datetime) -> Approval:
    """Spent on the transition it was for. Raises `Conflict` unless it stands."""
    check_standing(approval, at)
    return _next(approval, by, at, state=ApprovalState.USED)


def _next(approval: Approval, by: str, at: datetime, **changes: Any) -> Approval:
    """The next revision, never dated before the one it follows."""
    return replace(
        approval,
        **changes,
        updated_at=max(at, approval.updated_at),
        updated_by=by,
        revision=approval.revision + 1,
    )


def check_standing(approval: Approval, at: datetime) -> None:
    """Raise `Conflict`, saying how it ended, unless the request can be decided still."""
    current = settled(approval, at)
    if current.is_standing:
        return
    if current.state is ApprovalState.EXPIRED:
        how = f"expired at {shown(current.expires_at)}"
    else:
        how = f"was {current.state} by {current.updated_by}"
    raise Conflict(
        f"The {approval.what} {how}.", next_step="Ask for a new approval if it is still wanted."
    )


def _check_may_decide(
    approval: Approval, needs: Mapping[str, int], roles: tuple[str, ...], by: str, verdict: Verdict
) -> None:
    refusal = Refusal(Action.APPROVAL_DECIDE.value, approval.namespace, approval.model)
    why = approval.bars(by)
    if why:
        raise Forbidden(
            f"{by} {why}, so somebody else has to decide: four eyes.",
            next_step="Ask a colleague with the role to decide it; to take a request back,"
            " withdraw it.",
            refusal=refusal,
        )
    if verdict is Verdict.APPROVE and needs and not needs.keys() & set(roles):
        wanted = ", ".join(sorted(needs))
        raise Forbidden(
            f"The {approval.what} is approved by the roles {wanted}; {by} has none of them.",
            next_step=f"Ask somebody who has one of them: {wanted}.",
            refusal=refusal,
        )


def _check_was_seen(approval: Approval, seen: str, today: Judged) -> None:
    if seen == today.digest:
        return
    since_request = seen == approval.digest
    changed = today.differences(approval.judged)
    if since_request and changed:
        how = f"since the request, {', '.join(changed)} changed"
    elif since_request:
        how = "it changed since the request"
    else:
        how = f"that is {today.digest} today"
    what = seen if DIGEST.fullmatch(seen) else "which is no digest"
    raise Stale(
        f"What you saw, {what}, is not what there is to judge any more: {how}.",
        next_step="Look at the version again and decide about what it is now.",
        problems=[(part, "changed since the request") for part in changed],
    )


def _check_room(entries: tuple[object, ...], what: str) -> None:
    if len(entries) >= MAX_ENTRIES:
        raise Conflict(
            f"The request has {MAX_ENTRIES} {what}: it takes no more.",
            next_step="Withdraw it and ask anew.",
        )
