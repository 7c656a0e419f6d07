"""Approvals: a request to bring a version to a stage, and what people decided of what they saw.

A pure state machine: each step takes the request as it is and gives the next revision, or refuses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from core.domain.moments import shown
from core.errors import Conflict, Forbidden, Invalid, Stale

DEFAULT_TTL = timedelta(days=7)
MAX_TTL = timedelta(days=90)
MAX_COMMENT_CHARACTERS = 4_000
MAX_ENTRIES = 200
"""Of decisions, and of comments, in one request: it is one document."""


class ApprovalState(StrEnum):
    """Open until enough have approved; approved until it is used. The rest is for good."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    USED = "used"


STANDING = frozenset({ApprovalState.OPEN, ApprovalState.APPROVED})
"""States in which a request can still be decided."""


class Verdict(StrEnum):
    """What somebody decided."""

    APPROVE = "approve"
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What there is to judge at a moment: one digest over all of it, and one for each part."""

    digest: str
    parts: Mapping[str, str] = field(default_factory=dict)

    def differences(self, parts: Mapping[str, str]) -> tuple[str, ...]:
        """The names of the parts that are not as they were."""
        names = sorted(self.parts.keys() | parts.keys())
        return tuple(name for name in names if self.parts.get(name) != parts.get(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`by`, who had these roles then, decided about what has this digest."""

    by: str
    roles: tuple[str, ...]
    verdict: Verdict
    digest: str
    comment: str = ""
    at: datetime

    def __post_init__(self) -> None:
        if self.comment:
            check_comment(self.comment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody said."""

    by: str
    text: str
    at: datetime

    def __post_init__(self) -> None:
        check_comment(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A request to bring version `number` from one stage to another.

    `digest` and `judged` are those of the moment of the request (`Judged`); each decision names
    its own. `author` registered the version. `needs` says how many people of which role have to
    approve; none at all means anybody, once.
    """

    id: str
    namespace: str
    model: str
    number: int
    from_stage: str
    to_stage: str
    author: str
    requested_by: str
    requested_at: datetime
    digest: str
    judged: Mapping[str, str] = field(default_factory=dict)
    needs: Mapping[str, int] = field(default_factory=dict)
    expires_at: datetime
    state: ApprovalState = ApprovalState.OPEN
    decisions: tuple[Decision, ...] = ()
    comments: tuple[Comment, ...] = ()
    updated_at: datetime
    updated_by: str
    revision: int = 1

    def __post_init__(self) -> None:
        if not timedelta(0) < self.expires_at - self.requested_at <= MAX_TTL:
            raise Invalid(
                f"The request would expire at {shown(self.expires_at)}; it is made at"
                f" {shown(self.requested_at)}.",
                next_step=f"Let it expire within {MAX_TTL.days} days from now.",
            )

    @property
    def is_standing(self) -> bool:
        """Whether it can still be decided, as far as it knows the time."""
        return self.state in STANDING

    def is_due(self, now: datetime) -> bool:
        """Whether its time is over; a clock that jumps back behind its last change is not asked."""
        return self.is_standing and max(now, self.updated_at) >= self.expires_at

    def bars(self, who: str) -> str:
        """Why this person may not decide (four eyes), in words; empty if nothing is against it."""
        if who == self.requested_by:
            return "asked for the approval"
        return "registered the version" if who == self.author else ""

    def approving(self, digest: str) -> tuple[Decision, ...]:
        """The approvals of exactly what has this digest, one for each person: what they approved
        is still what is judged. Those of the requester and of the author never count."""
        found = {
            each.by: each
            for each in self.decisions
            if each.verdict is Verdict.APPROVE and each.digest == digest and not self.bars(each.by)
        }
        return tuple(found.values())

    def lacking(self, digest: str) -> Mapping[str, int]:
        """How many approvals of what has this digest are missing, by role; `*` is any."""
        approving = self.approving(digest)
        if not self.needs:
            return {} if approving else {"*": 1}
        missing = {
            role: count - sum(role in each.roles for each in approving)
            for role, count in self.needs.items()
        }
        return {role: count for role, count in missing.items() if count > 0}


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
    _check_is_standing(approval, at)
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
    _check_is_standing(approval, at)
    return _next(approval, by, at, state=ApprovalState.WITHDRAWN)


def used(approval: Approval, *, by: str, at: datetime) -> Approval:
    """Spent on the transition it was for. Raises `Conflict` unless it stands."""
    _check_is_standing(approval, at)
    return _next(approval, by, at, state=ApprovalState.USED)


def check_comment(text: str) -> str:
    """Return the text; raise `Invalid` if it is empty, too long, or holds NUL."""
    if not text.strip() or len(text) > MAX_COMMENT_CHARACTERS or "\0" in text:
        raise Invalid(
            f"A comment has 1 to {MAX_COMMENT_CHARACTERS} characters; this one has {len(text)}, or"
            " nothing to read.",
            next_step="Say it in other words.",
        )
    return text


def _next(approval: Approval, by: str, at: datetime, **changes: object) -> Approval:
    """The next revision, never dated before the one it follows."""
    return replace(
        approval,
        **changes,  # type: ignore[arg-type]
        updated_at=max(at, approval.updated_at),
        updated_by=by,
        revision=approval.revision + 1,
    )


def _what(approval: Approval) -> str:
    return (
        f"The request to bring version {approval.number} of {approval.model!r} to"
        f" {approval.to_stage!r}"
    )


def _check_is_standing(approval: Approval, at: datetime) -> None:
    current = settled(approval, at)
    if current.is_standing:
        return
    if current.state is ApprovalState.EXPIRED:
        how = f"expired at {shown(current.expires_at)}"
    else:
        how = f"was {current.state} by {current.updated_by}"
    raise Conflict(
        f"{_what(approval)} {how}.", next_step="Ask for a new approval if it is still wanted."
    )


def _check_may_decide(
    approval: Approval, needs: Mapping[str, int], roles: tuple[str, ...], by: str, verdict: Verdict
) -> None:
    why = approval.bars(by)
    if why:
        raise Forbidden(
            f"{by} {why}, so somebody else has to decide: four eyes.",
            next_step="Ask a colleague with the role to decide it; to take a request back,"
            " withdraw it.",
        )
    if verdict is Verdict.APPROVE and needs and not needs.keys() & set(roles):
        wanted = ", ".join(sorted(needs))
        raise Forbidden(
            f"{_what(approval)} is approved by the roles {wanted}; {by} has none of them.",
            next_step=f"Ask somebody who has one of them: {wanted}.",
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
    raise Stale(
        f"What you saw, {seen[:80]}, is not what there is to judge any more: {how}.",
        next_step="Look at the version again and decide about what it is now.",
        problems=[(part, "changed since the request") for part in changed],
    )


def _check_room(entries: tuple[object, ...], what: str) -> None:
    if len(entries) >= MAX_ENTRIES:
        raise Conflict(
            f"The request has {MAX_ENTRIES} {what}: it takes no more.",
            next_step="Withdraw it and ask anew.",
        )
